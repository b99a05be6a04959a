import EmulatedTypes
import SnowmakerModel

/// Bytes that pretend to be documents: CBOR and JSON. What is read must be written and read as the same again, and the
/// documents that cross the plugin boundary must read any value or refuse it.
struct DocumentTarget: FuzzTarget {
  static let batchSize = 20_000

  private let values: [Value]
  private let mutation: ValueMutation
  private(set) var accepted = 0

  init() {
    let manifests: [Value] = TestTypes.all.map(\.document)
    values = manifests + DocumentCorpus.values
    mutation = ValueMutation(texts: DocumentCorpus.texts)
  }

  mutating func begin(batch: Int) {}
  mutating func end() -> String? { nil }

  mutating func tryOne(_ numbers: inout Numbers, note: ([UInt8]) -> Void) -> String? {
    var value = numbers.one(of: values)
    if !numbers.oneIn(3) { value = mutation.change(value, &numbers) }
    let isCBOR = numbers.oneIn(2)
    var bytes = isCBOR ? CBOR.encode(value) : JSON.encode(value, pretty: numbers.oneIn(4))
    if !numbers.oneIn(3) { ByteMutation.damage(&bytes, most: 4, &numbers) }
    note(bytes)
    let read: Value
    if isCBOR {
      do { read = try CBOR.decode(bytes) } catch { return nil }
    } else {
      do { read = try JSON.decode(bytes) } catch { return error.offset > bytes.count ? "an offset past the end" : nil }
    }
    accepted += 1
    if let problem = Self.rewritten(read) { return problem }
    for reader in DocumentCorpus.readers {
      if let problem = reader(read) { return problem }
    }
    return nil
  }

  /// What was read, written in both spellings and read again. Compared by bytes: a number that is none differs from itself.
  private static func rewritten(_ value: Value) -> String? {
    let cbor = CBOR.encode(value)
    do {
      if CBOR.encode(try CBOR.decode(cbor)) != cbor { return "CBOR does not come back as it was written" }
    } catch { return "CBOR that was written cannot be read: \(error)" }
    let json = JSON.encode(value)
    do {
      if JSON.encode(try JSON.decode(json)) != json { return "JSON does not come back as it was written" }
    } catch { return "JSON that was written cannot be read: \(error)" }
    return nil
  }
}

/// What the fuzzer of documents begins with.
enum DocumentCorpus {
  /// Reads a value as one of the boundary's documents; gives what is wrong when it took it.
  typealias Reader = @Sendable (Value) -> String?

  static let readers: [Reader] = [
    reader(Manifest.self), reader(TypeSchema.self), reader(AttributeSchema.self), reader(AttributeKind.self),
    reader(PlanRequest.self), reader(Change.self), reader(ReadRequest.self), reader(ReadReply.self),
    reader(CheckRequest.self), reader(Expansion.self), reader(DeclaredResource.self), reader(Statement.self),
    reader(Diagnostic.self),
  ]

  private static func reader<T: DocumentCodable>(_ type: T.Type) -> Reader {
    { value in
      guard let document = try? T(document: value) else { return nil }
      // What one side takes, it must be able to write so that the other takes it.
      let written = document.document
      do {
        let again = try T(document: written)
        // By bytes: a number that is none is not equal to itself.
        return CBOR.encode(again.document) == CBOR.encode(written)
          ? nil : "\(type) does not come back as it was written"
      } catch { return "\(type) that was written cannot be read: \(error)" }
    }
  }

  static let texts = [
    "", "name", "type", "types", "attributes", "kind", "statements", "sql", "authority", "owner-of", "address", "reads",
    "emulation", "identity", "text", "integer", "boolean", "enumeration", "record", "set", "list", "reference", "null",
    "values", "minimum", "of", "property", "column", "default", "complete", "partial", "queries", "resources", "state",
    "declared", "observed", "undo", "effects", "severity", "message", "position", "file", "line", "$unknown", "secret",
    "warehouse", "D.S.T", "\"a b\"", "create", "alter", "drop", "é", "\u{0}", "9223372036854775807",
  ]

  static let values: [Value] = [
    [
      "name": "x", "version": "1.0.0",
      "types": [["name": "thing", "plural": "things", "identity": [["name": "name"]], "attributes": []]],
    ],
    [
      "sql": "CREATE ROLE {0}", "authority": ["kind": "create-in", "object": ["type": "ACCOUNT", "name": ""]],
      "slots": [["text": "A"]], "phase": "main",
    ],
    [
      "context": ["account": "A", "edition": "ENTERPRISE", "configuration": ["a": .double(1.5)]], "type": "thing",
      "items": [
        [
          "address": "thing.A", "declared": ["name": "A", "size": 3, "tags": ["x", "y"], "none": nil],
          "observed": ["name": "A", "size": .unknown],
        ]
      ],
    ],
    [
      "round": 1, "state": ["rows": [["a", nil], ["b", "c"]]], "wanted": ["names": ["A", "B"]],
      "results": [["id": "q", "columns": ["name", "owner"], "rows": [["A", "SYSADMIN"]]]],
    ],
    [
      "diagnostics": [
        ["severity": "error", "message": "no", "position": ["file": "a.yaml", "line": 3, "column": 7]]
      ]
    ],
    [nil, true, false, 0, -1, 23, 24, 255, 256, 65536, .int(.max), .int(.min), .double(1.5), .double(-0.0), "a", "é"],
    [[[[[[[["deep"]]]]]]]], ["a": ["b": ["c": ["d": [:]]]]], "text", 7, nil, .unknown,
  ]
}
