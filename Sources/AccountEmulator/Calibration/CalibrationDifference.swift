/// One way in which the account and the emulator answered a statement differently.
public struct CalibrationDifference: Sendable, Equatable {
  /// What kind of difference it is.
  public enum Kind: String, Sendable, CaseIterable {
    /// One side succeeded, the other failed.
    case outcome
    /// Another code of failure.
    case code
    /// Another SQL state.
    case sqlState = "sql_state"
    /// Another text of failure.
    case text
    /// A column that only one side has.
    case column
    /// The same columns in another order.
    case columnOrder = "column_order"
    /// A column of another type.
    case type
    /// Another number of rows, or rows that only one side has.
    case rows
    /// The same rows in another order.
    case rowOrder = "row_order"
    /// Another value in a cell.
    case value
  }

  /// What kind of difference it is.
  public var kind: Kind
  /// The column it is about; nil when it is about none.
  public var column: String?
  /// What the account answered.
  public var account: String
  /// What the emulator answered.
  public var emulator: String
  /// In how many rows; 1 when it is not about rows.
  public var count = 1

  /// The differences of two normalised answers; none when they are alike.
  public static func between(_ account: CalibrationAnswer, _ emulator: CalibrationAnswer) -> [CalibrationDifference] {
    switch (account, emulator) {
    case (.rows(let one), .rows(let other)): between(one, other)
    case (.failure(let one), .failure(let other)):
      [
        (Kind.code, one.code, other.code), (.sqlState, one.sqlState ?? "", other.sqlState ?? ""),
        (.text, one.message, other.message),
      ].filter { $0.1 != $0.2 }.map { .init(kind: $0.0, account: $0.1, emulator: $0.2) }
    default:
      [.init(kind: .outcome, account: shown(account), emulator: shown(emulator))]
    }
  }

  private static func shown(_ answer: CalibrationAnswer) -> String {
    switch answer {
    case .rows(let rows):
      rows.cells.count == 1 && rows.columns.count == 1
        ? "succeeded: \(rows.cells[0][0] ?? "NULL")" : "succeeded with \(rows.cells.count) rows"
    case .failure(let failure): "failed: \(failure.code) (\(failure.sqlState ?? "")) \(failure.message)"
    case .unknown(let why): "no answer: \(why)"
    }
  }

  private static func between(
    _ account: CalibrationAnswer.Rows, _ emulator: CalibrationAnswer.Rows
  ) -> [CalibrationDifference] {
    var found: [CalibrationDifference] = []
    let names = (account.columns.map(\.name), emulator.columns.map(\.name))
    for name in names.0 where !names.1.contains(name) {
      found.append(.init(kind: .column, column: name, account: "there", emulator: "missing"))
    }
    for name in names.1 where !names.0.contains(name) {
      found.append(.init(kind: .column, column: name, account: "missing", emulator: "there"))
    }
    let common = names.0.filter(names.1.contains)
    let emulated = names.1.filter(names.0.contains)
    if common != emulated {
      found.append(
        .init(
          kind: .columnOrder, account: common.joined(separator: ", "), emulator: emulated.joined(separator: ", ")))
    }
    let places = common.compactMap { name -> (name: String, account: Int, emulator: Int)? in
      guard let one = names.0.firstIndex(of: name), let other = names.1.firstIndex(of: name) else { return nil }
      return (name, one, other)
    }
    for place in places {
      let types = (account.columns[place.account].type, emulator.columns[place.emulator].type)
      if types.0 != types.1 {
        found.append(.init(kind: .type, column: place.name, account: types.0, emulator: types.1))
      }
    }
    let mine = account.cells.map { row in places.map { row[$0.account] } }
    let theirs = emulator.cells.map { row in places.map { row[$0.emulator] } }
    return found + between(mine, theirs, columns: places.map(\.name))
  }

  // MARK: Rows

  private static func between(
    _ account: [[String?]], _ emulator: [[String?]], columns: [String]
  ) -> [CalibrationDifference] {
    if account == emulator { return [] }
    if counted(account) == counted(emulator) {
      return [
        .init(
          kind: .rowOrder, account: keys(account, columns).joined(separator: "; "),
          emulator: keys(emulator, columns).joined(separator: "; "))
      ]
    }
    let names = (keys(account, columns), keys(emulator, columns))
    var found: [CalibrationDifference] = []
    let missing = subtract(names.0, names.1)
    let extra = subtract(names.1, names.0)
    if !missing.isEmpty || !extra.isEmpty {
      found.append(
        .init(
          kind: .rows, account: "\(account.count) rows" + only(missing),
          emulator: "\(emulator.count) rows" + only(extra),
          count: max(missing.count, extra.count)))
    }
    // Rows of the same name, in the order they come.
    var waiting: [String: [[String?]]] = [:]
    for (name, row) in zip(names.1, emulator).reversed() { waiting[name, default: []].append(row) }
    for (index, column) in columns.enumerated() {
      var unlike: [(row: String, account: String?, emulator: String?)] = []
      var left = waiting
      for (name, row) in zip(names.0, account) {
        guard let other = left[name]?.popLast(), row[index] != other[index] else { continue }
        unlike.append((name, row[index], other[index]))
      }
      guard let first = unlike.first else { continue }
      found.append(
        .init(
          kind: .value, column: column, account: "\(quoted(first.account)) in row \(first.row)",
          emulator: quoted(first.emulator), count: unlike.count))
    }
    return found
  }

  private static func quoted(_ cell: String?) -> String { cell.map { "'\($0)'" } ?? "NULL" }

  private static func only(_ names: [String]) -> String {
    if names.isEmpty { return "" }
    let more = names.count > 5 ? " and \(names.count - 5) more" : ""
    return ", only here: " + names.prefix(5).joined(separator: "; ") + more
  }

  /// What names a row: its columns that are names, or all when there are none.
  private static func keys(_ rows: [[String?]], _ columns: [String]) -> [String] {
    let naming: Set = [
      "name", "key", "property", "parent_property", "database_name", "schema_name", "table_name", "column_name",
      "privilege", "granted_on", "grant_on", "granted_to", "grant_to", "grantee_name", "role", "arguments",
    ]
    let indices = columns.indices.filter { naming.contains(columns[$0].lowercased()) }
    // Values of a lone row need no name to be compared by.
    if indices.isEmpty { return rows.indices.map { "\($0 + 1)" } }
    return rows.map { row in indices.compactMap { row[$0] }.joined(separator: " ") }
  }

  private static func counted(_ rows: [[String?]]) -> [[String?]: Int] {
    rows.reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }

  private static func subtract(_ names: [String], _ others: [String]) -> [String] {
    var left = others.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
    return names.filter { name in
      guard let count = left[name], count > 0 else { return true }
      left[name] = count - 1
      return false
    }
  }
}
