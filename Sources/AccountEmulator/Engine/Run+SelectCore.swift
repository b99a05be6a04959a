import SnowmakerModel

/// SELECT … FROM … WHERE … GROUP BY … HAVING, with the ORDER BY that may look at what is not selected.
extension StatementRun {
  func select(_ core: SelectCore, order: [OrderKey]) throws(StatementFailure) -> VirtualTable {
    var table = VirtualTable(columns: [], rows: [[]])
    let isWithoutRows = isWithoutRows
    if core.condition?.isNever == true { self.isWithoutRows = true }
    defer { self.isWithoutRows = isWithoutRows }
    if let source = core.source { table = try self.table(source) }
    self.isWithoutRows = isWithoutRows
    let aliases = scope.aliases
    defer { scope.aliases = aliases }
    scope.aliases = Self.aliases(core.items)
    let outer = scope.outer
    var rows: [[String?]] = table.rows
    if let condition = core.condition {
      if condition.hasAggregate { throw Self.misplacedAggregate }
      if condition.hasWindow { _ = try evaluate(condition) }
      rows = []
      for cells in table.rows {
        if try evaluate(condition, QueryRow(table: table, cells: cells, outer: outer)).isTrue { rows.append(cells) }
      }
    }
    var items = try expanded(core.items, table, hasSource: core.source != nil)
    let keys = try groupKeys(core, items, table)
    let isGrouped =
      keys != nil || core.having != nil || items.contains { $0.expression.hasAggregate }
      || order.contains { $0.expression.hasAggregate }
    var selected: [QueryRow]
    if isGrouped {
      for item in items { try requireGrouped(item.expression, keys ?? [], table) }
      selected = try groups(rows, keys ?? [], isWhole: keys == nil, table)
      if let having = core.having {
        try requireGrouped(having, keys ?? [], table)
        var kept: [QueryRow] = []
        for row in selected where try evaluate(Self.resolved(having, items, table), row).isTrue { kept.append(row) }
        selected = kept
      }
    } else {
      selected = rows.map { QueryRow(table: table, cells: $0, outer: outer) }
    }
    // Also without rows: a column that is not there is an error.
    var sample = QueryRow(
      table: table, cells: rows.first ?? Array(repeating: nil, count: table.columns.count), outer: outer)
    if isGrouped { sample.group = selected.first?.group ?? [] }
    if let first = selected.first { sample = first }
    // Window functions see the rows that WHERE, GROUP BY and HAVING leave; QUALIFY sees what they come to.
    var functions: [WindowFunction] = []
    let windowed =
      items.contains { $0.expression.hasWindow } || core.qualify != nil
      || order.contains { $0.expression.hasWindow }
    var keysOfOrder: [Expression] = []
    for key in order {
      keysOfOrder.append(try Self.resolved(key.expression, items, table).takingWindows(&functions))
    }
    for index in items.indices { items[index].expression = items[index].expression.takingWindows(&functions) }
    if windowed {
      let qualify = try core.qualify.map { (condition) throws(StatementFailure) in
        try Self.resolved(condition, items, table).takingWindows(&functions)
      }
      let values = try windows(functions, selected)
      for index in selected.indices { selected[index].windows = values[index] }
      if let qualify {
        var kept: [QueryRow] = []
        for row in selected where try evaluate(qualify, row).isTrue { kept.append(row) }
        selected = kept
      }
      sample.windows = try windows(functions, [sample])[0]
    }
    var result = VirtualTable(columns: [], rows: [])
    for item in items {
      result.columns.append(try column(item.name, of: item.expression, sample))
    }
    var keyed: [(keys: [Evaluated], cells: [String?])] = []
    var seen: Set<[String?]> = []
    for row in selected {
      var cells: [String?] = []
      for (item, column) in zip(items, result.columns) {
        cells.append(try cell(evaluate(item.expression, row), in: column))
      }
      if core.isDistinct, !seen.insert(cells).inserted { continue }
      var keys: [Evaluated] = []
      for (key, resolved) in zip(order, keysOfOrder) {
        if let position = try position(key.expression, items.count) {
          keys.append(Evaluated(cells[position], of: result.columns[position]))
        } else {
          keys.append(try evaluate(resolved, row))
        }
      }
      keyed.append((keys, cells))
    }
    result.rows = order.isEmpty ? keyed.map(\.cells) : Self.sorted(keyed, order)
    return result
  }

  private static func aliases(_ items: [QueryItem]) -> [String: Expression] {
    var result: [String: Expression] = [:]
    for case .expression(let expression, let name) in items where result[name] == nil { result[name] = expression }
    return result
  }

  struct SelectedItem {
    var expression: Expression
    var name: String
  }

  /// The items with `*` written out.
  private func expanded(
    _ items: [QueryItem], _ table: VirtualTable, hasSource: Bool
  ) throws(StatementFailure) -> [SelectedItem] {
    var result: [SelectedItem] = []
    for item in items {
      switch item {
      case .expression(let expression, let name): result.append(SelectedItem(expression: expression, name: name))
      case .all(let alias, let except):
        guard hasSource else { throw .unsupported("SELECT * without FROM") }
        if table.isGenerated { throw .unsupported("SELECT * FROM TABLE(GENERATOR(…)), which has no columns") }
        for name in except where try table.index(of: [name]) == nil { throw .invalidIdentifier(name.sql) }
        let before = result.count
        for (index, column) in table.columns.enumerated() {
          if let alias, table.qualifier(index) != alias.name { continue }
          if except.contains(where: { $0.name == column.name }) { continue }
          result.append(SelectedItem(expression: .position(index), name: column.name))
        }
        if result.count == before, let alias { throw .invalidIdentifier(alias.sql) }
      }
    }
    return result
  }

  /// ORDER BY and HAVING take aliases of the list where no column has the name.
  private static func resolved(
    _ expression: Expression, _ items: [SelectedItem], _ table: VirtualTable
  ) throws(StatementFailure) -> Expression {
    guard case .column(let parts) = expression, parts.count == 1 else {
      guard case .binary(let symbol, let left, let right) = expression else { return expression }
      return .binary(symbol, try resolved(left, items, table), try resolved(right, items, table))
    }
    if let item = items.first(where: { $0.name == parts[0].name }) { return item.expression }
    return expression
  }

  // MARK: Groups

  /// What GROUP BY groups by; nil without it.
  private func groupKeys(
    _ core: SelectCore, _ items: [SelectedItem], _ table: VirtualTable
  ) throws(StatementFailure) -> [Expression]? {
    if core.groupsAll { return items.map(\.expression).filter { !$0.hasAggregate } }
    guard !core.groups.isEmpty else { return nil }
    var keys: [Expression] = []
    for expression in core.groups {
      if let position = try position(expression, items.count) {
        keys.append(items[position].expression)
      } else if case .column(let parts) = expression, try table.index(of: parts) == nil {
        keys.append(try Self.resolved(expression, items, table))
      } else {
        keys.append(expression)
      }
    }
    for key in keys where key.hasAggregate { throw Self.misplacedAggregate }
    return keys
  }

  private static let misplacedAggregate = StatementFailure(
    code: "002035", sqlState: "42601", message: "SQL compilation error:\nInvalid aggregate function in where clause")

  private func groups(
    _ rows: [[String?]], _ keys: [Expression], isWhole: Bool, _ table: VirtualTable
  ) throws(StatementFailure) -> [QueryRow] {
    let outer = scope.outer
    if isWhole {
      let none: [String?] = Array(repeating: nil, count: table.columns.count)
      return [QueryRow(table: table, cells: rows.first ?? none, group: rows, outer: outer)]
    }
    var order: [[String?]] = []
    var members: [[String?]: [[String?]]] = [:]
    for cells in rows {
      var key: [String?] = []
      for expression in keys {
        key.append(try evaluate(expression, QueryRow(table: table, cells: cells, outer: outer)).text)
      }
      if members[key] == nil { order.append(key) }
      members[key, default: []].append(cells)
    }
    return order.map { key in
      let group = members[key] ?? []
      return QueryRow(table: table, cells: group.first ?? [], group: group, outer: outer)
    }
  }

  /// Throws 000979 for a column that is neither grouped by nor in an aggregate.
  private func requireGrouped(
    _ expression: Expression, _ keys: [Expression], _ table: VirtualTable
  ) throws(StatementFailure) {
    for key in keys where try same(expression, key, table) { return }
    switch expression {
    case .countAll, .aggregate: return
    case .column(let parts):
      guard try table.index(of: parts) != nil else { return }
      throw Self.notGrouped(parts.map(\.sql).joined(separator: "."))
    case .position(let index): throw Self.notGrouped(table.columns[index].name)
    case .window(let window):
      for part in window.parts {
        if case .aggregate(_, _, let arguments, _) = part {
          for argument in arguments { try requireGrouped(argument, keys, table) }
        } else {
          try requireGrouped(part, keys, table)
        }
      }
    default: for part in expression.parts { try requireGrouped(part, keys, table) }
    }
  }

  private static func notGrouped(_ name: String) -> StatementFailure {
    StatementFailure(
      code: "000979", sqlState: "42601",
      message: "SQL compilation error:\n[\(name)] is not a valid group by expression")
  }

  private func same(_ left: Expression, _ right: Expression, _ table: VirtualTable) throws(StatementFailure) -> Bool {
    func index(_ expression: Expression) throws(StatementFailure) -> Int? {
      switch expression {
      case .column(let parts): try table.index(of: parts)
      case .position(let index): index
      default: nil
      }
    }
    if let first = try index(left) { return try index(right) == first }
    return String(describing: left) == String(describing: right)
  }

  // MARK: Aggregates

  /// The value of an aggregate over the rows of a group. Throws when there is no group.
  func aggregate(
    _ name: String, distinct: Bool, _ arguments: [Expression], _ within: [OrderKey], _ row: QueryRow?
  ) throws(StatementFailure) -> Evaluated {
    guard let row, let group = row.group, let argument = arguments.first else { throw Self.misplacedAggregate }
    var keyed: [(keys: [Evaluated], cells: [String?])] = []
    var like = Evaluated.null
    var seen: Set<String> = []
    for cells in group {
      let member = QueryRow(table: row.table, cells: cells, outer: row.outer)
      let value = try evaluate(argument, member)
      guard let text = value.text else { continue }
      like = value
      if distinct, !seen.insert(text).inserted { continue }
      var keys: [Evaluated] = []
      for key in within { keys.append(try evaluate(key.expression, member)) }
      keyed.append((keys, [text]))
    }
    let texts = (within.isEmpty ? keyed.map(\.cells) : Self.sorted(keyed, within)).compactMap { $0.first ?? nil }
    return try combine(
      name,
      texts.map { text in
        var value = like
        value.text = text
        return value
      }, arguments, row)
  }

  /// What an aggregate makes of the values that are not NULL.
  func combine(
    _ name: String, _ values: [Evaluated], _ arguments: [Expression], _ row: QueryRow
  ) throws(StatementFailure) -> Evaluated {
    switch name {
    case "COUNT": return Evaluated(text: String(values.count), type: .fixed)
    case "COUNT_IF": return Evaluated(text: String(values.count(where: \.isTrue)), type: .fixed)
    case "ANY_VALUE": return values.first ?? .null
    case "BOOLOR_AGG": return values.isEmpty ? .null : .boolean(values.contains(where: \.isTrue))
    case "BOOLAND_AGG": return values.isEmpty ? .null : .boolean(values.allSatisfy(\.isTrue))
    case "LISTAGG":
      let separator = arguments.count > 1 ? try evaluate(arguments[1], row).text ?? "" : ""
      var texts: [String] = []
      for value in values { if let text = try value.asText(self.values).text { texts.append(text) } }
      return Evaluated(text: texts.joined(separator: separator))
    case "ARRAY_AGG":
      var documents: [Value] = []
      for value in values { documents.append(try value.inDocument(self.values).document) }
      return Evaluated(text: JSON.string(.list(documents)), type: .array)
    case "SUM", "AVG":
      guard !values.isEmpty else { return Evaluated(text: nil, type: .fixed) }
      var total = values[0]
      for value in values.dropFirst() { total = try Arithmetic.apply("+", total, value) }
      return name == "SUM"
        ? total : try Arithmetic.apply("/", total, Evaluated(text: String(values.count), type: .fixed))
    default:
      let wanted = name == "MIN" ? -1 : 1
      var best: Evaluated?
      for value in values {
        guard let current = best else {
          best = value
          continue
        }
        if value.compared(to: current) == wanted { best = value }
      }
      return best ?? .null
    }
  }
}
