import SnowmakerModel

/// The statements of a ledger that is kept in the account: all there are.
///
/// This is snowmaker's own storage and no object type being handled: file formats are the smallest objects of a schema
/// that carry a comment, can be made and listed without a running warehouse, and do nothing by themselves. See
/// docs/decisions/0002-a-ledger-in-the-account.md.
enum AccountLedgerSQL {
  /// Makes an object. Fails with `alreadyExists` when there is one of that name: that is what locking rests on.
  static func create(_ name: String, in schema: String, comment: String) -> String {
    "CREATE FILE FORMAT \(schema).\(name) TYPE = CSV COMMENT = \(SQLLiteral.quote(comment))"
  }

  /// Removes an object. Fails with `missing` when there is none.
  static func drop(_ name: String, in schema: String) -> String { "DROP FILE FORMAT \(schema).\(name)" }

  /// Lists the objects whose names begin with `prefix`, with their comments.
  static func list(_ prefix: String, in schema: String) -> String {
    "SHOW FILE FORMATS LIKE '\(prefix)%' IN SCHEMA \(schema)"
  }

  /// What reading costs is counted under.
  static let listClass = "SHOW FILE FORMATS (ledger)"
  /// "Object already exists."
  static let alreadyExists = "002002"
  /// "Object does not exist or not authorized."
  static let missing: Set<String> = ["002003", "002043"]
  /// What the role needs, for messages.
  static func grants(schema: String, database: String, role: String) -> String {
    "GRANT USAGE ON DATABASE \(database) TO ROLE \(role); GRANT USAGE, CREATE FILE FORMAT ON SCHEMA \(schema) TO ROLE "
      + "\(role)"
  }
}
