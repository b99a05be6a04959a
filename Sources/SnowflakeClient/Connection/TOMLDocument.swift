import CTOML

/// A TOML text as a flat list of values.
struct TOMLDocument {
  /// One value or table.
  struct Entry {
    /// The names of the tables around it and its own.
    let path: [String]
    /// The value as text.
    let text: String
    let isTable: Bool
    /// A string, a number, a truth value or a time: what a setting can be.
    let isScalar: Bool
    /// From 1.
    let line: Int
  }

  let entries: [Entry]

  /// Parses a text. Throws a `ConnectionProblem` with the file and the line.
  init(_ text: [UInt8], file: String) throws(ConnectionProblem) {
    let parsed = text.withUnsafeBytes { bytes in
      ctoml_parse(bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
    }
    guard let parsed else { throw ConnectionProblem("memory is out", file: file) }
    defer { ctoml_free(parsed) }
    var line: UInt32 = 0
    var column: UInt32 = 0
    if let message = ctoml_error(parsed, &line, &column) {
      throw ConnectionProblem("not TOML: \(String(cString: message)) (column \(column))", file: file, line: Int(line))
    }
    entries = (0..<ctoml_count(parsed)).compactMap { index in
      guard let value = ctoml_at(parsed, index)?.pointee else { return nil }
      return Entry(
        path: (0..<value.path_count).map { TOMLDocument.text(value.path[$0], value.path_sizes[$0]) },
        text: TOMLDocument.text(value.text, value.text_size), isTable: value.kind == Int32(CTOML_TABLE.rawValue),
        isScalar: value.kind != Int32(CTOML_TABLE.rawValue) && value.kind != Int32(CTOML_ARRAY.rawValue),
        line: Int(value.line))
    }
  }

  private static func text(_ pointer: UnsafePointer<CChar>?, _ size: Int) -> String {
    guard let pointer else { return "" }
    return String(decoding: UnsafeRawBufferPointer(start: pointer, count: size), as: UTF8.self)
  }
}
