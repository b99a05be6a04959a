import Testing

@testable import SnowmakerModel

/// What crosses the plugin boundary comes back exactly, with every field set and with none.
@Suite struct DocumentTests {
  private func roundTrip<T: DocumentCodable & Equatable>(_ item: T) throws {
    #expect(try T(document: item.document) == item)
    #expect(try T(document: CBOR.decode(CBOR.encode(item.document))) == item)
    #expect(try T(document: JSON.decode(JSON.encode(item.document))) == item)
    if case .object(let fields) = item.document {
      #expect(try T(document: .object(fields + [.init("$added_later", ["x": 1])])) == item)
    }
  }

  /// Every stored property of `full` differs from that of `plain`, so that a forgotten field cannot pass unnoticed.
  private func everyFieldDiffers<T>(_ full: T, from plain: T) {
    for (left, right) in zip(Mirror(reflecting: full).children, Mirror(reflecting: plain).children) {
      #expect(String(reflecting: left.value) != String(reflecting: right.value), "\(left.label ?? "")")
    }
  }

  private func failure<T: DocumentCodable>(_ type: T.Type, _ document: Value) -> String? {
    do throws(DocumentError) {
      _ = try T(document: document)
      return nil
    } catch { return error.description }
  }

  @Test(
    arguments: [
      .boolean, .integer(), .integer(minimum: 1), .integer(minimum: -5, maximum: 9), .number, .text,
      .enumeration(["A", "B"]), .enumeration(["A"], aliases: ["a1": "A", "a2": "A"]), .identifier, .name,
      .reference(["role", "database_role"]), .reference([]), .objectReference(typeAttribute: "on_type"), .list(.text),
      .set(.list(.integer(minimum: 0))), .map(.any), .map(.text, keys: .reference(["tag"])), .record([]),
      .record([Samples.attribute]), .sql, .any,
    ] as [AttributeKind])
  func kindsComeBack(kind: AttributeKind) throws { try roundTrip(kind) }

  @Test func attributesComeBack() throws {
    let plain = AttributeSchema("x", .any)
    everyFieldDiffers(Samples.attribute, from: plain)
    try roundTrip(Samples.attribute)
    try roundTrip(plain)
    #expect(JSON.string(plain.document) == #"{"name":"x","kind":"any"}"#)
    try roundTrip(AttributeSchema("x", .text).defaults(to: nil))
    try roundTrip(AttributeSchema("x", .text).unset(.impossible))
    try roundTrip(AttributeSchema("x", .text).unset(.set(nil)))
    for change in [AttributeSchema.Change.alter, .replace, .createOnly, .never] {
      var attribute = plain
      attribute.change = change
      try roundTrip(attribute)
    }
  }

  @Test func typesComeBack() throws {
    let plain = TypeSchema("x", plural: "xs", identity: [.name], attributes: [])
    everyFieldDiffers(Samples.type, from: plain)
    try roundTrip(Samples.type)
    try roundTrip(plain)
    var odd = TypeSchema("x", plural: "xs", sqlName: "X", identity: [], attributes: [])
    try roundTrip(odd)
    odd.sqlPlural = nil
    odd.forms = []
    try roundTrip(odd)
  }

  @Test func readGroupsComeBack() throws {
    let full = Samples.readGroup
    let plain = ReadGroup("show", "SHOW ROLES", per: .account, shape: .rows)
    everyFieldDiffers(full, from: plain)
    try roundTrip(full)
    try roundTrip(plain)
    try roundTrip(ReadGroup("p", "SHOW PARAMETERS IN {name}", per: .database, shape: .parameters, keyColumns: []))
  }

  @Test func emulationsComeBack() throws {
    everyFieldDiffers(Samples.emulation, from: Emulation(showColumns: []))
    try roundTrip(Samples.emulation)
    try roundTrip(Emulation(showColumns: []))
  }

  @Test func manifestsComeBack() throws {
    let full = Samples.manifest
    let plain = Manifest(name: "x", version: "0.0.1", types: [])
    everyFieldDiffers(full, from: plain)
    try roundTrip(full)
    try roundTrip(plain)
  }

  @Test func diagnosticsComeBack() throws {
    let full = Samples.diagnostic
    let plain = Diagnostic.error("x")
    everyFieldDiffers(full, from: plain)
    try roundTrip(full)
    try roundTrip(plain)
    try roundTrip(Diagnostic(.note, ""))
  }

  @Test func saysWhatIsWrongWithADocument() {
    #expect(failure(Manifest.self, []) == "manifest: expected a map, found list")
    #expect(failure(Manifest.self, ["name": "x"]) == "manifest: 'protocol' must be text, found null")
    #expect(
      failure(Manifest.self, ["name": "x", "version": "1", "protocol": "1.0", "types": 3])
        == "manifest: 'types' must be a list, found number")
    #expect(failure(AttributeSchema.self, ["name": "x"]) == "attribute 'x': 'kind' is missing")
    #expect(
      failure(AttributeSchema.self, ["name": "x", "kind": "txt"])
        == "attribute 'x': attribute kind: there is no kind 'txt'")
    #expect(
      failure(AttributeSchema.self, ["name": "x", "kind": "text", "change": "often"])
        == "attribute 'x': 'change' has the unknown value 'often'")
    #expect(
      failure(AttributeSchema.self, ["name": "x", "kind": "text", "aliases": ["a", 1]])
        == "attribute 'x': 'aliases' must be a list of texts, found number in it")
    #expect(
      failure(AttributeKind.self, ["kind": "list"]) == "attribute kind: a list needs 'of', the kind of its elements")
    #expect(
      failure(
        TypeSchema.self,
        ["type": "t", "plural": "ts", "identity": ["name"], "attributes": [["name": "a", "kind": 4]]])
        == "type 't': attribute 'a': attribute kind: expected a map, found number")
    #expect(failure(TypeSchema.self, ["type": "t", "plural": "ts"]) == "type 't': 'identity' is missing")
    #expect(
      failure(EmulatedColumn.self, ["name": "c"])
        == "emulated column 'c': one of 'attribute', 'fact' and 'constant' must say where its value comes from")
    #expect(failure(SurfaceForm.self, ["form": "odd", "key": "k"]) == "surface form: there is no form 'odd'")
    #expect(failure(Diagnostic.self, [:]) == "diagnostic: 'summary' must be text, found null")
  }
}
