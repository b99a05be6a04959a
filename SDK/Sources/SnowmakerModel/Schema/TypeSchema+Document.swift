extension TypeSchema: DocumentCodable {
  /// `{"type", "plural", "version", "doc", "sql_name", "sql_plural", "identity", "namespace", "forms", "attributes",
  /// "reads", "expands", "validates", "composite", "merges_duplicates", "group_by", "creates_implicitly", "privileges",
  /// "create_privilege", "wants_planned_creates", "adopts_in_part", "edition", "applies", "examples", "emulation"}`; type, plural, identity
  /// and attributes are always there.
  public var document: Value {
    var builder = DocumentBuilder()
    let standard = TypeSchema(type, plural: plural, sqlName: sqlName, identity: [], attributes: [])
    builder.set("type", Value.string(type))
    builder.set("plural", Value.string(plural))
    if version != standard.version { builder.set("version", version) }
    builder.set(text: "doc", doc)
    builder.set("sql_name", sqlName)
    if sqlPlural != standard.sqlPlural { builder.set("sql_plural", sqlPlural.map(Value.string) ?? .null) }
    builder.set("identity", Value.list(identity.map(\.document)))
    if namespace != standard.namespace { builder.set("namespace", Value.string(namespace)) }
    if forms != standard.forms { builder.set("forms", Value.list(forms.map(\.document))) }
    builder.set("attributes", Value.list(attributes.map(\.document)))
    builder.set("reads", reads)
    builder.set(flag: "expands", expands)
    builder.set(flag: "validates", validates)
    builder.set(flag: "composite", isComposite)
    builder.set(flag: "merges_duplicates", mergesDuplicates)
    builder.set("group_by", groupBy)
    builder.set("creates_implicitly", createsImplicitly)
    builder.set("privileges", privileges)
    builder.set("create_privilege", createPrivilege)
    builder.set("related_types", relatedTypes)
    builder.set(flag: "stands_in_checks", standsInChecks)
    builder.set(flag: "wants_planned_creates", wantsPlannedCreates)
    builder.set(flag: "adopts_in_part", adoptsInPart)
    builder.set("edition", minimumEdition, unless: .standard)
    builder.set(flag: "applies", applies)
    builder.set("examples", examples)
    builder.set("emulation", emulation)
    return builder.document
  }

  /// Reads what `document` writes. Throws when a required key is missing or a value has the wrong kind.
  public init(document: Value) throws(DocumentError) {
    try document.requireObject("type")
    let type = try document.require("type", in: "type")
    let what = "type '\(type)'"
    let plural = try document.require("plural", in: what)
    let sqlName = try document.text("sql_name", in: what)
    do throws(DocumentError) {
      guard let identity = try document.documents("identity", as: IdentityPart.self, in: what) else {
        throw DocumentError(what, "'identity' is missing")
      }
      let attributes = try document.documents("attributes", as: AttributeSchema.self, in: what) ?? []
      self.init(type, plural: plural, sqlName: sqlName, identity: identity, attributes: attributes)
      forms = try document.documents("forms", in: what) ?? forms
      reads = try document.documents("reads", in: what) ?? []
      createsImplicitly = try document.documents("creates_implicitly", in: what) ?? []
      examples = try document.documents("examples", in: what) ?? []
      if let value = document.find("emulation"), value != .null { emulation = try Emulation(document: value) }
    } catch {
      throw error.what == what ? error : DocumentError(what, error.description)
    }
    version = try document.integer("version", in: what).map { Int($0) } ?? version
    doc = try document.text("doc", in: what) ?? ""
    if document.find("sql_plural") != nil { sqlPlural = try document.text("sql_plural", in: what) }
    namespace = try document.text("namespace", in: what) ?? namespace
    expands = try document.flag("expands", in: what)
    applies = try document.flag("applies", in: what)
    validates = try document.flag("validates", in: what)
    isComposite = try document.flag("composite", in: what)
    mergesDuplicates = try document.flag("merges_duplicates", in: what)
    groupBy = try document.texts("group_by", in: what) ?? []
    privileges = try document.texts("privileges", in: what) ?? []
    createPrivilege = try document.text("create_privilege", in: what)
    relatedTypes = document["related_types"].strings
    standsInChecks = try document.flag("stands_in_checks", in: what)
    wantsPlannedCreates = try document.flag("wants_planned_creates", in: what)
    adoptsInPart = try document.flag("adopts_in_part", in: what)
    minimumEdition = try document.choice("edition", in: what) ?? .standard
  }
}

extension IdentityPart: DocumentCodable {
  /// The attribute's name, or, for a container, `{"attribute", "container"}`.
  public var document: Value {
    guard let containerType else { return .string(attribute) }
    return ["attribute": .string(attribute), "container": .string(containerType)]
  }

  /// Reads what `document` writes. Throws when a required key is missing or a value has the wrong kind.
  public init(document: Value) throws(DocumentError) {
    if let attribute = document.string {
      self.init(attribute)
    } else {
      try document.requireObject("identity part")
      self.init(
        try document.require("attribute", in: "identity part"),
        container: try document.text("container", in: "identity part"))
    }
  }
}

extension SurfaceForm: DocumentCodable {
  /// `{"form": "plural", "key"}`, `{"form": "nested", "parent", "key", "fills"}` or
  /// `{"form": "pairs", "key", "name", "value"}`.
  public var document: Value {
    switch self {
    case .plural(let key): ["form": "plural", "key": .string(key)]
    case .nested(let parent, let key, let fills):
      ["form": "nested", "parent": .string(parent), "key": .string(key), "fills": .string(fills)]
    case .pairs(let key, let name, let value):
      ["form": "pairs", "key": .string(key), "name": .string(name), "value": .string(value)]
    }
  }

  /// Reads what `document` writes. Throws when a required key is missing or a value has the wrong kind.
  public init(document: Value) throws(DocumentError) {
    let what = "surface form"
    try document.requireObject(what)
    let key = try document.require("key", in: what)
    switch try document.require("form", in: what) {
    case "plural": self = .plural(key)
    case "nested":
      self = .nested(
        parent: try document.require("parent", in: what), key: key, fills: try document.require("fills", in: what))
    case "pairs":
      self = .pairs(
        key, name: try document.require("name", in: what), value: try document.require("value", in: what))
    case let form: throw DocumentError(what, "there is no form '\(form)'")
    }
  }
}

extension ImplicitChild: DocumentCodable {
  /// `{"type", "name"}`.
  public var document: Value { ["type": .string(type), "name": .string(name)] }

  /// Reads what `document` writes. Throws when a required key is missing or a value has the wrong kind.
  public init(document: Value) throws(DocumentError) {
    self.init(
      type: try document.require("type", in: "implicit child"), name: try document.require("name", in: "implicit child")
    )
  }
}
