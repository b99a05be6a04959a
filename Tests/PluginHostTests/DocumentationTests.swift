import SnowmakerModel
import Testing

@testable import PluginHost

/// The documents that docs/provider-contract.md shows are documents.
@Suite struct DocumentationTests {
  /// A block of the page, and what it says it is.
  struct Example: CustomTestStringConvertible, Sendable {
    var kind: String
    var line: Int
    var text: String
    var testDescription: String { "\(kind) in line \(line)" }
  }

  static let examples: [Example] = {
    let bytes = (try? Workshop.read("\(Workshop.repository)/docs/provider-contract.md")) ?? []
    var examples: [Example] = []
    var kind: String?
    var text: String?
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    for (number, line) in lines.enumerated() {
      if line.hasPrefix("<!-- document: ") {
        kind = String(line.dropFirst(15).dropLast(4))
      } else if line == "```json" {
        text = ""
      } else if line == "```", let found = text {
        examples.append(Example(kind: kind ?? "", line: number + 1, text: found))
        (kind, text) = (nil, nil)
      } else if text != nil {
        text? += line + "\n"
      }
    }
    return examples
  }()

  @Test func thereAreSome() { #expect(Self.examples.count >= 10) }

  @Test(arguments: examples) func isWhatItSays(_ example: Example) throws {
    let document = try JSON.decode(Array(example.text.utf8))
    let words = example.kind.split(separator: " ").map(String.init)
    // With a key, the type is that of the elements under it.
    let key: String? = words.count == 2 ? words[1] : nil
    let parts = try key.map { try #require(document.find($0)?.list, "no list '\($0)'") } ?? [document]
    try #require(!parts.isEmpty)
    for part in parts {
      let written = try Self.rewritten(part, as: try #require(words.first))
      #expect(Self.missing(of: part, in: written) == [], "nothing reads these keys")
    }
  }

  /// The document, read and written again.
  private static func rewritten(_ document: Value, as kind: String) throws -> Value {
    switch kind {
    case "Manifest": return try Manifest(document: document).document
    case "TypeExample": return try TypeExample(document: document).document
    case "WrittenResource": return try WrittenResource(document: document).document
    case "Expansion": return try Expansion(document: document).document
    case "ReadRequest": return try ReadRequest(document: document).document
    case "ReadReply": return try ReadReply(document: document).document
    case "PlanRequest": return try PlanRequest(document: document).document
    case "Change": return try Change(document: document).document
    case "ApplyRequest": return try applied(document)
    default:
      Issue.record("no type '\(kind)'")
      return .null
    }
  }

  /// APPLY's request has no type of its own: the SDK hands its parts on.
  private static func applied(_ document: Value) throws -> Value {
    [
      "context": try RequestContext(document: document["context"]).document, "type": document["type"],
      "identity": .list(document["identity"].strings.map(Value.string)), "operation": document["operation"],
    ]
  }

  /// The keys that were not written again although they say something.
  private static func missing(of document: Value, in written: Value, at path: String = "") -> [String] {
    switch (document, written) {
    case (.object(let fields), .object):
      return fields.flatMap { field -> [String] in
        guard let value = written.find(field.key) else {
          return [.null, false, [:], [], "", 1].contains(field.value) ? [] : ["\(path).\(field.key)"]
        }
        return missing(of: field.value, in: value, at: "\(path).\(field.key)")
      }
    case (.list(let elements), .list(let others)) where elements.count == others.count:
      return zip(elements, others).enumerated().flatMap { missing(of: $1.0, in: $1.1, at: "\(path).\($0)") }
    default: return []
    }
  }
}
