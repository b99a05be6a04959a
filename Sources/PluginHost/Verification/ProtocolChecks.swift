import CSnowmaker
import Glibc
import SnowmakerModel

/// What is checked of how requests are taken, whatever they ask.
enum ProtocolChecks {
  static let all: [VerificationCheck] = [
    VerificationCheck(
      "unknown-method-unsupported", .protocol, "methods it does not know are answered UNSUPPORTED, without a reply",
      run: unknownMethod),
    VerificationCheck(
      "unknown-fields-ignored", .protocol, "keys it does not know, anywhere in a request, change nothing",
      run: unknownFields),
    VerificationCheck(
      "truncated-request-malformed", .protocol, "a request cut short is answered MALFORMED", run: truncated),
    VerificationCheck(
      "random-requests", .protocol, "no bytes and no document make it crash, panic or answer nonsense (seeded)",
      seconds: 120, run: Fuzzing.run),
    VerificationCheck(
      "deep-nesting", .protocol, "lists and maps nested 100,000 deep are answered, not a crash", run: deepNesting),
    VerificationCheck("empty-batch", .protocol, "nothing asked, nothing answered", run: emptyBatch),
    VerificationCheck(
      "json-and-cbor-agree", .protocol, "a request in JSON is answered like the same one in CBOR", run: encodingsAgree),
    VerificationCheck(
      "cancelled-emit", .protocol, "it returns CANCELLED when emit says that the caller gave up", run: cancelledEmit),
    VerificationCheck(
      "concurrent-calls", .protocol, "eight threads at once get the answers that one gets", run: concurrentCalls),
    VerificationCheck(
      "serial-flag-honoured", .protocol, "its flags are known ones, its peer never changes, any thread may call",
      run: serialCalls),
  ]

  typealias Ending = VerificationCheck.Ending

  @Sendable private static func unknownMethod(_ subject: VerificationSubject) throws(Ending) {
    let plugin = try subject.load()
    for method in [0, 2, 15, 33, 47, 62, 64, 65, 66, 1000, UInt32.max] as [UInt32] {
      let answer = plugin.call(method, CBOR.encode([:]))
      guard answer.status == Int32(SNOWMAKER_UNSUPPORTED) else {
        throw .failed("method \(method) is answered \(RawPlugin.name(of: answer.status)), not UNSUPPORTED")
      }
      guard answer.emitted.isEmpty else { throw .failed("method \(method) is UNSUPPORTED, and yet has a reply") }
    }
  }

  @Sendable private static func unknownFields(_ subject: VerificationSubject) throws(Ending) {
    let plugin = try subject.load()
    for request in SampleRequests(manifest: try plugin.manifest()).all {
      let plain = plugin.call(request.method, request.document)
      let more = plugin.call(request.method, withMore(request.document))
      guard plain.status == more.status, plain.bytes == more.bytes else {
        throw .failed(
          "\(request.subject): with keys it cannot know, the answer is another one "
            + "(\(RawPlugin.name(of: more.status))\(RawPlugin.reasons(more)))")
      }
    }
  }

  /// The document with a key more, in itself, its context and its items; not in what users or accounts fill.
  private static func withMore(_ document: Value) -> Value {
    guard case .object(let fields) = document else { return document }
    let inner = fields.map { field -> Value.Field in
      switch field.key {
      case "context": .init(field.key, withMore(field.value))
      case "items", "resources", "wanted", "changes": .init(field.key, .list(field.value.list.map(withMore)))
      default: field
      }
    }
    return .object(inner + [.init("$added_later", ["x": [1, nil, "y"]])])
  }

  @Sendable private static func truncated(_ subject: VerificationSubject) throws(Ending) {
    let plugin = try subject.load()
    let requests = SampleRequests(manifest: try plugin.manifest()).batches
    if requests.isEmpty { throw .skipped("it has no type and checks nothing: no method reads its request") }
    for request in requests {
      let bytes = CBOR.encode(request.document)
      for length in Set([1, bytes.count / 3, bytes.count / 2, bytes.count - 1]).sorted() where length > 0 {
        let answer = plugin.call(request.method.rawValue, Array(bytes[..<length]))
        guard answer.status == Int32(SNOWMAKER_MALFORMED) else {
          throw .failed(
            "\(request.subject), cut to \(length) of \(bytes.count) bytes, is answered "
              + "\(RawPlugin.name(of: answer.status)), not MALFORMED")
        }
      }
    }
  }

  @Sendable private static func deepNesting(_ subject: VerificationSubject) throws(Ending) {
    let plugin = try subject.load()
    let depth = 100_000
    let documents: [(String, [UInt8])] = [
      ("CBOR lists", [UInt8](repeating: 0x81, count: depth) + [0xf6]),
      ("CBOR maps", Array([[UInt8]](repeating: [0xa1, 0x61, 0x61], count: depth).joined()) + [0xf6]),
      ("JSON lists", [UInt8](repeating: UInt8(ascii: "["), count: depth)),
      ("JSON maps", Array([[UInt8]](repeating: Array(#"{"a":"#.utf8), count: depth).joined())),
    ]
    let methods =
      [.describe]
      + Set(SampleRequests(manifest: try plugin.manifest()).batches.map(\.method)).sorted {
        $0.rawValue < $1.rawValue
      }
    for method in methods {
      for (what, bytes) in documents {
        let answer = plugin.call(method.rawValue, bytes)
        let isFine =
          answer.status == Int32(SNOWMAKER_MALFORMED) || method == .describe && answer.status == Int32(SNOWMAKER_OK)
        guard isFine else {
          throw .failed(
            "\(method.name) with \(what) \(depth) deep is answered \(RawPlugin.name(of: answer.status)), "
              + "not MALFORMED")
        }
      }
    }
  }

  @Sendable private static func emptyBatch(_ subject: VerificationSubject) throws(Ending) {
    let plugin = try subject.load()
    let manifest = try plugin.manifest()
    var asked = 0
    for type in manifest.types {
      var batches: [(PluginMethod, String, String)] = []
      if type.validates { batches.append((.validate, "resources", "results")) }
      if type.expands { batches.append((.expand, "resources", "results")) }
      if !type.isComposite { batches.append((.plan, "items", "changes")) }
      for (method, key, answerKey) in batches {
        asked += 1
        let request: Value = .object([
          .init("context", SampleRequests.context.document), .init("type", .string(type.type)), .init(key, []),
        ])
        let answer = try plugin.ask(method, request)
        guard answer[answerKey].list.isEmpty else {
          throw .failed(
            "\(method.name) of \(type.type): no resource asked about, \(answer[answerKey].list.count) answered")
        }
      }
    }
    if asked == 0 { throw .skipped("it answers no method that takes batches") }
  }

  @Sendable private static func encodingsAgree(_ subject: VerificationSubject) throws(Ending) {
    let plugin = try subject.load()
    var readsJSON = false
    for request in SampleRequests(manifest: try plugin.manifest()).all {
      let binary = plugin.call(request.method, request.document)
      let text = plugin.call(request.method.rawValue, JSON.encode(request.document))
      if text.status == Int32(SNOWMAKER_MALFORMED), binary.status != text.status { continue }
      if request.method != .describe { readsJSON = true }
      guard binary.status == text.status else {
        throw .failed(
          "\(request.subject) is answered \(RawPlugin.name(of: binary.status)) in CBOR, "
            + "\(RawPlugin.name(of: text.status)) in JSON")
      }
      if let first = text.bytes.first, first >= 0x80 {
        throw .failed("\(request.subject), asked in JSON, is answered in CBOR")
      }
      let left = try plugin.document(binary, of: request.method)
      let right = try plugin.document(text, of: request.method)
      guard left == right else { throw .failed("\(request.subject): the answers in CBOR and in JSON differ") }
    }
    if !readsJSON { throw .skipped("it reads CBOR only, which is allowed") }
  }

  @Sendable private static func cancelledEmit(_ subject: VerificationSubject) throws(Ending) {
    let plugin = try subject.load()
    for request in SampleRequests(manifest: try plugin.manifest()).all {
      let bytes = CBOR.encode(request.document)
      let answer = plugin.call(request.method.rawValue, bytes, emitAnswers: 1)
      guard !answer.emitted.isEmpty else { continue }
      guard answer.status == Int32(SNOWMAKER_CANCELLED) else {
        throw .failed(
          "\(request.subject): emit said stop, and the call returns \(RawPlugin.name(of: answer.status)), not CANCELLED"
        )
      }
      guard answer.emitted.count == 1 else { throw .failed("\(request.subject): it emits again after emit said stop") }
      guard plugin.call(.describe, RawPlugin.describeRequest).status == Int32(SNOWMAKER_OK) else {
        throw .failed("\(request.subject): after a call that was given up, DESCRIBE fails")
      }
    }
  }

  @Sendable private static func concurrentCalls(_ subject: VerificationSubject) throws(Ending) {
    let plugin = try subject.load()
    if plugin.isSerial { throw .skipped("it says SNOWMAKER_SERIAL: the host calls it from one thread at a time") }
    let requests = SampleRequests(manifest: try plugin.manifest()).all
    let encoded = requests.map { ($0.method.rawValue, CBOR.encode($0.document)) }
    let expected = encoded.map { plugin.call($0.0, $0.1).bytes }
    let rounds = max(2, 100 / encoded.count)
    let threads = (0..<8).map { number in
      Errand(seconds: 25) { () -> Int? in
        for round in 0..<rounds {
          for index in encoded.indices {
            let at = (index + number + round) % encoded.count
            if plugin.call(encoded[at].0, encoded[at].1).bytes != expected[at] { return at }
          }
        }
        return nil
      }
    }
    for thread in threads {
      guard let difference = thread.wait() else { throw .failed("eight threads at once do not come to an end") }
      if let at = difference {
        throw .failed("\(requests[at].subject): eight threads at once get another answer than one alone")
      }
    }
  }

  @Sendable private static func serialCalls(_ subject: VerificationSubject) throws(Ending) {
    let plugin = try subject.load()
    let before = plugin.peer.pointee
    if before.flags & ~SNOWMAKER_SERIAL != 0 {
      throw .failed("its peer has the flags \(String(before.flags, radix: 2)), of which ABI 1 knows only the last bit")
    }
    let requests = SampleRequests(manifest: try plugin.manifest()).all
    let expected = requests.map { plugin.call($0.method, $0.document).bytes }
    for (request, bytes) in zip(requests, expected) {
      let errand = Errand(seconds: 10) { plugin.call(request.method, request.document).bytes }
      guard let answer = errand.wait() else { throw .failed("\(request.subject) on a thread of its own does not end") }
      guard answer == bytes else {
        throw .failed("\(request.subject): called from another thread, one at a time, the answer differs")
      }
    }
    let after = plugin.peer.pointee
    guard before.abi == after.abi, before.flags == after.flags, before.ctx == after.ctx else {
      throw .failed("its peer changed while it was called")
    }
  }
}
