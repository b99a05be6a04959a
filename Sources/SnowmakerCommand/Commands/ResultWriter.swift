import SnowflakeClient

/// Prints rows as they arrive.
struct ResultWriter {
  let format: String
  let columns: [ResultColumn]
  /// The columns' names as keys of an object, where each may stand once: the second `A` is `A_2`.
  private let keys: [String]
  private(set) var rowCount = 0
  private var pending: [[String]] = []
  private var widths: [Int] = []

  /// How many rows decide how wide a table's columns are.
  private static let tableSample = 1000

  init(format: String, columns: [ResultColumn]) {
    self.format = format
    self.columns = columns
    var taken = Set(columns.map(\.name))
    var seen: Set<String> = []
    keys = columns.map { column in
      guard !seen.insert(column.name).inserted else { return column.name }
      var number = 2
      while !taken.insert("\(column.name)_\(number)").inserted { number += 1 }
      return "\(column.name)_\(number)"
    }
  }

  mutating func begin() {
    switch format {
    case "csv": Terminal.out(Self.csv(columns.map { $0.name }))
    case "json": Terminal.out("[")
    case "jsonl": break
    default: pending = [columns.map { Self.oneLine($0.name) }]
    }
  }

  mutating func write(_ batch: ResultBatch) {
    var text = ""
    for row in 0..<batch.rowCount {
      switch format {
      case "csv":
        text += Self.csv(columns.indices.map { columns[$0].display(batch[row, $0]) })
      case "json":
        text += (rowCount == 0 ? "\n" : ",\n") + object(batch, row)
      case "jsonl":
        text += object(batch, row) + "\n"
      default:
        pending.append(columns.indices.map { Self.oneLine(columns[$0].display(batch[row, $0]) ?? "NULL") })
        if pending.count >= Self.tableSample { flush() }
      }
      rowCount += 1
      if text.utf8.count > 1 << 16 {
        Terminal.out(text)
        text = ""
      }
    }
    Terminal.out(text)
  }

  mutating func end() {
    switch format {
    case "csv", "jsonl": break
    case "json": Terminal.out(rowCount == 0 ? "]\n" : "\n]\n")
    default: flush()
    }
  }

  // MARK: - Tables

  private mutating func flush() {
    if widths.isEmpty {
      widths = columns.indices.map { column in pending.map { $0[column].count }.max() ?? 0 }
      if !pending.isEmpty { pending.insert(widths.map { String(repeating: "-", count: $0) }, at: 1) }
    }
    var text = ""
    for row in pending {
      for (column, cell) in row.enumerated() {
        let room = String(repeating: " ", count: max(0, widths[column] - cell.count))
        let isNumber = columns[column].type == "fixed" || columns[column].type == "real"
        let isLast = column == row.count - 1
        text += isNumber ? room + cell : (isLast ? cell : cell + room)
        if !isLast { text += "  " }
      }
      text += "\n"
    }
    pending.removeAll()
    Terminal.out(text)
  }

  /// A cell that neither breaks the table nor commands the terminal.
  private static func oneLine(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }) else {
      return text
    }
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value): out += "\u{FFFD}"
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }

  // MARK: - CSV

  /// A line by RFC 4180; NULL is an empty field, an empty text is `""`.
  private static func csv(_ cells: [String?]) -> String {
    cells.map { cell in
      guard let cell else { return "" }
      let needsQuotes = cell.isEmpty || cell.utf8.contains { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }
      guard needsQuotes else { return cell }
      return "\"" + cell.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }.joined(separator: ",") + "\r\n"
  }

  // MARK: - JSON

  private func object(_ batch: ResultBatch, _ row: Int) -> String {
    "{"
      + columns.indices.map { column in
        Self.string(keys[column]) + ":" + json(batch[row, column], columns[column])
      }.joined(separator: ",") + "}"
  }

  private func json(_ text: String?, _ column: ResultColumn) -> String {
    guard let text else { return "null" }
    switch column.value(text) {
    case .decimal(let number): return number.description
    case .real(let number) where number.isFinite: return "\(number)"
    case .boolean(let value): return value ? "true" : "false"
    case .json(let value): return value.contains("\n") ? value.split(separator: "\n").joined(separator: " ") : value
    default: return Self.string(column.display(text) ?? text)
    }
  }

  private static func string(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }
}
