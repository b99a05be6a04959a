extension AttributeSchema: DocumentCodable {
  /// `{"name", "kind", "doc", "property", "clause", "rendering", "column", "group", "required", "change", "default", "unset",
  /// "sensitive", "blank_is_null", "aliases", "edge", "on_target_drop", "edition"}`; only name and kind are always there.
  ///
  /// A `default` of null says that Snowflake has nothing by itself; no `default` says that it is not known.
  public var document: Value {
    var builder = DocumentBuilder()
    builder.set("name", Value.string(name))
    builder.set("kind", kind.document)
    builder.set(text: "doc", doc)
    builder.set("property", property)
    if let clause { builder.set("clause", clause.document) }
    builder.set("rendering", rendering, unless: .automatic)
    builder.set("column", column)
    if group != Self.defaultGroup { builder.set("group", Value.string(group)) }
    builder.set(flag: "required", isRequired)
    builder.set("change", change, unless: .alter)
    if let defaultValue { builder.set("default", defaultValue) }
    if unset != .unset { builder.set("unset", unset.document) }
    builder.set(flag: "sensitive", isSensitive)
    builder.set(flag: "set_after_creation", isSetAfterCreation)
    builder.set("bare_words", bareWords)
    builder.set(flag: "blank_is_null", isBlankNull)
    builder.set("aliases", aliases)
    builder.set("edge", edge, unless: .uses)
    builder.set("on_target_drop", onTargetDrop, unless: .blocks)
    builder.set("edition", minimumEdition, unless: .standard)
    return builder.document
  }

  /// Reads what `document` writes. Throws when a required key is missing or a value has the wrong kind.
  public init(document: Value) throws(DocumentError) {
    try document.requireObject("attribute")
    let name = try document.require("name", in: "attribute")
    let what = "attribute '\(name)'"
    guard let kind = document.find("kind") else { throw DocumentError(what, "'kind' is missing") }
    do throws(DocumentError) {
      self.init(name, try AttributeKind(document: kind))
    } catch {
      throw DocumentError(what, error.description)
    }
    doc = try document.text("doc", in: what) ?? ""
    property = try document.text("property", in: what)
    if let clause = document.find("clause") { self.clause = try Clause(document: clause) }
    rendering = try document.choice("rendering", in: what) ?? .automatic
    column = try document.text("column", in: what)
    group = try document.text("group", in: what) ?? Self.defaultGroup
    isRequired = try document.flag("required", in: what)
    change = try document.choice("change", in: what) ?? .alter
    defaultValue = document.find("default")
    if let unset = document.find("unset") { self.unset = try Unset(document: unset) }
    isSensitive = try document.flag("sensitive", in: what)
    isSetAfterCreation = try document.flag("set_after_creation", in: what)
    bareWords = document["bare_words"].strings
    isBlankNull = try document.flag("blank_is_null", in: what)
    aliases = try document.texts("aliases", in: what) ?? []
    edge = try document.choice("edge", in: what) ?? .uses
    onTargetDrop = try document.choice("on_target_drop", in: what) ?? .blocks
    minimumEdition = try document.choice("edition", in: what) ?? .standard
  }

  private static let defaultGroup = "show"
}

extension AttributeSchema.Clause: DocumentCodable {
  /// `{"create", "alter"}`; the second may be missing.
  public var document: Value {
    var builder = DocumentBuilder()
    builder.set("create", Value.string(create))
    builder.set("alter", alter)
    return builder.document
  }

  /// Reads what `document` writes. Throws when a required key is missing, a value has the wrong kind, or a text has not one
  /// `{}` for the value.
  public init(document: Value) throws(DocumentError) {
    let what = "clause"
    try document.requireObject(what)
    self.init(create: try document.require("create", in: what), alter: try document.text("alter", in: what))
    guard isSound else { throw DocumentError(what, "'{}' must stand once for the value in each of its texts") }
  }
}

extension AttributeSchema.Unset: DocumentCodable {
  /// `"unset"`, `"impossible"`, or `{"set": value}`.
  public var document: Value {
    switch self {
    case .unset: "unset"
    case .impossible: "impossible"
    case .set(let value): ["set": value]
    }
  }

  /// Reads what `document` writes. Throws when a required key is missing or a value has the wrong kind.
  public init(document: Value) throws(DocumentError) {
    switch document {
    case "unset": self = .unset
    case "impossible": self = .impossible
    default:
      guard let value = document.find("set") else {
        throw DocumentError("unset", "expected 'unset', 'impossible' or a map with 'set'")
      }
      self = .set(value)
    }
  }
}
