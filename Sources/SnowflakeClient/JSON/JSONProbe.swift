/// The reading of answers, for fuzzers: a lone function, so that nothing else of it need be known outside.
package enum JSONProbe {
  /// Reads bytes as a tree of values, as rows and as a chunk of rows. Gives what is wrong when the tree, written and read
  /// again, is another; whether each way of reading took the bytes is in `taken`.
  package static func read(_ bytes: [UInt8]) -> (taken: Int, problem: String?) {
    var taken = 0
    var problem: String?
    var copy = bytes
    if let tree = try? JSONReader.read(&copy, { (reader) throws(JSONError) in try reader.value() }) {
      taken += 1
      var written = tree.encoded
      let again = try? JSONReader.read(&written, { (reader) throws(JSONError) in try reader.value() })
      if again != tree { problem = "a tree does not come back as it was written" }
    }
    for readsChunk in [false, true] {
      copy = bytes
      var rows = JSONRows()
      let result: Void? = try? JSONReader.read(&copy) { (reader) throws(JSONError) in
        if readsChunk { try rows.readChunk(&reader) } else { try rows.readRowset(&reader) }
      }
      guard result != nil else { continue }
      taken += 1
      if rows.cells.count != rows.rowCount * (rows.width ?? 0) { problem = "ragged rows" }
      for cell in rows.cells where cell.length >= 0 {
        if Int(cell.offset) + Int(cell.length) > bytes.count { problem = "a cell past the end" }
      }
    }
    return (taken, problem)
  }
}
