/// How an answer is made to differ from what the account says: a column that is renamed or gone, other values, another
/// code. For trying how clients take what a behaviour change brings, and whether `calibrate` sees it.
public struct AnswerChange: Sendable, Equatable {
  /// The column that is changed, by its exact name; nil: none.
  public var column: String?
  /// What the column is called instead.
  public var renamed: String?
  /// Whether the column is left out.
  public var isDropped = false
  /// The type the column says it has.
  public var type: ResultColumn.ResultType?
  /// Only cells with this text get `value`; nil: every cell.
  public var from: String?
  /// What stands in the column's cells.
  public var value: String?
  /// The code, SQL state and text that a failure has instead of its own.
  public var code, sqlState, message: String?

  /// A change of `column`, or of failures when it is nil.
  public init(column: String? = nil) { self.column = column }

  /// The answer, changed. An answer without the column stays as it is.
  func applied(to result: StatementResult) -> StatementResult {
    guard let column, let index = result.columns.firstIndex(where: { $0.name == column }) else { return result }
    var changed = result
    if isDropped {
      changed.columns.remove(at: index)
      changed.rows = changed.rows.map { row in
        var row = row
        row.remove(at: index)
        return row
      }
      return changed
    }
    if let renamed { changed.columns[index].name = renamed }
    if let type { changed.columns[index].type = type }
    if let value {
      for row in changed.rows.indices where from == nil || changed.rows[row][index] == from {
        changed.rows[row][index] = value
      }
    }
    return changed
  }

  /// The failure, changed.
  func applied(to failure: StatementFailure) -> StatementFailure {
    var changed = failure
    if let code { changed.code = code }
    if let sqlState { changed.sqlState = sqlState }
    if let message { changed.message = message }
    return changed
  }
}
