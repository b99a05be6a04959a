import AccountModel
import SnowmakerModel

/// Rows with their columns, to be selected from.
struct VirtualTable {
  var columns: [ResultColumn]
  var rows: [[String?]]
  /// Whether the rows are a generator's, which has no columns to be selected.
  var isGenerated = false

  init(columns: [ResultColumn], rows: [[String?]]) {
    self.columns = columns
    self.rows = rows
  }
  init(_ result: StatementResult) { self.init(columns: result.columns, rows: result.rows) }

  func index(of column: Identifier) -> Int? { columns.firstIndex { $0.name == column.name } }
}

/// The row an expression is evaluated on.
struct QueryRow {
  let table: VirtualTable
  let cells: [String?]
}

extension StatementRun {
  /// Runs the statements of a flow one after the other and answers the last one's result.
  func flow(_ steps: [Statement]) throws(StatementFailure) -> StatementResult {
    var results: [StatementResult] = []
    for step in steps {
      if case .query(let query) = step {
        results.append(try self.query(query, flow: results))
      } else {
        results.append(try execute(step))
      }
    }
    return results[results.count - 1]
  }

  /// Runs a SELECT … FROM.
  func query(_ query: SelectQuery, flow: [StatementResult]) throws(StatementFailure) -> StatementResult {
    guard let source = query.source else { throw .unsupported("SELECT without FROM here") }
    let table = try self.table(source, flow)
    var rows: [[String?]] = []
    if let condition = query.condition {
      for cells in table.rows where try evaluate(condition, QueryRow(table: table, cells: cells)).isTrue {
        rows.append(cells)
      }
    } else {
      rows = table.rows
    }
    if query.items.contains(where: { if case .expression(let item, _) = $0 { item.isAggregate } else { false } }) {
      var found = table
      found.rows = rows
      return try aggregate(query, found)
    }
    rows = try ordered(rows, of: table, query)
    var columns: [ResultColumn] = []
    var taken: [ResultItem] = []
    let sample = QueryRow(table: table, cells: rows.first ?? Array(repeating: nil, count: table.columns.count))
    for item in query.items {
      switch item {
      case .all:
        if table.isGenerated { throw .unsupported("SELECT * FROM TABLE(GENERATOR(…)), which has no columns") }
        columns += table.columns
        taken.append(.all)
      case .expression(let expression, let name):
        // Also without rows: a column that is not there is an error.
        columns.append(ResultColumn(name: name, type: try type(of: expression, sample)))
        taken.append(.one(expression))
      }
    }
    var result: [[String?]] = []
    var seen: Set<[String?]> = []
    for cells in rows {
      var row: [String?] = []
      for item in taken {
        switch item {
        case .all: row += cells
        case .one(let expression): row.append(try evaluate(expression, QueryRow(table: table, cells: cells)).text)
        }
      }
      if !query.isDistinct || seen.insert(row).inserted { result.append(row) }
    }
    result = Array(result.dropFirst(query.offset).prefix(query.limit.map { max(0, $0) } ?? Int.max))
    return StatementResult(columns: columns, rows: result, statementTypeID: 0x1000)
  }

  private enum ResultItem {
    case all
    case one(Expression)
  }

  private func type(of expression: Expression, _ row: QueryRow) throws(StatementFailure) -> ResultColumn.ResultType {
    if case .column(let parts) = expression, let name = parts.last {
      guard let index = row.table.index(of: name) else { throw .invalidIdentifier(name.sql) }
      return row.table.columns[index].type
    }
    return try evaluate(expression, row).type
  }

  private func ordered(
    _ rows: [[String?]], of table: VirtualTable, _ query: SelectQuery
  ) throws(StatementFailure) -> [[String?]] {
    guard !query.order.isEmpty else { return rows }
    var keyed: [(keys: [Evaluated], cells: [String?])] = []
    for cells in rows {
      var keys: [Evaluated] = []
      for (expression, _) in query.order {
        keys.append(try evaluate(orderKey(expression, table, query), QueryRow(table: table, cells: cells)))
      }
      keyed.append((keys, cells))
    }
    let descending = query.order.map(\.descending)
    return keyed.sorted { left, right in
      for (index, key) in left.keys.enumerated() {
        // NULL counts as the greatest value.
        switch (key.text, right.keys[index].text) {
        case (nil, nil): continue
        case (nil, _): return descending[index]
        case (_, nil): return !descending[index]
        default: break
        }
        if let order = key.compared(to: right.keys[index]), order != 0 { return (order < 0) != descending[index] }
      }
      return false
    }.map(\.cells)
  }

  /// ORDER BY takes positions and aliases of the list as well.
  private func orderKey(_ expression: Expression, _ table: VirtualTable, _ query: SelectQuery) -> Expression {
    if case .number(let text) = expression, let position = Int(text), (1...max(1, query.items.count)).contains(position)
    {
      if case .expression(let item, _)? = query.items.dropFirst(position - 1).first { return item }
      if position <= table.columns.count { return .column([Identifier(exact: table.columns[position - 1].name)]) }
    }
    guard case .column(let parts) = expression, let name = parts.last, table.index(of: name) == nil else {
      return expression
    }
    for case .expression(let item, let alias) in query.items where alias == name.name { return item }
    return expression
  }

  private func aggregate(_ query: SelectQuery, _ table: VirtualTable) throws(StatementFailure) -> StatementResult {
    var columns: [ResultColumn] = []
    var row: [String?] = []
    for item in query.items {
      guard case .expression(let expression, let name) = item, expression.isAggregate else {
        throw .unsupported("aggregates beside columns (GROUP BY)")
      }
      guard case .call(let function, let arguments) = expression, let argument = arguments.first else {
        columns.append(ResultColumn(name: name, type: .fixed))
        row.append(String(table.rows.count))
        continue
      }
      var values: [Evaluated] = []
      for cells in table.rows {
        let value = try evaluate(argument, QueryRow(table: table, cells: cells))
        if value.text != nil { values.append(value) }
      }
      if function == "COUNT" {
        columns.append(ResultColumn(name: name, type: .fixed))
        row.append(String(values.count))
      } else {
        let wanted = function == "MIN" ? -1 : 1
        var best: Evaluated?
        for value in values {
          guard let current = best else {
            best = value
            continue
          }
          if value.compared(to: current) == wanted { best = value }
        }
        columns.append(ResultColumn(name: name, type: best?.type ?? .text))
        row.append(best?.text)
      }
    }
    return StatementResult(columns: columns, rows: [row], statementTypeID: 0x1000)
  }

  private func table(_ source: QuerySource, _ flow: [StatementResult]) throws(StatementFailure) -> VirtualTable {
    switch source {
    case .query(let inner): return VirtualTable(try query(inner, flow: flow))
    case .flow(let back):
      guard back >= 1, back <= flow.count else { throw .invalidIdentifier("$\(back)") }
      return VirtualTable(flow[flow.count - back])
    case .resultScan(let expression):
      let id = try evaluate(expression).text ?? ""
      guard let result = context.results.last(where: { $0.id == id })?.result else {
        throw StatementFailure(
          code: "000709", sqlState: "02000", message: "Statement \(id) not found")
      }
      return VirtualTable(result)
    case .function(let name, let arguments):
      var values: [String: String] = [:]
      for (key, expression) in arguments { values[key] = try evaluate(expression).text }
      if name == "GENERATOR" { return try RowGenerator.table(values) }
      return try SystemViews(run: self).function(name, values)
    case .view(let name): return try SystemViews(run: self).view(name)
    }
  }
}

extension Evaluated {
  var isTrue: Bool { text.map { type == .boolean ? $0 == "1" : $0.uppercased() == "TRUE" } ?? false }

  /// -1, 0 or 1; nil when either is NULL. Numbers by value, everything else as text.
  func compared(to other: Evaluated) -> Int? {
    guard let left = text, let right = other.text else { return nil }
    if type == .boolean || other.type == .boolean { return isTrue == other.isTrue ? 0 : isTrue ? 1 : -1 }
    if type != .text || other.type != .text, let first = Double(left), let second = Double(right) {
      return first == second ? 0 : first < second ? -1 : 1
    }
    return left == right ? 0 : left < right ? -1 : 1
  }
}
