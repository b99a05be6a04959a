import SnowmakerModel

/// The moment of which CLONE takes the source.
enum CloneMoment {
  /// Milliseconds before now.
  case offset(Int64)
  /// A moment as text; the emulator keeps no history, so that it only has to be one.
  case timestamp(String)
  case statement(String)
}

/// Another account's share, listing or database that a database is created from.
enum DatabaseOrigin {
  case share(ObjectName)
  case listing(String)
  case replica(ObjectName)
}

extension Parser {
  /// `AT (OFFSET => -60)` and its relatives after CLONE; nil when there is none.
  mutating func cloneMoment() throws(StatementFailure) -> CloneMoment? {
    guard accept("AT") || accept("BEFORE") else { return nil }
    try expectSymbol("(")
    let word = current.upper
    advance()
    try expectSymbol("=>")
    let moment: CloneMoment
    switch word {
    case "OFFSET":
      guard case .number(let text) = try literal(), let seconds = Int64(text) else { throw unexpected() }
      moment = .offset(-seconds * 1000)
    case "TIMESTAMP":
      moment = .timestamp(try text())
      if acceptSymbol("::") { advance() }
    case "STATEMENT": moment = .statement(try text())
    default: throw unexpected()
    }
    try expectSymbol(")")
    return moment
  }

  /// `FROM SHARE`, `FROM LISTING` and `AS REPLICA OF` of CREATE DATABASE; nil when there is none.
  mutating func databaseOrigin() throws(StatementFailure) -> DatabaseOrigin? {
    if accept("FROM SHARE") { return .share(try name()) }
    if accept("FROM LISTING") { return .listing(try text()) }
    if accept("AS REPLICA OF") { return .replica(try name()) }
    return nil
  }
}
