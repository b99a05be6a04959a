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

  private static var fullAttribute: AttributeSchema {
    var attribute = AttributeSchema("size", .text, property: "WAREHOUSE_SIZE", column: "size", doc: "How big.")
    attribute.rendering = .quoted
    attribute.group = "parameters"
    attribute.isRequired = true
    attribute.change = .createOnly
    attribute.defaultValue = "XSMALL"
    attribute.unset = .set("XSMALL")
    attribute.isSensitive = true
    attribute.isSetAfterCreation = true
    attribute.bareWords = ["NONE"]
    attribute.isBlankNull = true
    attribute.aliases = ["warehouse_size"]
    attribute.edge = .afterCreatesIn
    attribute.onTargetDrop = .detachFirst
    attribute.minimumEdition = .businessCritical
    return attribute
  }

  private static var fullEmulation: Emulation {
    Emulation(
      showColumns: [
        EmulatedColumn("size", .attribute("size"), echo: ["XSMALL": "X-Small"]),
        EmulatedColumn("created_on", .fact("created_on")), EmulatedColumn("kind", .constant("STANDARD")),
        EmulatedColumn("budget", .constant(nil)),
      ], describeShape: .properties, describeColumns: [EmulatedColumn("property", .constant("x"))],
      extraProperties: ["COPY GRANTS"], modifiers: [.init("TRANSIENT", sets: "is_transient", to: true)],
      parameters: ["TIMEZONE": "UTC"])
  }

  private static var fullType: TypeSchema {
    var type = TypeSchema(
      "file_format", plural: "file_formats", sqlName: "FILE FORMAT", sqlPlural: "ALL FILE FORMATS",
      identity: [.database, .schema, .name], doc: "How files are read.", attributes: [fullAttribute])
    type.version = 3
    type.namespace = "formats"
    type.forms = [
      .plural("file_formats"), .nested(parent: "schema", key: "formats", fills: "schema"),
      .pairs("parameters", name: "name", value: "value"),
    ]
    type.reads = [ReadGroup("show", "SHOW FILE FORMATS IN ACCOUNT", per: .account, shape: .rows)]
    type.expands = true
    type.validates = true
    type.isComposite = true
    type.mergesDuplicates = true
    type.groupBy = ["root"]
    type.createsImplicitly = [ImplicitChild(type: "schema", name: "PUBLIC")]
    type.privileges = ["USAGE"]
    type.createPrivilege = "CREATE FILE FORMAT"
    type.wantsPlannedCreates = true
    type.standsInChecks = true
    type.relatedTypes = ["a"]
    type.minimumEdition = .enterprise
    type.emulation = fullEmulation
    return type
  }

  @Test(
    arguments: [
      .boolean, .integer(), .integer(minimum: 1), .integer(minimum: -5, maximum: 9), .number, .text,
      .enumeration(["A", "B"]), .enumeration(["A"], aliases: ["a1": "A", "a2": "A"]), .identifier, .name,
      .reference(["role", "database_role"]), .reference([]), .objectReference(typeAttribute: "on_type"), .list(.text),
      .set(.list(.integer(minimum: 0))), .map(.any), .record([]), .record([fullAttribute]), .sql, .any,
    ] as [AttributeKind])
  func kindsComeBack(kind: AttributeKind) throws { try roundTrip(kind) }

  @Test func attributesComeBack() throws {
    let plain = AttributeSchema("x", .any)
    everyFieldDiffers(Self.fullAttribute, from: plain)
    try roundTrip(Self.fullAttribute)
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
    everyFieldDiffers(Self.fullType, from: plain)
    try roundTrip(Self.fullType)
    try roundTrip(plain)
    var odd = TypeSchema("x", plural: "xs", sqlName: "X", identity: [], attributes: [])
    try roundTrip(odd)
    odd.sqlPlural = nil
    odd.forms = []
    try roundTrip(odd)
  }

  @Test func readGroupsComeBack() throws {
    let full = ReadGroup(
      "describe", "DESCRIBE STAGE {name}", per: .object, shape: .properties, keyColumns: ["a", "b"], costClass: "DESC")
    let plain = ReadGroup("show", "SHOW ROLES", per: .account, shape: .rows)
    everyFieldDiffers(full, from: plain)
    try roundTrip(full)
    try roundTrip(plain)
    try roundTrip(ReadGroup("p", "SHOW PARAMETERS IN {name}", per: .database, shape: .parameters, keyColumns: []))
  }

  @Test func emulationsComeBack() throws {
    everyFieldDiffers(Self.fullEmulation, from: Emulation(showColumns: []))
    try roundTrip(Self.fullEmulation)
    try roundTrip(Emulation(showColumns: []))
  }

  @Test func manifestsComeBack() throws {
    var full = Manifest(
      name: "stages", version: "1.2.3", sdk: "swift 0.1.0", doc: "Files.", types: [Self.fullType], checks: true)
    full.protocolVersion = "1.7"
    let plain = Manifest(name: "x", version: "0.0.1", types: [])
    everyFieldDiffers(full, from: plain)
    try roundTrip(full)
    try roundTrip(plain)
  }

  @Test func diagnosticsComeBack() throws {
    let full = Diagnostic(
      .warning, "summary", detail: "detail", path: ["schemas", "0"], code: "unknown-key",
      address: Address("schema", ["RAW", "\"my schema\""]),
      position: SourcePosition(file: "a.yml", line: 3, column: 7))
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
