public import SnowmakerModel

/// Rows of an answer, by column name. Columns that an account does not have are simply not there.
public struct RowSet: Sendable {
  /// Lower-case column names.
  public let columns: [String]
  /// One list per row; each value is text or null.
  public let rows: [[Value]]

  /// These rows.
  public init(columns: [String], rows: [[Value]]) {
    self.columns = columns
    self.rows = rows
  }

  /// The rows of an answer.
  public init(_ result: ReadResult) {
    self.init(columns: result.columns, rows: result.rows)
  }

  /// The place of a column, nil when the answer has none of that name.
  public func index(of column: String) -> Int? { columns.firstIndex(of: column) }

  /// The text in a row's column; nil when there is no such column or row, or the value is NULL.
  public func text(_ row: Int, _ column: String) -> String? {
    guard rows.indices.contains(row), let index = index(of: column), index < rows[row].count else { return nil }
    return rows[row][index].string
  }

  /// One row as a set of its own.
  public func row(_ row: Int) -> RowSet { RowSet(columns: columns, rows: [rows[row]]) }

  /// For answers with a row per property: the value of `property` (columns `property`/`property_value`, or
  /// `name`/`value`), nil when there is none or it is NULL.
  public func property(_ name: String) -> String? {
    let keyColumn = index(of: "property") ?? index(of: "name")
    let valueColumn = index(of: "property_value") ?? index(of: "value")
    guard let keyColumn, let valueColumn else { return nil }
    for row in rows where keyColumn < row.count && valueColumn < row.count {
      if let key = row[keyColumn].string, key.uppercased() == name.uppercased() { return row[valueColumn].string }
    }
    return nil
  }
}
