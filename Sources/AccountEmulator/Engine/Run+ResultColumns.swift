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
      if parts.count == 1 {
        let named = try throughName(parts[0].name) { (item) throws(StatementFailure) in try column(of: item, sample) }
        if let named { return named }
      }
    case .number(let text):
      let digits = text.filter { $0 != "-" && $0 != "+" }
      guard digits.utf8.allSatisfy({ Ascii.isDigit($0) || $0 == Ascii.dot }), FixedNumber(text) != nil else { break }
      let scale = digits.firstIndex(of: ".").map { digits.distance(from: $0, to: digits.endIndex) - 1 } ?? 0
      let count = digits.count - (scale > 0 ? 1 : 0)
      return ResultColumn(name: "", type: .fixed, nullable: false, precision: min(38, max(1, count)), scale: scale)
    case .string(let text):
      return ResultColumn(name: "", nullable: false, length: max(1, text.unicodeScalars.count))
    case .boolean: return ResultColumn(name: "", type: .boolean, nullable: false)
    case .cast, .binary: if let column = try chainColumn(of: expression, sample) { return column }
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
    return try evaluate(expression, sample).column
  }

  /// The column of casts and arithmetic, of which each has those before it on its left: from the leftmost on, in a loop.
  /// nil when only the value tells.
  private func chainColumn(of expression: Expression, _ sample: QueryRow) throws(StatementFailure) -> ResultColumn? {
    var links: [Expression] = []
    var leftmost = expression
    descending: while true {
      switch leftmost {
      case .binary(let symbol, let left, _) where Self.arithmetic.contains(symbol):
        links.append(leftmost)
        leftmost = left
      case .cast(let left, _):
        links.append(leftmost)
        leftmost = left
      default: break descending
      }
    }
    guard !links.isEmpty else { return nil }
    var column = try column(of: leftmost, sample)
    for link in links.reversed() {
      switch link {
      case .cast(_, let type):
        guard let canonical = try? values.type(type) else { return nil }
        column = DataTypes.column("", canonical, nullable: column.nullable)
      case .binary(let symbol, _, let right):
        let other = try self.column(of: right, sample)
        guard column.type == .fixed, other.type == .fixed else { return nil }
        let sizes = [column, other].map { (precision: $0.precision ?? 38, scale: $0.scale ?? 0) }
        column = ResultColumn(
          name: "", type: .fixed, nullable: column.nullable || other.nullable,
          precision: FixedNumber.precision(symbol, sizes[0], sizes[1]),
          scale: FixedNumber.scale(symbol, sizes[0].scale, sizes[1].scale))
      default: return nil
      }
    }
    return column
  }

  private static let arithmetic: Set<String> = ["+", "-", "*", "/", "%"]

  /// The cell that holds a value in a column: numbers with its digits after the point, times with its digits of a second.
  func cell(_ value: Evaluated, in column: ResultColumn) throws(StatementFailure) -> String? {
    guard let text = value.text else { return nil }
    guard value.type == column.type else {
      return column.type == .text && value.type == .text ? text : try cell(value.cast(to: column, values), in: column)
    }
    switch column.type {
    case .fixed:
      let scale = column.scale ?? 0
      if scale == 0, !text.utf8.contains(Ascii.dot) { return text }
      return FixedNumber(text)?.rounded(to: scale)?.text ?? text
    case .time, .timestamp_ntz, .timestamp_ltz:
      return column.scale == nil ? text : Moment(wire: text)?.wire(column.scale ?? 9) ?? text
    case .timestamp_tz:
      guard let scale = column.scale, let moment = Moment(wire: text) else { return text }
      return moment.wire(scale) + text.drop { $0 != " " }
    default: return text
    }
  }

  /// Makes the cells of a table those of columns that take more than its own.
  func conform(_ table: inout VirtualTable, to columns: [ResultColumn]) throws(StatementFailure) {
    for (index, column) in columns.enumerated() where table.columns[index] != column {
      let own = table.columns[index]
      for row in table.rows.indices {
        table.rows[row][index] = try cell(Evaluated(table.rows[row][index], of: own), in: column)
      }
      table.columns[index] = column
    }
  }

  /// The column that takes the values of both, under the name of the first.
  static func common(_ first: ResultColumn, _ second: ResultColumn) -> ResultColumn {
    if var column = common([first, second], ofNull: []) {
      column.name = first.name
      return column
    }
    // A text takes the other's type, a whole number becomes a floating-point one, a date a timestamp.
    let order: [ResultColumn.ResultType] = [
      .text, .boolean, .fixed, .real, .time, .date, .timestamp_ntz, .timestamp_ltz, .timestamp_tz, .binary, .array,
      .object, .variant,
    ]
    let places = [first, second].map { order.firstIndex(of: $0.type) ?? 0 }
    var column = places[0] < places[1] ? second : first
    column.name = first.name
    column.nullable = first.nullable || second.nullable
    return column
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
    case "AVG" where argument.type == .fixed:
      column.precision = 38
      column.scale = FixedNumber.scale("/", argument.scale ?? 0, 0)
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
    for (index, column) in columns.enumerated() {
      if index < expressions.count, case .null = expressions[index] {
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
      if current.type == .fixed {
        let (one, other) = (current.scale ?? 0, column.scale ?? 0)
        let whole = max((current.precision ?? 38) - one, (column.precision ?? 38) - other)
        current.scale = max(one, other)
        current.precision = min(38, whole + max(one, other))
      } else {
        current.scale = most(current.scale, column.scale)
      }
      current.nullable = current.nullable || column.nullable
      result = current
    }
    if hasNull { result?.nullable = true }
    return result
  }

  private static let firstOfArguments: Set<String> = ["COALESCE", "NVL", "IFNULL", "GREATEST", "LEAST"]

  /// What functions answer whatever they are given: also when that is NULL.
  private static let functionTypes = [
    "LENGTH": "NUMBER", "LEN": "NUMBER",
    "CHARINDEX": "NUMBER", "POSITION": "NUMBER", "DATEDIFF": "NUMBER", "TIMEDIFF": "NUMBER", "TIMESTAMPDIFF": "NUMBER",
    "ARRAY_SIZE": "NUMBER", "TO_DATE": "DATE", "DATE": "DATE", "STARTSWITH": "BOOLEAN", "ENDSWITH": "BOOLEAN",
    "CONTAINS": "BOOLEAN", "EQUAL_NULL": "BOOLEAN", "TO_BOOLEAN": "BOOLEAN", "SPLIT": "ARRAY",
    "PARSE_JSON": "VARIANT", "TO_VARIANT": "VARIANT", "OBJECT_CONSTRUCT": "OBJECT", "ARRAY_CONSTRUCT": "ARRAY",
  ].mapValues { (try? DataTypes.canonical($0)) ?? $0 }

  // MARK: Queries that are looked at and not run

  /// The code for a list of columns that is longer or shorter than the query's, as users report it of views.
  static let wrongColumnCount = "002057"

  /// The columns of a query in the body of CREATE TABLE … AS or CREATE VIEW, under the names that a list before it gives.
  ///
  /// Throws what the query fails with, 0A000 for one that the emulator does not answer.
  func columns(
    of body: String, named list: [ColumnDefinition], for object: StoredObject
  ) throws(StatementFailure) -> [ColumnDefinition] {
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
        code: Self.wrongColumnCount, sqlState: "42601",
        message:
          "SQL compilation error:\n\(object.kind.prefix(1))\(object.kind.dropFirst().lowercased()) definition for "
          + "'\(object.name)' declared \(list.count) column(s), but \(object.kind.lowercased()) query produces "
          + "\(found.count) column(s).")
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
