import SnowmakerModel

/// JSON of request bodies: strict (RFC 8259), limited in depth, whole numbers kept exact.
enum WireJSON {
  /// Why bytes are not a JSON document, and where.
  struct Failure: Error, Equatable {
    var offset: Int
    var reason: String
  }

  /// How deep lists and objects may nest.
  static let maximumDepth = 64

  /// The document in `bytes`. Throws when the bytes are not exactly one document.
  static func decode(_ bytes: [UInt8]) throws(Failure) -> Value {
    var reader = WireJSONReader(bytes: bytes[...])
    return try reader.document()
  }

  /// The bytes of `value`, without white space.
  static func encode(_ value: Value) -> [UInt8] {
    var writer = WireJSONWriter()
    writer.value(value)
    return writer.bytes
  }
}

/// Reads one document, once.
struct WireJSONReader {
  private let bytes: ArraySlice<UInt8>
  private var at: Int

  init(bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    at = bytes.startIndex
  }

  mutating func document() throws(WireJSON.Failure) -> Value {
    let value = try value(depth: 0)
    skipSpace()
    guard at == bytes.endIndex else { throw failure("text after the end of the document") }
    return value
  }

  private func failure(_ reason: String) -> WireJSON.Failure { .init(offset: at - bytes.startIndex, reason: reason) }

  private var next: UInt8? { at < bytes.endIndex ? bytes[at] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { at += 1 }
  }

  private mutating func value(depth: Int) throws(WireJSON.Failure) -> Value {
    guard depth <= WireJSON.maximumDepth else { throw failure("nested too deep") }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try list(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case .some(UInt8(ascii: "0")...UInt8(ascii: "9")), UInt8(ascii: "-"): return try number()
    case nil: throw failure("the document ends too early")
    default: throw failure("no value begins with this character")
    }
  }

  private mutating func word(_ word: String, _ value: Value) throws(WireJSON.Failure) -> Value {
    guard bytes[at...].starts(with: word.utf8) else { throw failure("expected \(word)") }
    at += word.utf8.count
    return value
  }

  private mutating func object(depth: Int) throws(WireJSON.Failure) -> Value {
    at += 1
    var fields: [Value.Field] = []
    skipSpace()
    if next == UInt8(ascii: "}") {
      at += 1
      return .object(fields)
    }
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw failure("expected a key") }
      let key = try string()
      skipSpace()
      guard next == UInt8(ascii: ":") else { throw failure("expected ':'") }
      at += 1
      fields.append(Value.Field(key, try value(depth: depth + 1)))
      skipSpace()
      switch next {
      case UInt8(ascii: ","): at += 1
      case UInt8(ascii: "}"):
        at += 1
        return .object(fields)
      default: throw failure("expected ',' or '}'")
      }
    }
  }

  private mutating func list(depth: Int) throws(WireJSON.Failure) -> Value {
    at += 1
    var elements: [Value] = []
    skipSpace()
    if next == UInt8(ascii: "]") {
      at += 1
      return .list(elements)
    }
    while true {
      elements.append(try value(depth: depth + 1))
      skipSpace()
      switch next {
      case UInt8(ascii: ","): at += 1
      case UInt8(ascii: "]"):
        at += 1
        return .list(elements)
      default: throw failure("expected ',' or ']'")
      }
    }
  }

  private mutating func number() throws(WireJSON.Failure) -> Value {
    let start = at
    if next == UInt8(ascii: "-") { at += 1 }
    let firstDigit = at
    try digits()
    if bytes[firstDigit] == UInt8(ascii: "0") && at - firstDigit > 1 { throw failure("a number begins with 0") }
    var isWhole = true
    if next == UInt8(ascii: ".") {
      isWhole = false
      at += 1
      try digits()
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      isWhole = false
      at += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { at += 1 }
      try digits()
    }
    let text = String(decoding: bytes[start..<at], as: UTF8.self)
    if isWhole, let whole = Int64(text) { return .int(whole) }
    guard let number = Double(text), number.isFinite else { throw failure("the number is out of range") }
    return .double(number)
  }

  private mutating func digits() throws(WireJSON.Failure) {
    let start = at
    while let byte = next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { at += 1 }
    if at == start { throw failure("expected a digit") }
  }

  private mutating func string() throws(WireJSON.Failure) -> String {
    at += 1
    let start = at
    while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { at += 1 }
    if next == UInt8(ascii: "\"") {
      guard let text = String(validating: bytes[start..<at], as: UTF8.self) else { throw failure("not UTF-8") }
      at += 1
      return text
    }
    return try stringWithEscapes(from: start)
  }

  private mutating func stringWithEscapes(from start: Int) throws(WireJSON.Failure) -> String {
    var out = Array(bytes[start..<at])
    while let byte = next {
      at += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: out, as: UTF8.self) else { throw failure("not UTF-8") }
        return text
      case UInt8(ascii: "\\"): try escape(to: &out)
      case 0..<0x20: throw failure("a control character in text")
      default: out.append(byte)
      }
    }
    throw failure("the text does not end")
  }

  private mutating func escape(to out: inout [UInt8]) throws(WireJSON.Failure) {
    guard let byte = next else { throw failure("the text does not end") }
    at += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(byte)
    case UInt8(ascii: "b"): out.append(0x08)
    case UInt8(ascii: "f"): out.append(0x0c)
    case UInt8(ascii: "n"): out.append(0x0a)
    case UInt8(ascii: "r"): out.append(0x0d)
    case UInt8(ascii: "t"): out.append(0x09)
    case UInt8(ascii: "u"):
      var code = try hex4()
      if code >= 0xd800 && code < 0xdc00 {
        guard next == UInt8(ascii: "\\") else { throw failure("half of a surrogate pair") }
        at += 1
        guard next == UInt8(ascii: "u") else { throw failure("half of a surrogate pair") }
        at += 1
        let low = try hex4()
        guard low >= 0xdc00 && low < 0xe000 else { throw failure("half of a surrogate pair") }
        code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw failure("half of a surrogate pair") }
      out.append(contentsOf: Character(scalar).utf8)
    default: throw failure("unknown escape")
    }
  }

  private mutating func hex4() throws(WireJSON.Failure) -> UInt32 {
    guard bytes.endIndex - at >= 4 else { throw failure("the text does not end") }
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Character(Unicode.Scalar(bytes[at])).hexDigitValue, bytes[at] < 0x80 else {
        throw failure("expected four hexadecimal digits")
      }
      code = code << 4 | UInt32(digit)
      at += 1
    }
    return code
  }
}
