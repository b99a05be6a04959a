import CSnowmaker
import SnowmakerModel

/// Requests that no host sends: random bytes, damaged documents, documents with parts exchanged. What a plugin answers
/// does not matter; that it answers by the rules does.
enum Fuzzing {
  /// How many inputs there are, shared out among the methods of all types; each gets at least 40.
  static let inputs = 3000

  @Sendable static func run(_ subject: VerificationSubject) throws(VerificationCheck.Ending) {
    let plugin = try subject.load()
    let requests = SampleRequests(manifest: try plugin.manifest()).all
    let inputsPerRequest = max(40, inputs / requests.count)
    var generator = SeededGenerator(seed: subject.seed)
    for request in requests {
      for number in 0..<inputsPerRequest {
        let bytes = input(number, from: request.document, &generator)
        let what = "\(request.subject), input \(number) of seed \(subject.seed)"
        let answer = plugin.call(request.method.rawValue, bytes, subject: "\(what), \(shown(bytes))")
        if let problem = problem(with: answer) {
          throw .failed("\(what): \(problem)\(RawPlugin.reasons(answer)); the request was \(shown(bytes))")
        }
      }
    }
  }

  private static func input(_ number: Int, from document: Value, _ generator: inout SeededGenerator) -> [UInt8] {
    switch number % 4 {
    case 0:
      return (0..<Int.random(in: 0...64, using: &generator)).map { _ in .random(in: 0...255, using: &generator) }
    case 1:
      var bytes = CBOR.encode(document)
      for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
        bytes[Int.random(in: bytes.indices, using: &generator)] = .random(in: 0...255, using: &generator)
      }
      return bytes
    case 2: return CBOR.encode(damaged(document, &generator))
    default: return JSON.encode(damaged(damaged(document, &generator), &generator))
    }
  }

  /// The document with one part of it replaced, taken away or repeated.
  private static func damaged(_ value: Value, _ generator: inout SeededGenerator) -> Value {
    switch value {
    case .object(let fields) where !fields.isEmpty && Int.random(in: 0..<6, using: &generator) > 0:
      var fields = fields
      let at = Int.random(in: fields.indices, using: &generator)
      switch Int.random(in: 0..<8, using: &generator) {
      case 0: fields.remove(at: at)
      case 1: fields.append(fields[at])
      case 2: fields[at].key = "x\(fields[at].key)"
      default: fields[at].value = damaged(fields[at].value, &generator)
      }
      return .object(fields)
    case .list(let elements) where !elements.isEmpty && Int.random(in: 0..<6, using: &generator) > 0:
      var elements = elements
      let at = Int.random(in: elements.indices, using: &generator)
      switch Int.random(in: 0..<6, using: &generator) {
      case 0: elements.remove(at: at)
      case 1: elements.append(elements[at])
      default: elements[at] = damaged(elements[at], &generator)
      }
      return .list(elements)
    default: return odd[Int.random(in: odd.indices, using: &generator)]
    }
  }

  private static let odd: [Value] = [
    .null, .unknown, .bool(true), .int(0), .int(-1), .int(.max), .int(.min), .double(1e308), .double(.nan), .string(""),
    .string("'"), .string("a.b.c.d"), .string("\"unclosed"), .string("\u{0}"), .string("é💡"),
    .string(String(repeating: "x", count: 100_000)), .list([]), .list([.null]), .object([]),
    .object([.init("", .null)]), .secret("env:\(SampleValues.secretName)"),
  ]

  private static func problem(with answer: RawPlugin.Answer) -> String? {
    if let problem = answer.problem { return problem }
    switch Int(answer.status) {
    case SNOWMAKER_OK, SNOWMAKER_FAILED:
      guard (try? RawPlugin.decode(answer.bytes)) != nil else { return "the answer is no document" }
      return nil
    case SNOWMAKER_MALFORMED, SNOWMAKER_UNSUPPORTED: return nil
    default: return "answered \(RawPlugin.name(of: answer.status))"
    }
  }

  /// The request for people: as JSON when it is a document, otherwise in hexadecimal.
  private static func shown(_ bytes: [UInt8]) -> String {
    if let document = try? RawPlugin.decode(bytes) {
      let text = JSON.string(document)
      return text.utf8.count > 2000 ? "\(text.prefix(2000))… (\(bytes.count) bytes)" : text
    }
    let text = bytes.prefix(120).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    return bytes.count > 120 ? "\(text)… (\(bytes.count) bytes)" : text
  }
}
