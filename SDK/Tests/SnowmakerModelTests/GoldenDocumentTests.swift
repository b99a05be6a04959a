import Glibc
import Testing

@testable import SnowmakerModel

/// The documents are a contract with plugins that were built before: each kind, with every field set, is committed as
/// JSON under `Golden`, and both writing and reading must agree with it.
///
/// A field that is added changes its file: run the tests with `SNOWMAKER_WRITE_GOLDEN=1`, and commit the new file with
/// a word on why. A line that goes or changes breaks plugins and needs a new protocol major (docs/plugin-abi.md).
@Suite struct GoldenDocumentTests {
  /// A document with every field set, and one with none, which shows what a new field's default must not write.
  struct Sample: Sendable, CustomTestStringConvertible {
    let name: String
    let document: Value
    /// The document after reading it and writing it again.
    let reread: @Sendable (Value) throws -> Value
    /// The fields of the full sample that are as in the plain one.
    let unset: [String]
    var testDescription: String { name }

    init<T: DocumentCodable>(_ name: String, _ full: T, plain: T) {
      self.name = name
      document = full.document
      reread = { try T(document: $0).document }
      unset = zip(Mirror(reflecting: full).children, Mirror(reflecting: plain).children).compactMap { left, right in
        String(reflecting: left.value) == String(reflecting: right.value) ? left.label : nil
      }
    }
  }

  private static let folder = #filePath.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/Golden"

  private static func read(_ path: String) -> [UInt8]? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 4096)
    while case let count = fread(&piece, 1, piece.count, file), count > 0 { bytes += piece[..<count] }
    return bytes
  }

  private static func write(_ text: String, to path: String) throws {
    let file = try #require(fopen(path, "w"))
    fputs(text, file)
    fclose(file)
  }

  static var samples: [Sample] {
    let none = Value.object([])
    return [
      Sample("manifest", Samples.manifest, plain: Manifest(name: "x", version: "1", types: [])),
      Sample("type", Samples.type, plain: TypeSchema("x", plural: "xs", identity: [], attributes: [])),
      Sample("function", Samples.function, plain: FunctionSchema("x", parameters: [], result: .integer)),
      Sample("attribute", Samples.attribute, plain: AttributeSchema("x", .any)),
      Sample("example", Samples.example, plain: TypeExample(create: none)),
      Sample("read-group", Samples.readGroup, plain: ReadGroup("show", "SHOW X", per: .account, shape: .rows)),
      Sample("emulation", Samples.emulation, plain: Emulation(showColumns: [])),
      Sample("diagnostic", Samples.diagnostic, plain: .error("x")),
      Sample("context", Samples.context, plain: RequestContext()),
      Sample("written-resource", Samples.written, plain: WrittenResource(type: "x", form: "plural", value: none)),
      Sample("expansion", Samples.expansion, plain: Expansion()),
      Sample(
        "declared-resource", DeclaredResource(identity: ["A"], attributes: ["name": "A"]),
        plain: DeclaredResource(identity: [], attributes: none)),
      Sample("read-request", Samples.readRequest, plain: ReadRequest(type: "x", wanted: [])),
      Sample("read-result", Samples.readResult, plain: ReadResult(sql: "x")),
      Sample("read-reply", Samples.readReply, plain: ReadReply()),
      Sample("observation", Samples.observation, plain: Observation(identity: [])),
      Sample(
        "plan-request",
        PlanRequest(
          context: Samples.context, type: "schema", items: [Samples.planItem],
          plannedCreates: [SQLObject("TABLE", "RAW.SALES.T")]), plain: PlanRequest(type: "x", items: [])),
      Sample("plan-item", Samples.planItem, plain: PlanItem(identity: [], declared: nil, observed: nil)),
      Sample("change", Samples.change, plain: Change(.none)),
      Sample("statement", Samples.statement, plain: Statement("x", authorities: [])),
      Sample(
        "check-request",
        CheckRequest(context: Samples.context, changes: [Samples.checkedChange], standing: [Samples.checkedChange]),
        plain: CheckRequest(context: RequestContext(), changes: [])),
    ]
  }

  @Test(arguments: samples) func isWhatItWas(sample: Sample) throws {
    let path = "\(Self.folder)/\(sample.name).json"
    let text = JSON.string(sample.document, pretty: true) + "\n"
    if getenv("SNOWMAKER_WRITE_GOLDEN") != nil { try Self.write(text, to: path) }
    let golden = try #require(Self.read(path), "\(path) is missing")
    #expect(text == String(decoding: golden, as: UTF8.self), "the document changed; see GoldenDocumentTests")
  }

  @Test(arguments: samples) func isStillUnderstood(sample: Sample) throws {
    let golden = try #require(Self.read("\(Self.folder)/\(sample.name).json"))
    let document = try JSON.decode(golden)
    #expect(try sample.reread(document) == document)
  }

  /// A field that is new and not in the sample would slip through.
  @Test(arguments: samples) func setsEveryField(sample: Sample) { #expect(sample.unset.isEmpty) }

  @Test func protocolAndMethodsAreWhatTheyWere() throws {
    #expect(Manifest.protocolVersion.hasPrefix("1."))
    let methods = PluginMethod.allCases.map { "\($0.rawValue) \($0.name)" }
    #expect(
      methods == [
        "1 DESCRIBE", "16 VALIDATE", "17 EXPAND", "18 READ", "19 PLAN", "20 CHECK", "21 UPGRADE", "32 FUNCTION",
        "48 APPLY", "63 SHUTDOWN", "64 LOG", "65 QUERY", "66 PROGRESS",
      ])
  }
}
