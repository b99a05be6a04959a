/// The failures that statements end with, with Snowflake's codes, SQL states and texts.
extension StatementFailure {
  private static func compilation(_ code: String, _ state: String, _ text: String) -> StatementFailure {
    StatementFailure(code: code, sqlState: state, message: "SQL compilation error:\n" + text)
  }

  /// The line (from 1) and the column (from 0, in characters) of a byte offset.
  static func place(_ offset: Int, in bytes: [UInt8]) -> (line: Int, position: Int) {
    let before = bytes.prefix(min(offset, bytes.count))
    let line = before.count { $0 == 0x0a } + 1
    let lineStart = before.lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
    return (line, before[lineStart...].count { $0 & 0xc0 != 0x80 })
  }

  static func syntax(_ what: String, at offset: Int, in bytes: [UInt8]) -> StatementFailure {
    let (line, position) = place(offset, in: bytes)
    return StatementFailure(
      code: "001003", sqlState: "42000",
      message: "SQL compilation error:\nsyntax error line \(line) at position \(position) \(what).", line: line,
      position: position)
  }

  /// A statement or a part of one that the emulator does not play.
  static func unsupported(_ feature: String) -> StatementFailure {
    StatementFailure(code: "000002", sqlState: "0A000", message: "Unsupported feature '\(feature)'.")
  }

  static func missing(_ kind: String, _ name: String) -> StatementFailure {
    compilation("002003", "02000", "\(kind) '\(name)' does not exist or not authorized.")
  }

  /// What USE and SHOW … IN answer for what is not there.
  static var notPossible: StatementFailure {
    compilation("002043", "02000", "Object does not exist, or operation cannot be performed.")
  }

  static func exists(_ name: String) -> StatementFailure {
    compilation("002002", "42710", "Object '\(name)' already exists.")
  }

  static func denied(_ kind: String, _ name: String) -> StatementFailure {
    StatementFailure(
      code: "003001", sqlState: "42501",
      message: "SQL access control error:\nInsufficient privileges to operate on \(kind) '\(name)'.")
  }

  static func access(_ text: String) -> StatementFailure {
    StatementFailure(code: "003001", sqlState: "42501", message: "SQL access control error:\n" + text)
  }

  /// A session whose token is restricted to one role refuses even the role it is on. Code and text of USE ROLE are as
  /// users of programmatic access tokens report them; those of USE SECONDARY ROLES are not verified.
  static func restricted(_ statement: String) -> StatementFailure {
    StatementFailure(
      code: "003107", sqlState: "42501", message: "Current session is restricted. \(statement) not allowed.")
  }

  static func partialGrant(_ text: String) -> StatementFailure {
    StatementFailure(code: "003011", sqlState: "42501", message: "Grant partially executed: \(text)")
  }

  /// A warehouse that is suspended or running already. Codes and text as users and tools report them.
  static func invalidState(_ code: String, _ warehouse: String, _ done: String) -> StatementFailure {
    StatementFailure(
      code: code, sqlState: "22000", message: "Invalid state. Warehouse '\(warehouse)' cannot be \(done).")
  }

  static func invalidGrant(_ text: String) -> StatementFailure { compilation("003042", "42601", text) }

  static func invalidProperty(_ name: String, for kind: String) -> StatementFailure {
    compilation("001420", "22023", "invalid property '\(name)' for '\(kind)'")
  }

  static func invalidValue(_ value: String, for property: String, because reason: String = "") -> StatementFailure {
    compilation(
      "001422", "22023", "invalid value '\(value)' for property '\(property)'" + (reason.isEmpty ? "" : ": \(reason)"))
  }

  static func invalidParameter(_ name: String) -> StatementFailure {
    compilation("001006", "42601", "invalid parameter '\(name)'")
  }

  static func invalidParameterValue(_ value: String, for name: String) -> StatementFailure {
    compilation("001008", "22023", "invalid value [\(value)] for parameter '\(name)'")
  }

  static func invalidIdentifier(_ name: String) -> StatementFailure {
    compilation("000904", "42000", "invalid identifier '\(name)'")
  }

  static func noDatabase(_ action: String) -> StatementFailure {
    StatementFailure(
      code: "090105", sqlState: "22000",
      message: "Cannot perform \(action). This session does not have a current database. Call 'USE DATABASE', or use "
        + "a qualified name.")
  }

  static func noSchema(_ action: String) -> StatementFailure {
    StatementFailure(
      code: "090106", sqlState: "22000",
      message: "Cannot perform \(action). This session does not have a current schema. Call 'USE SCHEMA', or use a "
        + "qualified name.")
  }

  static func dependent(_ text: String) -> StatementFailure { compilation("003018", "42501", text) }

  /// The emulator itself cannot go on.
  static func broken(_ reason: String) -> StatementFailure {
    StatementFailure(code: "000603", sqlState: "XX000", message: "The account emulator's storage failed: \(reason)")
  }
}
