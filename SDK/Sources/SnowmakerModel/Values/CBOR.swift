/// CBOR (RFC 8949) as the plugin boundary uses it: definite lengths, text keys, shortest integer heads,
/// and `undefined` for an unknown value.
public enum CBOR {
  /// Why bytes are not a document.
  public enum Failure: Error, Equatable, Sendable {
    case truncated
    case unsupported(head: UInt8)
    case tooDeep
    case invalidText
    case trailingBytes
  }

  /// How deep lists and objects may nest.
  public static let maximumDepth = 64

  /// The bytes of `value`.
  public static func encode(_ value: Value) -> [UInt8] { withEncoded(value) { Array($0) } }

  /// Runs `body` with the bytes of `value`, which are valid during that. A small document takes no memory but the stack's.
  public static func withEncoded<Result>(_ value: Value, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 16) { memory in
      var writer = CBORWriter(into: memory)
      append(value, to: &writer)
      return body(writer.bytes)
    }
  }

  /// The document in `bytes`. Throws when the bytes are not exactly one document.
  public static func decode(_ bytes: [UInt8]) throws(Failure) -> Value {
    var result: Result<Value, Failure> = .failure(.truncated)
    bytes.withUnsafeBytes { buffer in
      do throws(Failure) { result = .success(try decode(buffer)) } catch { result = .failure(error) }
    }
    return try result.get()
  }

  /// The document in `bytes`. Throws when the bytes are not exactly one document.
  public static func decode(_ bytes: UnsafeRawBufferPointer) throws(Failure) -> Value {
    var reader = Reader(bytes: bytes)
    let value = try reader.value(depth: 0)
    guard reader.at == bytes.count else { throw .trailingBytes }
    return value
  }
}

// MARK: - Writing

extension CBOR {
  private static func append(_ value: Value, to out: inout CBORWriter) {
    switch value {
    case .null: out.append(0xf6)
    case .unknown: out.append(0xf7)
    case .bool(let flag): out.append(flag ? 0xf5 : 0xf4)
    case .int(let number):
      if number >= 0 { head(0, UInt64(number), to: &out) } else { head(1, UInt64(-1 - number), to: &out) }
    case .double(let number):
      out.append(0xfb)
      withUnsafeBytes(of: number.bitPattern.bigEndian) { out.append(contentsOf: $0) }
    case .string(let string): text(string, to: &out)
    case .list(let elements):
      head(4, UInt64(elements.count), to: &out)
      for element in elements { append(element, to: &out) }
    case .object(let fields):
      head(5, UInt64(fields.count), to: &out)
      for field in fields {
        text(field.key, to: &out)
        append(field.value, to: &out)
      }
    }
  }

  @inline(__always) private static func text(_ string: String, to out: inout CBORWriter) {
    var string = string
    string.withUTF8 {
      head(3, UInt64($0.count), to: &out)
      out.append(contentsOf: UnsafeRawBufferPointer($0))
    }
  }

  @inline(__always) private static func head(_ major: UInt8, _ count: UInt64, to out: inout CBORWriter) {
    let top = major << 5
    switch count {
    case ..<24: out.append(top | UInt8(count))
    case ..<(1 << 8):
      out.append(top | 24)
      out.append(UInt8(count))
    case ..<(1 << 16):
      out.append(top | 25)
      withUnsafeBytes(of: UInt16(count).bigEndian) { out.append(contentsOf: $0) }
    case ..<(1 << 32):
      out.append(top | 26)
      withUnsafeBytes(of: UInt32(count).bigEndian) { out.append(contentsOf: $0) }
    default:
      out.append(top | 27)
      withUnsafeBytes(of: count.bigEndian) { out.append(contentsOf: $0) }
    }
  }
}

// MARK: - Reading

extension CBOR {
  private struct Reader {
    let bytes: UnsafeRawBufferPointer
    var at = 0
    var keys = KeyCache()

    @inline(__always) mutating func byte() throws(Failure) -> UInt8 {
      guard at < bytes.count else { throw .truncated }
      defer { at += 1 }
      return bytes[at]
    }

    @inline(__always) mutating func bigEndian<T: FixedWidthInteger>(_: T.Type) throws(Failure) -> T {
      let size = MemoryLayout<T>.size
      guard bytes.count - at >= size else { throw .truncated }
      defer { at += size }
      return T(bigEndian: bytes.loadUnaligned(fromByteOffset: at, as: T.self))
    }

    @inline(__always) mutating func length(_ head: UInt8) throws(Failure) -> UInt64 {
      switch head & 31 {
      case let small where small < 24: return UInt64(small)
      case 24: return UInt64(try byte())
      case 25: return UInt64(try bigEndian(UInt16.self))
      case 26: return UInt64(try bigEndian(UInt32.self))
      case 27: return try bigEndian(UInt64.self)
      default: throw .unsupported(head: head)
      }
    }

    @inline(__always) mutating func slice(_ head: UInt8) throws(Failure) -> UnsafeRawBufferPointer {
      let count = try length(head)
      guard count <= UInt64(bytes.count - at) else { throw .truncated }
      defer { at += Int(count) }
      return UnsafeRawBufferPointer(rebasing: bytes[at..<(at + Int(count))])
    }

    /// A count of elements: each takes at least a byte, so a larger one is a lie that must not reserve memory.
    mutating func count(_ head: UInt8) throws(Failure) -> Int {
      let count = try length(head)
      guard count <= UInt64(bytes.count - at) else { throw .truncated }
      return Int(count)
    }

    mutating func text(_ head: UInt8) throws(Failure) -> String {
      guard let string = String(utf8: try slice(head).bindMemory(to: UInt8.self).span) else { throw .invalidText }
      return string
    }

    mutating func value(depth: Int) throws(Failure) -> Value {
      guard depth < CBOR.maximumDepth else { throw .tooDeep }
      let head = try byte()
      switch head >> 5 {
      case 0:
        let number = try length(head)
        guard number <= UInt64(Int64.max) else { throw .unsupported(head: head) }
        return .int(Int64(number))
      case 1:
        let number = try length(head)
        guard number <= UInt64(Int64.max) else { throw .unsupported(head: head) }
        return .int(-1 - Int64(number))
      case 3: return .string(try text(head))
      case 4:
        let count = try count(head)
        var elements: [Value] = []
        elements.reserveCapacity(count)
        for _ in 0..<count { elements.append(try value(depth: depth + 1)) }
        return .list(elements)
      case 5:
        let count = try count(head)
        var fields: [Value.Field] = []
        fields.reserveCapacity(count)
        for _ in 0..<count {
          let keyHead = try byte()
          guard keyHead >> 5 == 3 else { throw .unsupported(head: keyHead) }
          let key = try keys.string(try slice(keyHead))
          fields.append(.init(key, try value(depth: depth + 1)))
        }
        return .object(fields)
      case 7:
        switch head {
        case 0xf4: return .bool(false)
        case 0xf5: return .bool(true)
        case 0xf6: return .null
        case 0xf7: return .unknown
        case 0xfb: return .double(Double(bitPattern: try bigEndian(UInt64.self)))
        default: throw .unsupported(head: head)
        }
      default: throw .unsupported(head: head)
      }
    }
  }

  /// A tiny direct-mapped cache: attribute names repeat, so most long keys cost no allocation.
  private struct KeyCache {
    /// Empty until the first long key: most documents are small.
    var slots: [(bytes: UnsafeRawBufferPointer, text: String)?] = []

    @inline(__always) mutating func string(_ bytes: UnsafeRawBufferPointer) throws(Failure) -> String {
      guard bytes.count > 15, bytes.count < 64 else { return try make(bytes) }
      if slots.isEmpty { slots = .init(repeating: nil, count: 64) }
      let mixed = UInt(bytes[0]) &* 31 &+ UInt(bytes[bytes.count - 1]) &* 7
      let slot = Int((mixed &+ UInt(bytes[bytes.count / 2]) &+ UInt(bytes.count)) & 63)
      if let known = slots[slot], known.bytes.count == bytes.count, known.bytes.elementsEqual(bytes) {
        return known.text
      }
      let text = try make(bytes)
      slots[slot] = (bytes, text)
      return text
    }

    private func make(_ bytes: UnsafeRawBufferPointer) throws(Failure) -> String {
      guard let text = String(utf8: bytes.bindMemory(to: UInt8.self).span) else { throw .invalidText }
      return text
    }
  }
}
