import SnowmakerModel

/// What a query's columns are, beside their names: types with their sizes, and whether they may hold NULL.
///
/// Literals are as long as they are written and casts are what they say; source:
/// <https://docs.snowflake.com/en/sql-reference/data-types-numeric>. Sizes of what functions answer are assumed: the
/// greatest of the type.
extension StatementRun {
  /// The column that an expression makes on the rows of a query. `sample` is one of them, or one of NULLs.
  func column(_ name: String, of expression: Expression, _ sample: QueryRow) throws(StatementFailure) -> ResultColumn {
    var column = try self.column(of: expression, sample)
    column.name = name
    return column
  }

  private func column(of expression: Expression, _ sample: QueryRow) throws(StatementFailure) -> ResultColumn {
    try enterExpression()
    defer { openExpressions -= 1 }
    switch expression {
    case .position(let index): return sample.table.columns[index]
    case .column(let parts):
      for row in [sample] + sample.outer.reversed() {
        if let index = try row.table.index(of: parts) { return row.table.columns[index] }
      }
      if parts.count == 1, let item = scope.aliases[parts[0].name] {
        scope.aliases[parts[0].name] = nil
        defer { scope.aliases[parts[0].name] = item }
        return try column(of: item, sample)
      }
    case .number(let text):
      let digits = text.filter { $0 != "-" && $0 != "+" }
      guard digits.utf8.allSatisfy({ Ascii.isDigit($0) || $0 == Ascii.dot }) else { break }
      let scale = digits.firstIndex(of: ".").map { digits.distance(from: $0, to: digits.endIndex) - 1 } ?? 0
      let count = digits.count - (scale > 0 ? 1 : 0)
      return ResultColumn(name: "", type: .fixed, nullable: false, precision: min(38, max(1, count)), scale: scale)
    case .string(let text):
      return ResultColumn(name: "", nullable: false, length: max(1, text.unicodeScalars.count))
    case .boolean: return ResultColumn(name: "", type: .boolean, nullable: false)
    case .cast(let inner, let type):
      guard let canonical = try? DataTypes.canonical(type) else { break }
      return DataTypes.column("", canonical, nullable: try column(of: inner, sample).nullable)
    case .countAll: return Self.counted
    case .aggregate(let function, _, let arguments, _):
      guard let argument = arguments.first else { break }
      if let column = Self.aggregated(function, of: try column(of: argument, sample)) { return column }
    case .either(_, let cases, let otherwise):
      var branches: [ResultColumn] = []
      for branch in cases.map(\.then) + [otherwise ?? .null] {
        if case .null = branch {
          branches.append(ResultColumn(name: "", type: .boolean))
        } else {
          branches.append(try column(of: branch, sample))
        }
      }
      if let column = Self.common(branches, ofNull: cases.map(\.then) + [otherwise ?? .null]) { return column }
    case .call(let function, let arguments):
      if Self.firstOfArguments.contains(function) {
        var columns: [ResultColumn] = []
        for argument in arguments { columns.append(try column(of: argument, sample)) }
        if var common = Self.common(columns, ofNull: arguments) {
          common.nullable = columns.allSatisfy(\.nullable)
          return common
        }
      }
      if let type = Self.functionTypes[function] { return DataTypes.column("", type) }
    default: break
    }
    return ResultColumn(name: "", type: try evaluate(expression, sample).type)
  }

  private static let counted = ResultColumn(name: "", type: .fixed, nullable: false, precision: 18, scale: 0)

  private static func aggregated(_ function: String, of argument: ResultColumn) -> ResultColumn? {
    var column = argument
    column.nullable = true
    switch function {
    case "COUNT", "COUNT_IF": return counted
    case "MIN", "MAX", "ANY_VALUE": return column
    case "SUM" where argument.type == .fixed:
      column.precision = 38
      return column
    case "BOOLOR_AGG", "BOOLAND_AGG": return ResultColumn(name: "", type: .boolean)
    case "LISTAGG": return ResultColumn(name: "")
    case "ARRAY_AGG": return ResultColumn(name: "", type: .array, nullable: false)
    default: return nil
    }
  }

  /// The column that takes all of these; nil when their types differ. NULL takes any type.
  private static func common(_ columns: [ResultColumn], ofNull expressions: [Expression]) -> ResultColumn? {
    var result: ResultColumn?
    var hasNull = false
    for (column, expression) in zip(columns, expressions) {
      if case .null = expression {
        hasNull = true
        continue
      }
      guard var current = result else {
        result = column
        continue
      }
      guard current.type == column.type else { return nil }
      func most(_ left: Int?, _ right: Int?) -> Int? { left.flatMap { left in right.map { max(left, $0) } } }
      current.length = most(current.length, column.length)
      current.scale = most(current.scale, column.scale)
      current.precision = most(current.precision, column.precision)
      current.nullable = current.nullable || column.nullable
      result = current
    }
    if hasNull { result?.nullable = true }
    return result
  }

  private static let firstOfArguments: Set<String> = ["COALESCE", "NVL", "IFNULL", "GREATEST", "LEAST"]

  /// What functions answer whatever they are given: also when that is NULL.
  private static let functionTypes = [
    "ABS": "NUMBER", "ROUND": "NUMBER", "FLOOR": "NUMBER", "CEIL": "NUMBER", "LENGTH": "NUMBER", "LEN": "NUMBER",
    "CHARINDEX": "NUMBER", "POSITION": "NUMBER", "DATEDIFF": "NUMBER", "TIMEDIFF": "NUMBER", "TIMESTAMPDIFF": "NUMBER",
    "ARRAY_SIZE": "NUMBER", "TO_DATE": "DATE", "DATE": "DATE", "STARTSWITH": "BOOLEAN", "ENDSWITH": "BOOLEAN",
    "CONTAINS": "BOOLEAN", "EQUAL_NULL": "BOOLEAN", "TO_BOOLEAN": "BOOLEAN", "SPLIT": "ARRAY",
    "PARSE_JSON": "VARIANT", "TO_VARIANT": "VARIANT", "OBJECT_CONSTRUCT": "OBJECT", "ARRAY_CONSTRUCT": "ARRAY",
  ].mapValues { (try? DataTypes.canonical($0)) ?? $0 }

  // MARK: Queries that are looked at and not run

  /// The columns of a query in the body of CREATE TABLE … AS or CREATE VIEW, under the names that a list before it gives.
  ///
  /// Throws what the query fails with, 0A000 for one that the emulator does not answer.
  func columns(of body: String, named list: [ColumnDefinition]) throws(StatementFailure) -> [ColumnDefinition] {
    var parser = try Parser(
      body, registry: registry, substitutes: .init(bindings: bindings, variables: context.variables))
    let query = try parser.query()
    try parser.expectEnd()
    let before = isDescribeOnly
    isDescribeOnly = true
    defer { isDescribeOnly = before }
    let found = try self.query(query, flow: []).columns
    guard list.isEmpty || list.count == found.count else {
      throw StatementFailure(
        code: "002057", sqlState: "42601",
        message: "SQL compilation error:\n\(list.count) columns are declared, but the query produces \(found.count).")
    }
    return found.enumerated().map { index, column in
      var definition = list.isEmpty ? ColumnDefinition(name: Identifier(exact: column.name), type: "") : list[index]
      if definition.type.isEmpty {
        definition.type = DataTypes.canonical(of: column)
        definition.isNullable = definition.isNullable && column.nullable
      }
      return definition
    }
  }

  /// The columns of a stored table or view, without rows; nil when they are not known.
  func described(_ object: StoredObject) -> VirtualTable? {
    guard let columns = object.notes["columns"]?.list, !columns.isEmpty else { return nil }
    return VirtualTable(
      columns: columns.map { column in
        DataTypes.column(
          column["name"].string ?? "", column["type"].string ?? "", nullable: column["null"] != .bool(false))
      }, rows: [])
  }
}
