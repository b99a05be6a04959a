/// Where the statements of a multi-statement text begin.
struct StatementPlaces {
  private let text: [UInt8]
  private var at = 0
  private var line = 1
  private var position = 0

  init(_ text: String) { self.text = Array(text.utf8) }

  /// The line, from 1, and the position in it, from 0, of the next statement, which must follow the one asked for before.
  mutating func next(_ statement: String) -> (line: Int, position: Int) {
    let wanted = Array(statement.utf8)
    while at < text.count, !text[at...].starts(with: wanted) { step() }
    let place = (line, position)
    for _ in wanted where at < text.count { step() }
    return place
  }

  private mutating func step() {
    if text[at] == 0x0a {
      line += 1
      position = 0
    } else if text[at] & 0xc0 != 0x80 {
      position += 1
    }
    at += 1
  }
}

extension StatementFailure {
  /// The failure of a multi-statement text: it hides which statement failed in its message. The children that ran have
  /// taken effect.
  ///
  /// Source: reports of users, such as <https://github.com/dbcodeio/public/issues/881>.
  static func failedInBatch(
    _ failure: StatementFailure, statement: String, line: Int, position: Int
  ) -> StatementFailure {
    let shown = statement.count > 30 ? statement.prefix(30) + "..." : statement[...]
    return StatementFailure(
      code: "100132", sqlState: "P0000",
      message: "JavaScript execution error: Uncaught Execution of multiple statements failed on statement "
        + "\"\(shown)\" (at line \(line), position \(position)).\n\(failure.message)")
  }
}
