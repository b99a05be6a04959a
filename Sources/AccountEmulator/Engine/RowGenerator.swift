import SnowmakerModel

/// `TABLE(GENERATOR(ROWCOUNT => n))` and the sequences SEQ1, SEQ2, SEQ4 and SEQ8: rows out of nothing, for trying large
/// results. The numbers are 0, 1, 2 …, without the gaps that the service allows itself; what a number counts modulo
/// (2^8, 2^16, 2^32, 2^64; half of that when the argument is 1) is documented.
enum RowGenerator {
  /// More rows than this are refused: the emulator holds a result in memory.
  static let rowLimit = 5_000_000

  /// The rows. Throws when their number is missing or not between 0 and the limit.
  static func table(_ arguments: [String: String]) throws(StatementFailure) -> VirtualTable {
    for name in arguments.keys where name != "ROWCOUNT" {
      throw .unsupported("GENERATOR with \(name): the emulator generates a number of rows, not for a time")
    }
    guard let count = arguments["ROWCOUNT"].flatMap({ Int($0) }), (0...rowLimit).contains(count) else {
      throw .unsupported("GENERATOR without a ROWCOUNT from 0 to \(rowLimit)")
    }
    var table = VirtualTable(columns: [ResultColumn(name: numberColumn, type: .fixed)], rows: [])
    table.isGenerated = true
    table.rows.reserveCapacity(count)
    for number in 0..<count { table.rows.append([String(number)]) }
    return table
  }

  /// What SEQn stands for on a generated row; nil when it is another function or the row is no generated one.
  static func value(_ function: String, _ arguments: [Expression], _ row: QueryRow) -> Evaluated? {
    guard row.table.isGenerated, let bits = bits[function], let number = row.cells.first.flatMap({ $0 }) else {
      return nil
    }
    guard bits < 63, let whole = UInt64(number) else { return Evaluated(text: number, type: .fixed) }
    var isSigned = false
    if case .number("1")? = arguments.first { isSigned = true }
    return Evaluated(text: String(whole & (UInt64(1) << UInt64(isSigned ? bits - 1 : bits) - 1)), type: .fixed)
  }

  /// No identifier can be empty, so nothing but SEQn reaches the column.
  private static let numberColumn = ""
  private static let bits = ["SEQ1": 8, "SEQ2": 16, "SEQ4": 32, "SEQ8": 64]
}
