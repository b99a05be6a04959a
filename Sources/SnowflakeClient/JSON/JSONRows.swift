/// Rows as Snowflake sends them: arrays of strings and nulls. The cells are not copied, they are ranges of the bytes
/// that were read.
struct JSONRows {
  /// Where a cell lies; a negative length stands for NULL.
  struct Cell {
    let offset: UInt32
    let length: Int32
  }

  private(set) var cells: [Cell] = []
  private(set) var rowCount = 0
  /// The width of the first row; nil before there is one.
  private(set) var width: Int?

  /// Reads `[[…],[…]]`; null counts as no rows.
  mutating func readRowset(_ reader: inout JSONReader) throws(JSONError) {
    guard try reader.kind() == .array else {
      try reader.skip()
      return
    }
    guard reader.take(UInt8(ascii: "[")) else { throw reader.error("rows were expected") }
    try reader.enter()
    if !reader.take(UInt8(ascii: "]")) {
      try readRows(&reader)
      guard reader.take(UInt8(ascii: "]")) else { throw reader.error("a comma or a closing bracket was expected") }
    }
    reader.leave()
  }

  /// Reads `[…],[…]` to the end of the bytes: what a result's chunk holds.
  mutating func readChunk(_ reader: inout JSONReader) throws(JSONError) {
    reader.skipSpace()
    if reader.position < reader.count { try readRows(&reader) }
  }

  private mutating func readRows(_ reader: inout JSONReader) throws(JSONError) {
    guard reader.count <= Int(Int32.max) else { throw reader.error("it is larger than 2 GiB") }
    repeat {
      let before = cells.count
      try readRow(&reader)
      let found = cells.count - before
      if let width, width != found { throw reader.error("a row has \(found) values where others have \(width)") }
      width = found
      rowCount += 1
    } while reader.take(UInt8(ascii: ","))
  }

  @inline(__always)
  private mutating func readRow(_ reader: inout JSONReader) throws(JSONError) {
    guard reader.take(UInt8(ascii: "[")) else { throw reader.error("a row was expected") }
    if reader.take(UInt8(ascii: "]")) { return }
    repeat {
      reader.skipSpace()
      guard reader.position < reader.count else { throw reader.error("") }
      switch reader.base[reader.position] {
      case UInt8(ascii: "\""):
        let (start, length) = try reader.stringBytes()
        cells.append(Cell(offset: UInt32(start), length: Int32(length)))
      case UInt8(ascii: "n"):
        try reader.literal("null")
        cells.append(Cell(offset: 0, length: -1))
      default:
        let start = reader.position
        try reader.skip()
        cells.append(Cell(offset: UInt32(start), length: Int32(reader.position - start)))
      }
    } while reader.take(UInt8(ascii: ","))
    guard reader.take(UInt8(ascii: "]")) else { throw reader.error("a comma or a closing bracket was expected") }
  }
}
