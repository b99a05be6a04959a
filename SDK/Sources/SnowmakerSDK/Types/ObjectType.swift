@_exported public import SnowmakerModel

/// One type of resource that a plugin brings.
///
/// The schema is usually all there is to it: validating, reading, comparing and rendering SQL follow from it. The
/// methods are for quirks; each has a default that does what the schema says.
///
/// ```swift
/// struct ResourceMonitor: ObjectType {
///   let schema = TypeSchema(
///     "resource_monitor", plural: "resource_monitors", sqlName: "RESOURCE MONITOR", identity: [.name],
///     attributes: [
///       .objectName,
///       AttributeSchema("credit_quota", .integer(minimum: 1), property: "CREDIT_QUOTA", column: "credit_quota"),
///     ])
/// }
/// ```
///
/// All methods are pure: same arguments, same answer, nothing remembered, no input or output. They may be called on
/// any thread, several at once.
public protocol ObjectType: Sendable {
  /// What the type is.
  var schema: TypeSchema { get }

  /// Rules that need more than one attribute. Called only when `schema.validates` is set.
  func validate(_ resource: DeclaredResource, context: RequestContext) -> [Diagnostic]

  /// Turns a written resource into canonical ones. Called only when `schema.expands` is set.
  func expand(_ written: WrittenResource, context: RequestContext) -> Expansion

  /// Rewrites a written resource from an older schema version, one that `snowmaker.yaml` pins. The default refuses.
  func upgrade(_ written: Value, from version: Int) throws(Diagnostic) -> Value

  /// The same, where the plugin's own configuration matters. The default asks the one without.
  func upgrade(_ written: Value, from version: Int, context: RequestContext) throws(Diagnostic) -> Value

  /// One round of reading. The default sends the statements of the schema's read groups and decodes their rows.
  func read(_ request: ReadRequest) throws(Diagnostic) -> ReadReply

  /// Corrects what the default reading made of one object: called with the row of each bulk read group and with all
  /// rows of each per-object read group, after the attributes were decoded by their columns.
  /// Answers false to leave the object out (a row of another kind in a shared SHOW).
  func observe(_ observation: inout Observation, group: ReadGroup, rows: RowSet) -> Bool

  /// Plans one resource. The default compares attribute by attribute and renders CREATE, ALTER, RENAME and DROP.
  func plan(_ item: PlanItem, request: PlanRequest) throws(Diagnostic) -> Change
}

extension ObjectType {
  /// Has no rules.
  public func validate(_ resource: DeclaredResource, context: RequestContext) -> [Diagnostic] { [] }

  /// Takes the written resource as it is.
  public func expand(_ written: WrittenResource, context: RequestContext) -> Expansion {
    Expansion(resources: [ExpandedResource(type: schema.type, attributes: written.value)])
  }

  /// Refuses: there is no older version.
  public func upgrade(_ written: Value, from version: Int) throws(Diagnostic) -> Value {
    throw .error(
      "\(schema.type) has no schema version \(version)",
      detail: "It is at version \(schema.version); remove the pin `schemas: {\(schema.type): \(version)}`.",
      code: "unknown-schema-version")
  }

  /// Upgrades whatever the configuration of the plugin.
  public func upgrade(_ written: Value, from version: Int, context: RequestContext) throws(Diagnostic) -> Value {
    try upgrade(written, from: version)
  }

  /// Reads by the schema's read groups.
  public func read(_ request: ReadRequest) throws(Diagnostic) -> ReadReply {
    try SchemaReader(self).read(request)
  }

  /// Takes what was read as it is.
  public func observe(_ observation: inout Observation, group: ReadGroup, rows: RowSet) -> Bool { true }

  /// Plans by the schema.
  public func plan(_ item: PlanItem, request: PlanRequest) throws(Diagnostic) -> Change {
    try SchemaPlanner(schema).plan(item)
  }
}

/// What a plugin is: a name, a version and the types it brings.
public protocol Plugin: Sendable {
  /// The name in the file name: `libsnowmaker-<name>.so`.
  static var name: String { get }
  /// `major.minor.patch`.
  static var version: String { get }
  /// One sentence.
  static var doc: String { get }
  init()
  /// The types it brings.
  var types: [any ObjectType] { get }
  /// What it must be allowed to do beyond answering: `network`. The default needs nothing.
  static var requires: [String] { get }
  /// The functions it offers to configuration; the default has none.
  var functions: [Function] { get }
  /// Guard rails over a whole plan. Answer diagnostics; the default has none.
  var check: (@Sendable (CheckRequest) -> [Diagnostic])? { get }
}

extension Plugin {
  /// Says nothing.
  public static var doc: String { "" }
  /// Brings none.
  public var types: [any ObjectType] { [] }
  /// Offers none.
  public var functions: [Function] { [] }
  /// Needs nothing.
  public static var requires: [String] { [] }
  /// Checks nothing.
  public var check: (@Sendable (CheckRequest) -> [Diagnostic])? { nil }
}

// MARK: - Attributes that most types have

extension AttributeSchema {
  /// The object's own name.
  public static let objectName = AttributeSchema(
    "name", .identifier, column: "name", doc: "The name, by Snowflake's rules: unquoted is upper case."
  ).required()

  /// The database that holds the object. The edge to it follows from the identity part.
  public static let databaseName = AttributeSchema(
    "database", .identifier, column: "database_name", doc: "The database that holds it."
  ).required()

  /// The schema that holds the object, as `SCHEMA` beside `database` or as `DATABASE.SCHEMA`.
  public static let schemaName = AttributeSchema(
    "schema", .identifier, column: "schema_name", doc: "The schema that holds it."
  ).required()

  /// The comment.
  public static let comment = AttributeSchema(
    "comment", .text, property: "COMMENT", column: "comment", doc: "A comment."
  ).blankIsNull()

  /// The tags set on the object, by name, read by `ReadGroup.tags(of:)`, which the type's read groups need.
  public static let tags = unreadTags.read(by: "tags")

  /// The tags set on an object of a domain that Snowflake answers no tags for: what the ledger remembers counts as what
  /// is there.
  ///
  /// Source: <https://docs.snowflake.com/en/user-guide/object-tagging/introduction>.
  public static let unreadTags = AttributeSchema(
    "tags", .map(.text, keys: .reference(["tag"])), property: "TAG",
    doc: "Tags by name (`DB.SCHEMA.TAG`, or the bare name of a tag that is declared here) and their values; null takes "
      + "a tag off. Tags that are not named are left alone."
  ).attached().edge(.uses, onTargetDrop: .detachFirst)

  /// The role that owns the object: created first, then handed over with its grants.
  public static let owner = AttributeSchema(
    "owner", .reference(["role"]), column: "owner",
    doc: "The role that owns it. It is created first and then handed over, grants kept."
  ).unset(.impossible)
}

extension ReadGroup {
  /// Reads the tags of an object of a domain (`WAREHOUSE`), one statement for each object that declares tags. It needs
  /// no running warehouse; a value may be inherited from a container.
  ///
  /// Source: <https://docs.snowflake.com/en/sql-reference/functions/system_get_tag>.
  public static func tags(of domain: String) -> ReadGroup {
    ReadGroup(
      "tags", "SELECT SYSTEM$GET_TAG({tag}, {name}, '\(domain)')", per: .object, shape: .tags,
      costClass: "SELECT SYSTEM$GET_TAG")
  }
}
