/// One way of reading attributes: a statement, how often it is sent, and how its answer is laid out.
public struct ReadGroup: Hashable, Sendable {
  /// The name that attributes refer to, e.g. `show`, `describe`, `parameters`.
  public var name: String
  /// The statement; `{name}` stands for the object's (or scope's) full SQL name.
  public var statement: String
  /// How often the statement is sent: once, per database or per object.
  public var per: Per
  /// How the answer is laid out: objects, properties or parameters in rows.
  public var shape: Shape
  /// For bulk shapes: the columns that hold the identity, outermost part first. An empty name stands for the database
  /// that the statement was sent for, where the answer has no column for it.
  public var keyColumns: [String]
  /// The class of statement that the plan's read cost counts it under, e.g. `SHOW WAREHOUSES`, `DESCRIBE STAGE`.
  public var costClass: String

  /// A read group; without a `costClass`, that is the statement's words without those that hold a placeholder.
  public init(
    _ name: String, _ statement: String, per: Per, shape: Shape, keyColumns: [String] = ["name"],
    costClass: String? = nil
  ) {
    self.name = name
    self.statement = statement
    self.per = per
    self.shape = shape
    self.keyColumns = keyColumns
    self.costClass = costClass ?? statement.split(separator: " ").filter { !$0.contains("{") }.joined(separator: " ")
  }

  /// How often the statement is sent.
  public enum Per: String, Sendable {
    /// Once for the account.
    case account
    /// Once per database in use.
    case database
    /// Once per object that declares (or has in the ledger) an attribute of this group.
    case object
  }

  /// How the answer is laid out.
  public enum Shape: String, Sendable {
    /// One row per object, attributes in columns.
    case rows
    /// The object's one row, attributes in columns.
    case row
    /// One row per property: columns `property` and `property_value`.
    case properties
    /// One row per parameter: columns `key`, `value`, `level`; an attribute is set when its level is the object's own.
    case parameters
    /// One row, with a column for each tag that was asked for: the statement's part after SELECT stands once per tag, with
    /// `{tag}` for its name and `{name}` for the object's, both in quotes.
    case tags
  }
}
