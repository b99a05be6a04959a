import FoundationEssentials
import Glibc
import SnowflakeClient

/// The rows of large results: our own reader, FoundationEssentials and, where the package was built with it
/// (`SNOWMAKER_SIMDJSON=1`), simdjson. Each is measured alone and with every cell read as its column's type, which is
/// what a program does with rows.
enum RowReading {
  /// What went wrong, when the readers disagree or cannot read.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private static let rowCount = 400_000
  private static let columns = [
    ResultColumn(name: "ID", type: "fixed", precision: 38, scale: 0), ResultColumn(name: "NAME", type: "text"),
    ResultColumn(name: "AMOUNT", type: "fixed", precision: 38, scale: 2), ResultColumn(name: "ACTIVE", type: "boolean"),
    ResultColumn(name: "CREATED", type: "timestamp_ntz", scale: 9), ResultColumn(name: "DAY", type: "date"),
    ResultColumn(name: "NOTE", type: "text"), ResultColumn(name: "REMARK", type: "text"),
  ]

  /// Measures all readers and prints what was found. Throws when one of them cannot read the rows, or reads others.
  static func run() throws {
    let part = sample()
    let whole = [UInt8(ascii: "[")] + part + [UInt8(ascii: "]")]
    let size = Double(part.count) / 1e6
    print("\(rowCount) rows of \(columns.count) columns, \(rounded(size)) MB")

    var sums: Set<Int> = []
    try measure("rows, ours", size, rounds: 5) { try ResultParsing.rows(ofPart: part).rowCount }
    try measure("rows and types, ours", size, rounds: 3) {
      let batch = try ResultParsing.rows(ofPart: part)
      sums.insert(typed(batch.rowCount) { row, column in batch[row, column] })
      return batch.rowCount
    }
    #if SNOWMAKER_SIMDJSON
      let reader = try SimdReader(cells: rowCount * columns.count)
      let padded = whole + [UInt8](repeating: 0, count: 64)
      try measure("rows, simdjson", size, rounds: 5) { try reader.read(padded, whole.count) }
      try measure("rows and types, simdjson", size, rounds: 3) {
        let rows = try reader.read(padded, whole.count)
        sums.insert(typed(rows) { row, column in reader[row * columns.count + column] })
        return rows
      }
    #endif
    let data = Data(whole)
    try measure("rows, FoundationEssentials", size, rounds: 2) {
      try JSONDecoder().decode([[String?]].self, from: data).count
    }
    try measure("rows and types, FoundationEssentials", size, rounds: 2) {
      let rows = try JSONDecoder().decode([[String?]].self, from: data)
      sums.insert(typed(rows.count) { row, column in rows[row][column] })
      return rows.count
    }
    guard sums.count == 1 else { throw Failure(description: "the readers disagree about the rows") }
  }

  /// The best of so many rounds, in megabytes of text per second.
  private static func measure(
    _ name: String, _ size: Double, rounds: Int, _ body: () throws -> Int
  ) throws {
    var best = Double.infinity
    for _ in 0..<rounds {
      // User and system time of the process, which has no other thread.
      let start = clock()
      let rows = try body()
      let cost = Double(clock() - start) / 1e6
      guard rows == rowCount else { throw Failure(description: "\(name): \(rows) rows instead of \(rowCount)") }
      best = min(best, cost)
    }
    print("\(name): \(rounded(size / best)) MB/s")
  }

  private static func rounded(_ number: Double) -> Int { Int(number.rounded()) }

  /// Reads every cell as its column's type; a number that depends on all of them, so that nothing is left out.
  private static func typed(_ rows: Int, _ cell: (Int, Int) -> String?) -> Int {
    var sum = 0
    for row in 0..<rows {
      for (index, column) in columns.enumerated() {
        guard let text = cell(row, index), let value = column.value(text) else {
          sum &+= 1
          continue
        }
        switch value {
        case .decimal(let number): sum &+= number.integer ?? number.scale
        case .boolean(let flag): sum &+= flag ? 3 : 5
        case .timestamp(let time): sum &+= time.seconds &+ time.nanoseconds
        case .date(let days): sum &+= days
        case .text(let text): sum &+= text.utf8.count
        default: sum &+= 7
        }
      }
    }
    return sum
  }

  private static func sample() -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(rowCount * 160)
    for row in 0..<rowCount {
      if row > 0 { out.append(UInt8(ascii: ",")) }
      // One row in ten has something to decode.
      let note = row % 10 == 0 ? "a \\\"quoted\\\" word\\nand \\u00e9" : "nothing to decode in this text"
      out.append(
        contentsOf: """
          ["\(row)","customer number \(row) of many","\(row * 7919 % 1_000_003).25","\(row & 1)",\
          "\(1_700_000_000 + row).123456789","\(19_000 + row % 1000)","\(note)",null]
          """.utf8)
    }
    return out
  }
}
