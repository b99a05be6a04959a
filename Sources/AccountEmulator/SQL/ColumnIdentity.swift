import SnowmakerModel

/// What AUTOINCREMENT or IDENTITY says of a column.
///
/// Source: <https://docs.snowflake.com/en/sql-reference/sql/create-table> (`AUTOINCREMENT | IDENTITY`).
struct ColumnIdentity {
  var start = 1
  var increment = 1
  /// NOORDER unless it is said otherwise: NOORDER_SEQUENCE_AS_DEFAULT is true in new accounts.
  var isOrdered = false

  init() {}

  init?(_ document: Value) {
    guard case .object = document else { return nil }
    start = Int(document["start"].int ?? 1)
    increment = Int(document["increment"].int ?? 1)
    isOrdered = document["ordered"] == true
  }

  var document: Value {
    ["start": .int(Int64(start)), "increment": .int(Int64(increment)), "ordered": .bool(isOrdered)]
  }

  /// As SHOW COLUMNS and DESCRIBE TABLE tell it.
  var text: String { "IDENTITY START \(start) INCREMENT \(increment) \(isOrdered ? "ORDER" : "NOORDER")" }
}

extension Parser {
  /// `AUTOINCREMENT`, `IDENTITY (1, 1)`, `AUTOINCREMENT START 1 INCREMENT 1 ORDER`; nil when something else comes next.
  mutating func columnIdentity() throws(StatementFailure) -> ColumnIdentity? {
    guard accept("AUTOINCREMENT") || accept("IDENTITY") else { return nil }
    var identity = ColumnIdentity()
    func signed(_ parser: inout Parser) throws(StatementFailure) -> Int {
      let isNegative = parser.acceptSymbol("-")
      let number = try parser.integer()
      return isNegative ? -number : number
    }
    if acceptSymbol("(") {
      identity.start = try signed(&self)
      try expectSymbol(",")
      identity.increment = try signed(&self)
      try expectSymbol(")")
    }
    next: while true {
      if accept("START") {
        if !accept("WITH") { _ = acceptSymbol("=") }
        identity.start = try signed(&self)
      } else if accept("INCREMENT") {
        if !accept("BY") { _ = acceptSymbol("=") }
        identity.increment = try signed(&self)
      } else if accept("ORDER") {
        identity.isOrdered = true
      } else if accept("NOORDER") {
        identity.isOrdered = false
      } else {
        return identity
      }
    }
  }
}
