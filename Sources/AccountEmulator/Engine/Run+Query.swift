import AccountModel
import SnowmakerModel

/// Rows with their columns, to be selected from.
struct VirtualTable {
  var columns: [ResultColumn]
  var rows: [[String?]]
  /// What each column's table is called, exact; empty when none has a name.
  var qualifiers: [String?] = []
  /// Whether the rows are a generator's, which has no columns to be selected.
  var isGenerated = false

  init(columns: [ResultColumn], rows: [[String?]], qualifiers: [String?] = []) {
    self.columns = columns
    self.rows = rows
    self.qualifiers = qualifiers
  }
  init(_ result: StatementResult) { self.init(columns: result.columns, rows: result.rows) }

  func named(_ name: String) -> VirtualTable {
    var copy = self
    copy.qualifiers = columns.map { _ in name }
    return copy
  }

  func qualifier(_ index: Int) -> String? { index < qualifiers.count ? qualifiers[index] : nil }

  /// The column a name means. Throws 002028 when it could be several.
  func index(of parts: [Identifier]) throws(StatementFailure) -> Int? {
    guard let name = parts.last?.name else { return nil }
    var found: Int?
    let table = parts.count > 1 ? parts[parts.count - 2].name : nil
    // What has no table's name, such as a column that USING made of two, is meant when no column of the table is.
    let isNamed = table != nil && columns.indices.contains { columns[$0].name == name && qualifier($0) == table }
    for (index, column) in columns.enumerated() where column.name == name {
      if let table, isNamed || qualifier(index) != nil, qualifier(index) != table { continue }
      if found != nil {
        throw StatementFailure(
          code: "002028", sqlState: "42601", message: "SQL compilation error:\nambiguous column name '\(name)'")
      }
      found = index
    }
    return found
  }
}

/// The row an expression is evaluated on.
struct QueryRow {
  let table: VirtualTable
  let cells: [String?]
  /// The rows that an aggregate is of; nil outside groups.
  var group: [[String?]]?
  /// The rows of the queries around this one, the nearest last.
  var outer: [QueryRow] = []
  /// What the query's window functions come to on this row.
  var windows: [Evaluated] = []
}

/// What a query can name beside the views: what WITH named, and the results before it in a flow.
struct QueryScope {
  var named: [String: VirtualTable] = [:]
  var flow: [StatementResult] = []
  var outer: [QueryRow] = []
  /// The names of the SELECT list at hand, which stand for its items where no column has the name.
  var aliases: [String: Expression] = [:]
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

  /// Runs a query.
  func query(_ query: SelectQuery, flow: [StatementResult]) throws(StatementFailure) -> StatementResult {
    let saved = scope
    scope = QueryScope(flow: flow)
    defer { scope = saved }
    var table = try self.table(of: query)
    for (index, column) in table.columns.enumerated() where [.variant, .object, .array].contains(column.type) {
      for row in table.rows.indices {
        table.rows[row][index] = table.rows[row][index].map { SemiStructured.shown($0, indent: values.indent) }
      }
    }
    return StatementResult(columns: table.columns, rows: table.rows, statementTypeID: 0x1000)
  }

  /// Runs a query within another, whose row it may look at.
  func rows(of query: SelectQuery, around row: QueryRow?) throws(StatementFailure) -> VirtualTable {
    let saved = scope
    if let row { scope.outer = row.outer + [row] }
    defer { scope = saved }
    return try table(of: query)
  }

  private func table(of query: SelectQuery) throws(StatementFailure) -> VirtualTable {
    let saved = (scope.named, isWithoutRows)
    defer { (scope.named, isWithoutRows) = saved }
    if query.limit == 0 { isWithoutRows = true }
    for (name, columns, inner) in query.named {
      scope.named[name.name] = try renamed(try table(of: inner), columns).named(name.name)
    }
    var result: VirtualTable
    switch query.body {
    case .select(let core): result = try select(core, order: query.order)
    case .query(let inner): result = try ordered(try table(of: inner), query.order)
    case .combined(let how, let all, let left, let right):
      result = try ordered(try combined(how, all: all, left, right), query.order)
    }
    result.rows = Array(result.rows.dropFirst(query.offset).prefix(query.limit.map { max(0, $0) } ?? Int.max))
    return result
  }

  // MARK: Sets

  private func combined(
    _ how: SetOperator, all: Bool, _ left: QueryBody, _ right: QueryBody
  ) throws(StatementFailure) -> VirtualTable {
    var first = try table(of: SelectQuery(body: left))
    var second = try table(of: SelectQuery(body: right))
    guard first.columns.count == second.columns.count else {
      throw StatementFailure(
        code: "001789", sqlState: "42601",
        message: "SQL compilation error:\ninvalid number of result columns for set operator input branches, expected "
          + "\(first.columns.count), got \(second.columns.count) in branch 2")
    }
    let columns = zip(first.columns, second.columns).map(Self.common)
    try conform(&first, to: columns)
    try conform(&second, to: columns)
    var rows: [[String?]]
    switch how {
    case .union: rows = first.rows + second.rows
    case .intersect:
      let other = Set(second.rows)
      rows = first.rows.filter(other.contains)
    case .except:
      let other = Set(second.rows)
      rows = first.rows.filter { !other.contains($0) }
    }
    if !all {
      var seen: Set<[String?]> = []
      rows = rows.filter { seen.insert($0).inserted }
    }
    return VirtualTable(columns: first.columns, rows: rows)
  }

  /// Orders what came out of a query, by its columns.
  private func ordered(_ table: VirtualTable, _ order: [OrderKey]) throws(StatementFailure) -> VirtualTable {
    guard !order.isEmpty else { return table }
    var keyed: [(keys: [Evaluated], cells: [String?])] = []
    for cells in table.rows {
      var keys: [Evaluated] = []
      for key in order {
        if let position = try position(key.expression, table.columns.count) {
          keys.append(Evaluated(cells[position], of: table.columns[position]))
        } else {
          keys.append(try evaluate(key.expression, QueryRow(table: table, cells: cells, outer: scope.outer)))
        }
      }
      keyed.append((keys, cells))
    }
    var result = table
    result.rows = Self.sorted(keyed, order)
    return result
  }

  /// `ORDER BY 2`, `GROUP BY 2`: the position from 0; nil for anything but a number.
  func position(_ expression: Expression, _ count: Int) throws(StatementFailure) -> Int? {
    guard case .number(let text) = expression, let position = Int(text) else { return nil }
    guard (1...max(1, count)).contains(position), count > 0 else {
      throw .invalidIdentifier(text)
    }
    return position - 1
  }

  static func sorted(_ keyed: [(keys: [Evaluated], cells: [String?])], _ order: [OrderKey]) -> [[String?]] {
    keyed.enumerated().sorted { left, right in
      if precedes(left.element.keys, right.element.keys, order) { return true }
      return !precedes(right.element.keys, left.element.keys, order) && left.offset < right.offset
    }.map(\.element.cells)
  }

  /// Whether a row with these keys comes before one with those.
  static func precedes(_ left: [Evaluated], _ right: [Evaluated], _ order: [OrderKey]) -> Bool {
    for (index, key) in left.enumerated() {
      let descending = order[index].descending
      // NULL counts as the greatest value unless it is said otherwise.
      let nullsFirst = order[index].nullsFirst ?? descending
      switch (key.text, right[index].text) {
      case (nil, nil): continue
      case (nil, _): return nullsFirst
      case (_, nil): return !nullsFirst
      default: break
      }
      if let order = key.compared(to: right[index]), order != 0 { return (order < 0) != descending }
    }
    return false
  }

  private func renamed(_ table: VirtualTable, _ columns: [Identifier]) throws(StatementFailure) -> VirtualTable {
    guard !columns.isEmpty else { return table }
    guard columns.count == table.columns.count else {
      throw .invalidIdentifier(columns.map(\.sql).joined(separator: ", "))
    }
    var result = table
    for (index, name) in columns.enumerated() { result.columns[index].name = name.name }
    return result
  }

  // MARK: FROM

  func table(_ source: QuerySource) throws(StatementFailure) -> VirtualTable {
    switch source {
    case .query(let inner): return try table(of: inner)
    case .flow(let back):
      guard back >= 1, back <= scope.flow.count else { throw .invalidIdentifier("$\(back)") }
      return VirtualTable(scope.flow[scope.flow.count - back])
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
      return try SystemViews(run: self).function(name, values).named(name)
    case .view(let name):
      let last = name.parts[name.parts.count - 1].name
      if name.parts.count == 1, let table = scope.named[last] { return table }
      return try SystemViews(run: self).view(name).named(last)
    case .values(let rows):
      var cells: [[String?]] = []
      var columns: [ResultColumn?] = rows.first.map { $0.map { _ in nil } } ?? []
      for row in rows {
        var line: [String?] = []
        for (index, expression) in row.enumerated() {
          let value = try evaluate(expression)
          if value.text != nil || value.type != .text {
            columns[index] = columns[index].map { Self.common($0, value.column) } ?? value.column
          }
          line.append(value.text)
        }
        cells.append(line)
      }
      let named = columns.enumerated().map { index, column in
        var column = column ?? ResultColumn(name: "")
        column.name = "COLUMN\(index + 1)"
        return column
      }
      for (line, row) in rows.enumerated() {
        for (index, expression) in row.enumerated() {
          cells[line][index] = try cell(evaluate(expression), in: named[index])
        }
      }
      return VirtualTable(columns: named, rows: cells)
    case .named(let inner, let alias, let columns):
      return try renamed(try table(inner), columns).named(alias.name)
    case .join(let left, let kind, let right, let condition, let using):
      return try joined(try table(left), kind, try table(right), condition, using)
    }
  }

  private func joined(
    _ left: VirtualTable, _ kind: JoinKind, _ right: VirtualTable, _ condition: Expression?, _ using: [Identifier]
  ) throws(StatementFailure) -> VirtualTable {
    var result = VirtualTable(
      columns: left.columns + right.columns, rows: [],
      qualifiers: left.columns.indices.map(left.qualifier) + right.columns.indices.map(right.qualifier))
    var pairs: [(Int, Int)] = []
    for name in using {
      guard let first = try left.index(of: [name]), let second = try right.index(of: [name]) else {
        throw .invalidIdentifier(name.sql)
      }
      pairs.append((first, second))
    }
    var equal = pairs
    var rest: Expression? = condition
    if let condition { (equal, rest) = try Self.equalities(condition, left, right) }
    // Rows of the right side by what they are joined on.
    func key(_ cells: [String?], _ columns: [Int]) -> [String]? {
      var key: [String] = []
      for column in columns {
        guard let text = cells[column] else { return nil }
        key.append(text)
      }
      return key
    }
    var index: [[String]: [Int]] = [:]
    for (row, cells) in right.rows.enumerated() {
      if let key = key(cells, equal.map(\.1)) { index[key, default: []].append(row) }
    }
    var matchedRight: Set<Int> = []
    for cells in left.rows {
      var matched = false
      for row in key(cells, equal.map(\.0)).flatMap({ index[$0] }) ?? [] {
        let both = cells + right.rows[row]
        if let rest, try !evaluate(rest, QueryRow(table: result, cells: both, outer: scope.outer)).isTrue { continue }
        matched = true
        matchedRight.insert(row)
        result.rows.append(both)
      }
      if !matched, kind == .left || kind == .full {
        result.rows.append(cells + right.columns.map { _ in nil })
      }
    }
    if kind == .right || kind == .full {
      for (row, cells) in right.rows.enumerated() where !matchedRight.contains(row) {
        var line: [String?] = left.columns.map { _ in nil }
        for (first, second) in pairs { line[first] = cells[second] }
        result.rows.append(line + cells)
      }
    }
    // USING leaves one column of each pair.
    for dropped in pairs.map({ left.columns.count + $0.1 }).sorted(by: >) {
      result.columns.remove(at: dropped)
      result.qualifiers.remove(at: dropped)
      for row in result.rows.indices { result.rows[row].remove(at: dropped) }
    }
    for (first, _) in pairs { result.qualifiers[first] = nil }
    return result
  }

  /// The parts of a condition that say a column of the left is a column of the right, for columns of text, and the rest.
  private static func equalities(
    _ condition: Expression, _ left: VirtualTable, _ right: VirtualTable
  ) throws(StatementFailure) -> ([(Int, Int)], Expression?) {
    switch condition {
    case .binary("AND", let first, let second):
      let (pairs, rest) = try equalities(first, left, right)
      let (others, more) = try equalities(second, left, right)
      let both: Expression? =
        switch (rest, more) {
        case (let rest?, let more?): .binary("AND", rest, more)
        default: rest ?? more
        }
      return (pairs + others, both)
    case .binary("=", .column(let first), .column(let second)):
      func place(_ parts: [Identifier]) throws(StatementFailure) -> (isLeft: Bool, index: Int)? {
        let inLeft = try left.index(of: parts)
        let inRight = try right.index(of: parts)
        if let inLeft, inRight == nil { return (true, inLeft) }
        if let inRight, inLeft == nil { return (false, inRight) }
        return nil
      }
      guard let one = try place(first), let other = try place(second), one.isLeft != other.isLeft else { break }
      let pair = one.isLeft ? (one.index, other.index) : (other.index, one.index)
      guard left.columns[pair.0].type == .text, right.columns[pair.1].type == .text else { break }
      return ([pair], nil)
    default: break
    }
    return ([], condition)
  }
}
