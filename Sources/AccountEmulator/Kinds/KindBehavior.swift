import SnowmakerModel

/// What a kind does that its description cannot say. Every function has a default that does nothing.
protocol KindBehavior: Sendable {
  /// The facts that are numbers.
  var numericFacts: Set<String> { get }
  /// A fact of an object that a column of SHOW asks for; nil when the kind does not know it, `.some(nil)` for NULL.
  func fact(_ name: String, of object: StoredObject, in run: StatementRun) -> String??
  /// Objects that SHOW lists beside those that are stored.
  func others(in run: StatementRun) -> [StoredObject]
  /// Checks and completes a new object before it is stored.
  func complete(
    _ object: inout StoredObject, from statement: CreateStatement, in run: StatementRun) throws(StatementFailure)
  /// After an object was created.
  func created(_ object: StoredObject, in run: StatementRun)
  /// Checks and completes what ALTER … SET or UNSET makes of an object before it is stored.
  func alter(
    _ object: inout StoredObject, from before: StoredObject, in run: StatementRun) throws(StatementFailure)
  /// Refuses a DROP. Called after the privileges were checked.
  func willDrop(_ object: StoredObject, restrict: Bool, in run: StatementRun) throws(StatementFailure)
  /// A DESCRIBE of its own; nil for what the description says.
  func describe(_ object: StoredObject, in run: StatementRun) -> StatementResult?
  /// Whether DESCRIBE tells an attribute that no read group of properties has.
  func describes(_ attribute: AttributeSchema) -> Bool
  /// Whether DESCRIBE tells a part of a record with this value.
  func describes(_ part: AttributeSchema, of record: AttributeSchema, in value: Value) -> Bool
  /// The parent property under which DESCRIBE tells the parts of a record; nil for the attribute's own property.
  func parentProperty(of attribute: AttributeSchema) -> String?
  /// What a property's literal means to this kind alone; nil for what the attribute's kind says.
  func value(of property: String, _ literal: Literal) -> Value?
  /// What UNSET of a property leaves, when that is not the default.
  func unset(_ property: String) -> Value?
}

extension KindBehavior {
  var numericFacts: Set<String> { [] }
  func fact(_ name: String, of object: StoredObject, in run: StatementRun) -> String?? { nil }
  func others(in run: StatementRun) -> [StoredObject] { [] }
  func complete(
    _ object: inout StoredObject, from statement: CreateStatement, in run: StatementRun
  ) throws(StatementFailure) {}
  func created(_ object: StoredObject, in run: StatementRun) {}
  func alter(
    _ object: inout StoredObject, from before: StoredObject, in run: StatementRun
  ) throws(StatementFailure) {}
  func willDrop(_ object: StoredObject, restrict: Bool, in run: StatementRun) throws(StatementFailure) {}
  func describe(_ object: StoredObject, in run: StatementRun) -> StatementResult? { nil }
  func unset(_ property: String) -> Value? { nil }
  func value(of property: String, _ literal: Literal) -> Value? { nil }
  func describes(_ attribute: AttributeSchema) -> Bool { false }
  func describes(_ part: AttributeSchema, of record: AttributeSchema, in value: Value) -> Bool { true }
  func parentProperty(of attribute: AttributeSchema) -> String? { nil }
}

/// A kind that its description says everything about.
struct PlainBehavior: KindBehavior {}

/// An object of the account.
struct StoredObject: Sendable {
  /// The SQL name of its kind.
  var kind: String
  /// The full canonical name.
  var name: String
  /// When it was created, in milliseconds since 1970.
  var createdOn: Int64
  /// What was set, in canonical form by attribute name; parameters and extra properties by their SQL names.
  var attributes: [String: Value] = [:]
  /// What the emulator notes for itself; never shown as it is.
  var notes: [String: Value] = [:]

  /// Whether it ends with its session.
  var isTemporary: Bool { notes[World.temporaryNote] != nil }

  /// Whether it is a stage whose files the account itself keeps.
  var isInternalStage: Bool { kind == "STAGE" && (text("url") ?? "").isEmpty }

  /// The name's last part, without quotes.
  var plainName: String {
    guard name.utf8.contains(UInt8(ascii: "\"")) else {
      return name.utf8.lastIndex(of: Ascii.dot).map { String(name[name.index(after: $0)...]) } ?? name
    }
    return parts[parts.count - 1].name
  }
  /// The parts of the name.
  var parts: [Identifier] {
    guard name.utf8.contains(UInt8(ascii: "\"")) else {
      return name.split(separator: ".").map { Identifier(exact: String($0)) }
    }
    return (try? QualifiedName(parsing: name))?.parts ?? [Identifier(exact: name)]
  }
  /// A set attribute's text.
  func text(_ attribute: String) -> String? { attributes[attribute]?.string }
}
