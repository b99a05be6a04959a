/// JSON (RFC 8259) for the same documents as `CBOR`: strict UTF-8, objects in the order they were written, and
/// `{"$unknown": true}` for an unknown value.
///
/// An object with one key twice keeps both entries, as `Value` does; `Value`'s subscript finds the first.
public enum JSON {
  /// Why bytes are not a document, and where.
  public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public enum Reason: Hashable, Sendable {
      /// The bytes end inside the document.
      case truncated
      /// This byte cannot stand here.
      case unexpected(UInt8)
      /// Lists and objects nest deeper than `maximumDepth`.
      case tooDeep
      /// A number that is spelt wrong or too large for a double.
      case invalidNumber
      /// A text that is not UTF-8, has a bare control character, or a wrong escape.
      case invalidText
      /// There is more after the document.
      case trailingBytes
    }

    /// What is wrong.
    public var reason: Reason
    /// The byte offset at which reading stopped.
    public var offset: Int

    /// Reading stopped at `offset`, because of `reason`.
    public init(_ reason: Reason, offset: Int) {
      self.reason = reason
      self.offset = offset
    }

    /// What is wrong and at which byte.
    public var description: String {
      let problem =
        switch reason {
        case .truncated: "the document ends too early"
        case .unexpected(let byte): "unexpected byte 0x\(String(byte, radix: 16))"
        case .tooDeep: "nested deeper than \(JSON.maximumDepth) levels"
        case .invalidNumber: "not a number"
        case .invalidText: "not a valid text"
        case .trailingBytes: "more follows the document"
        }
      return "\(problem) at byte \(offset)"
    }
  }

  /// How deep lists and objects may nest.
  public static let maximumDepth = CBOR.maximumDepth

  /// The UTF-8 bytes of `value`; `pretty` puts every element on a line of its own, indented by two spaces.
  ///
  /// A double that is not finite has no spelling in JSON and becomes null.
  public static func encode(_ value: Value, pretty: Bool = false) -> [UInt8] {
    var writer = Writer(isPretty: pretty)
    writer.bytes.reserveCapacity(512)
    writer.append(value, depth: 0)
    return writer.bytes
  }

  /// The text of `value`, as `encode` writes it.
  public static func string(_ value: Value, pretty: Bool = false) -> String {
    String(decoding: encode(value, pretty: pretty), as: UTF8.self)
  }

  /// The document in `bytes`. A whole number beyond 64 bits becomes a double.
  ///
  /// Throws when the bytes are not exactly one document.
  public static func decode(_ bytes: [UInt8]) throws(Failure) -> Value {
    var result: Result<Value, Failure> = .failure(Failure(.truncated, offset: 0))
    bytes.withUnsafeBytes { buffer in
      do throws(Failure) { result = .success(try decode(buffer)) } catch { result = .failure(error) }
    }
    return try result.get()
  }

  /// The document in `bytes`. A whole number beyond 64 bits becomes a double.
  ///
  /// Throws when the bytes are not exactly one document.
  public static func decode(_ bytes: UnsafeRawBufferPointer) throws(Failure) -> Value {
    var reader = Reader(bytes: bytes)
    reader.skipSpace()
    let value = try reader.value(depth: 0)
    reader.skipSpace()
    guard reader.at == bytes.count else { throw Failure(.trailingBytes, offset: reader.at) }
    return value
  }

  /// The key of the object that stands for an unknown value.
  private static let unknownKey = "$unknown"
}

// MARK: - Writing

extension JSON {
  private struct Writer {
    var bytes: [UInt8] = []
    let isPretty: Bool

    init(isPretty: Bool) { self.isPretty = isPretty }

    mutating func append(_ value: Value, depth: Int) {
      switch value {
      case .null: raw("null")
      case .unknown: raw(isPretty ? "{\"$unknown\": true}" : "{\"$unknown\":true}")
      case .bool(let flag): raw(flag ? "true" : "false")
      case .int(let number): raw(String(number))
      case .double(let number): raw(number.isFinite ? String(number) : "null")
      case .string(let string): text(string)
      case .list(let elements):
        sequence("[", "]", elements, depth) { $0.append($1, depth: depth + 1) }
      case .object(let fields):
        sequence("{", "}", fields, depth) { writer, field in
          writer.text(field.key)
          writer.raw(writer.isPretty ? ": " : ":")
          writer.append(field.value, depth: depth + 1)
        }
      }
    }

    private mutating func sequence<Element>(
      _ open: StaticString, _ close: StaticString, _ elements: [Element], _ depth: Int,
      _ write: (inout Writer, Element) -> Void
    ) {
      raw(open)
      for (index, element) in elements.enumerated() {
        if index > 0 { raw(",") }
        line(depth + 1)
        write(&self, element)
      }
      if !elements.isEmpty { line(depth) }
      raw(close)
    }

    private mutating func line(_ depth: Int) {
      guard isPretty else { return }
      bytes.append(0x0a)
      for _ in 0..<(2 * depth) { bytes.append(0x20) }
    }

    private mutating func raw(_ text: StaticString) {
      text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    private mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func text(_ string: String) {
      bytes.append(0x22)
      for byte in string.utf8 {
        switch byte {
        case 0x22: raw("\\\"")
        case 0x5c: raw("\\\\")
        case 0x0a: raw("\\n")
        case 0x0d: raw("\\r")
        case 0x09: raw("\\t")
        case ..<0x20, 0x7f:
          raw("\\u00")
          bytes.append(Self.digit(byte >> 4))
          bytes.append(Self.digit(byte & 15))
        default: bytes.append(byte)
        }
      }
      bytes.append(0x22)
    }

    private static func digit(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 0x30 + nibble : 0x57 + nibble }
  }
}

// MARK: - Reading

extension JSON {
  private struct Reader {
    let bytes: UnsafeRawBufferPointer
    var at = 0

    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    func failure(_ reason: Failure.Reason) -> Failure { Failure(reason, offset: at) }

    @inline(__always) mutating func skipSpace() {
      while at < bytes.count {
        switch bytes[at] {
        case 0x20, 0x09, 0x0a, 0x0d: at += 1
        default: return
        }
      }
    }

    @inline(__always) func peek() throws(Failure) -> UInt8 {
      guard at < bytes.count else { throw failure(.truncated) }
      return bytes[at]
    }

    @inline(__always) mutating func expect(_ byte: UInt8) throws(Failure) {
      let found = try peek()
      guard found == byte else { throw failure(.unexpected(found)) }
      at += 1
    }

    mutating func value(depth: Int) throws(Failure) -> Value {
      guard depth < JSON.maximumDepth else { throw failure(.tooDeep) }
      let first = try peek()
      switch first {
      case 0x7b: return try object(depth: depth)
      case 0x5b: return try list(depth: depth)
      case 0x22: return .string(try text())
      case 0x2d, 0x30...0x39: return try number()
      case 0x74: return try word("true", .bool(true))
      case 0x66: return try word("false", .bool(false))
      case 0x6e: return try word("null", .null)
      default: throw failure(.unexpected(first))
      }
    }

    private mutating func word(_ word: StaticString, _ value: Value) throws(Failure) -> Value {
      for index in 0..<word.utf8CodeUnitCount { try expect(word.utf8Start[index]) }
      return value
    }

    private mutating func list(depth: Int) throws(Failure) -> Value {
      at += 1
      var elements: [Value] = []
      skipSpace()
      if try peek() == 0x5d {
        at += 1
        return .list(elements)
      }
      while true {
        skipSpace()
        elements.append(try value(depth: depth + 1))
        skipSpace()
        if try peek() == 0x5d {
          at += 1
          return .list(elements)
        }
        try expect(0x2c)
      }
    }

    private mutating func object(depth: Int) throws(Failure) -> Value {
      at += 1
      var fields: [Value.Field] = []
      skipSpace()
      if try peek() == 0x7d {
        at += 1
        return .object(fields)
      }
      while true {
        skipSpace()
        let quote = try peek()
        guard quote == 0x22 else { throw failure(.unexpected(quote)) }
        let key = try text()
        skipSpace()
        try expect(0x3a)
        skipSpace()
        // The flag of an unknown value takes no level: it must fit wherever the value itself does.
        let isFlag = try peek() == 0x74 && key == JSON.unknownKey
        fields.append(.init(key, try value(depth: isFlag ? depth : depth + 1)))
        skipSpace()
        if try peek() == 0x7d {
          at += 1
          let isUnknown = fields.count == 1 && fields[0].key == JSON.unknownKey && fields[0].value == .bool(true)
          return isUnknown ? .unknown : .object(fields)
        }
        try expect(0x2c)
      }
    }

    // MARK: Numbers

    private mutating func number() throws(Failure) -> Value {
      let start = at
      if bytes[at] == 0x2d { at += 1 }
      let leading = try peek()
      let digitCount = digits()
      guard digitCount > 0, digitCount == 1 || leading != 0x30 else { throw failure(.invalidNumber) }
      var isWhole = true
      if at < bytes.count, bytes[at] == 0x2e {
        isWhole = false
        at += 1
        guard digits() > 0 else { throw failure(.invalidNumber) }
      }
      if at < bytes.count, bytes[at] | 0x20 == 0x65 {
        isWhole = false
        at += 1
        if at < bytes.count, bytes[at] == 0x2b || bytes[at] == 0x2d { at += 1 }
        guard digits() > 0 else { throw failure(.invalidNumber) }
      }
      let spelling = String(decoding: bytes[start..<at], as: UTF8.self)
      if isWhole, let whole = Int64(spelling) { return .int(whole) }
      guard let double = Double(spelling), double.isFinite else { throw Failure(.invalidNumber, offset: start) }
      return .double(double)
    }

    private mutating func digits() -> Int {
      let start = at
      while at < bytes.count, (0x30...0x39).contains(bytes[at]) { at += 1 }
      return at - start
    }

    // MARK: Texts

    private mutating func text() throws(Failure) -> String {
      at += 1
      let start = at
      while true {
        switch try peek() {
        case 0x22:
          let slice = UnsafeRawBufferPointer(rebasing: bytes[start..<at])
          guard let text = String(utf8: slice.bindMemory(to: UInt8.self).span) else {
            throw Failure(.invalidText, offset: start)
          }
          at += 1
          return text
        case 0x5c: return try escapedText(from: start)
        case ..<0x20: throw failure(.invalidText)
        default: at += 1
        }
      }
    }

    /// The text that began at `start`, read on from its first backslash.
    private mutating func escapedText(from start: Int) throws(Failure) -> String {
      var content = Array(bytes[start..<at])
      while true {
        let byte = try peek()
        switch byte {
        case 0x22:
          guard let text = String(utf8: content.span) else {
            throw Failure(.invalidText, offset: start)
          }
          at += 1
          return text
        case 0x5c:
          at += 1
          try appendEscape(to: &content)
        case ..<0x20: throw failure(.invalidText)
        default:
          content.append(byte)
          at += 1
        }
      }
    }

    private mutating func appendEscape(to content: inout [UInt8]) throws(Failure) {
      let letter = try peek()
      at += 1
      switch letter {
      case 0x22, 0x5c, 0x2f: content.append(letter)
      case 0x62: content.append(0x08)
      case 0x66: content.append(0x0c)
      case 0x6e: content.append(0x0a)
      case 0x72: content.append(0x0d)
      case 0x74: content.append(0x09)
      case 0x75:
        var code = try hexadecimal()
        if (0xd800...0xdbff).contains(code) {
          try expect(0x5c)
          try expect(0x75)
          let low = try hexadecimal()
          guard (0xdc00...0xdfff).contains(low) else { throw failure(.invalidText) }
          code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw failure(.invalidText) }
        content.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      default: throw Failure(.invalidText, offset: at - 1)
      }
    }

    private mutating func hexadecimal() throws(Failure) -> UInt32 {
      var code: UInt32 = 0
      for _ in 0..<4 {
        let byte = try peek()
        let digit: UInt8
        switch byte {
        case 0x30...0x39: digit = byte - 0x30
        case 0x41...0x46: digit = byte - 0x37
        case 0x61...0x66: digit = byte - 0x57
        default: throw failure(.invalidText)
        }
        code = code << 4 | UInt32(digit)
        at += 1
      }
      return code
    }
  }
}

extension String {
  /// The text whose UTF-8 these bytes are; nil when they are not UTF-8.
  ///
  /// `String(validating:as:)` does the same through unspecialised generics and takes four times as long.
  init?(utf8 bytes: Span<UInt8>) {
    guard let text = try? UTF8Span(validating: bytes) else { return nil }
    self = String(copying: text)
  }
}
