/// Reading rows without a network, for benchmarks.
package enum ResultParsing {
  /// The rows of a part of a result as a store keeps it: arrays of texts and nulls with commas between them. Throws when
  /// that is not what the bytes are.
  package static func rows(ofPart bytes: [UInt8]) throws -> ResultBatch {
    var bytes = bytes
    var rows = JSONRows()
    rows = try JSONReader.read(&bytes) { (reader) throws(JSONError) in
      var rows = JSONRows()
      try rows.readChunk(&reader)
      return rows
    }
    return ResultBatch(bytes: bytes, rows: rows)
  }
}
