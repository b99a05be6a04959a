/// Why bytes are not the JSON that was expected.
struct JSONError: Error, Equatable {
  /// The byte at which reading stopped, from 0.
  let offset: Int
  /// What is wrong there.
  let reason: String
  /// Whether the bytes simply end too early.
  let isTruncated: Bool
}

/// Reads JSON from bytes as a stream of values: the caller says what it expects next, nothing is built that it does not
/// ask for. Strings that hold escapes are decoded in place, so the bytes must belong to the reader alone.
///
/// Nesting deeper than 64 is refused. The pointers are valid only inside `JSONReader.read`.
struct JSONReader {
  /// What the next value is.
  enum Kind { case object, array, string, number, bool, null }

  static let depthLimit = 64

  let base: UnsafeMutablePointer<UInt8>
  let count: Int
  var position = 0
  private var depth = 0

  private init(base: UnsafeMutablePointer<UInt8>, count: Int) {
    self.base = base
    self.count = count
  }

  /// Runs `body` over the bytes, which may be changed (see above). After it only white space may follow.
  static func read<T>(
    _ bytes: inout [UInt8], _ body: (inout JSONReader) throws(JSONError) -> T
  ) throws(JSONError) -> T {
    if bytes.isEmpty { throw JSONError(offset: 0, reason: "there is nothing to read", isTruncated: true) }
    let outcome = bytes.withUnsafeMutableBufferPointer { buffer -> Result<T, JSONError> in
      guard let base = buffer.baseAddress else {
        return .failure(JSONError(offset: 0, reason: "there is nothing to read", isTruncated: true))
      }
      var reader = JSONReader(base: base, count: buffer.count)
      do throws(JSONError) {
        let value = try body(&reader)
        reader.skipSpace()
        if reader.position < reader.count { throw reader.error("something follows the value") }
        return .success(value)
      } catch {
        return .failure(error)
      }
    }
    return try outcome.get()
  }

  func error(_ reason: String) -> JSONError {
    JSONError(
      offset: position, reason: position >= count ? "it ends too early" : reason, isTruncated: position >= count)
  }

  @inline(__always)
  mutating func skipSpace() {
    while position < count {
      let byte = base[position]
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
      position += 1
    }
  }

  /// Moves over `byte` if it comes next (after white space).
  @inline(__always)
  mutating func take(_ byte: UInt8) -> Bool {
    skipSpace()
    guard position < count, base[position] == byte else { return false }
    position += 1
    return true
  }

  /// What comes next.
  mutating func kind() throws(JSONError) -> Kind {
    skipSpace()
    guard position < count else { throw error("") }
    switch base[position] {
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "["): return .array
    case UInt8(ascii: "\""): return .string
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
    case UInt8(ascii: "n"): return .null
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
    default: throw error("no JSON value begins with this character")
    }
  }

  mutating func enter() throws(JSONError) {
    depth += 1
    if depth > Self.depthLimit { throw error("it is nested deeper than \(Self.depthLimit)") }
  }

  mutating func leave() { depth -= 1 }

  /// Reads an object; `member` must read (or skip) the value of each key.
  mutating func object(_ member: (inout JSONReader, String) throws(JSONError) -> Void) throws(JSONError) {
    guard take(UInt8(ascii: "{")) else { throw error("an object was expected") }
    try enter()
    defer { leave() }
    if take(UInt8(ascii: "}")) { return }
    repeat {
      skipSpace()
      let key = try string()
      guard take(UInt8(ascii: ":")) else { throw error("a colon was expected") }
      try member(&self, key)
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "}")) else { throw error("a comma or a closing brace was expected") }
  }

  /// Reads an array; `element` must read (or skip) each element.
  mutating func array(_ element: (inout JSONReader) throws(JSONError) -> Void) throws(JSONError) {
    guard take(UInt8(ascii: "[")) else { throw error("an array was expected") }
    try enter()
    defer { leave() }
    if take(UInt8(ascii: "]")) { return }
    repeat { try element(&self) } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "]")) else { throw error("a comma or a closing bracket was expected") }
  }

  /// Reads a string.
  mutating func string() throws(JSONError) -> String {
    let (start, length) = try stringBytes()
    return String(decoding: UnsafeBufferPointer(start: base + start, count: length), as: UTF8.self)
  }

  /// Reads a string, a number or a truth value as text; nil for null, an object or an array.
  mutating func text() throws(JSONError) -> String? {
    switch try kind() {
    case .string: return try string()
    case .number, .bool:
      let start = position
      try skip()
      return String(decoding: UnsafeBufferPointer(start: base + start, count: position - start), as: UTF8.self)
    case .null, .object, .array:
      try skip()
      return nil
    }
  }

  /// Reads a whole number, also one written as a string; nil for anything else.
  mutating func integer() throws(JSONError) -> Int? { try text().flatMap { Int($0) } }

  /// Reads a truth value; nil for anything else.
  mutating func bool() throws(JSONError) -> Bool? {
    guard try kind() == .bool else {
      try skip()
      return nil
    }
    let value = base[position] == UInt8(ascii: "t")
    try skip()
    return value
  }

  /// Moves over a value of any kind, checking its syntax.
  mutating func skip() throws(JSONError) {
    switch try kind() {
    case .string: _ = try stringBytes()
    case .number: try skipNumber()
    case .bool: try literal(base[position] == UInt8(ascii: "t") ? "true" : "false")
    case .null: try literal("null")
    case .object: try object { (reader, _) throws(JSONError) in try reader.skip() }
    case .array: try array { (reader) throws(JSONError) in try reader.skip() }
    }
  }

  mutating func literal(_ text: StaticString) throws(JSONError) {
    for index in 0..<text.utf8CodeUnitCount {
      guard position < count, base[position] == text.utf8Start[index] else { throw error("\(text) was expected") }
      position += 1
    }
  }

  private mutating func digits() throws(JSONError) {
    let start = position
    while position < count, base[position] >= 0x30, base[position] <= 0x39 { position += 1 }
    if position == start { throw error("a digit was expected") }
  }

  mutating func skipNumber() throws(JSONError) {
    if base[position] == UInt8(ascii: "-") { position += 1 }
    try digits()
    if position < count, base[position] == UInt8(ascii: ".") {
      position += 1
      try digits()
    }
    if position < count, base[position] | 0x20 == UInt8(ascii: "e") {
      position += 1
      if position < count, base[position] == UInt8(ascii: "+") || base[position] == UInt8(ascii: "-") { position += 1 }
      try digits()
    }
  }
}
