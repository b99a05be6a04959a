import SnowmakerModel

/// Writes JSON straight to bytes.
struct WireJSONWriter {
  private(set) var bytes: [UInt8] = []
  private var needsComma = false

  init(capacity: Int = 1024) { bytes.reserveCapacity(capacity) }

  /// `"name":` with the comma before it when one is due.
  mutating func key(_ name: StaticString) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    name.withUTF8Buffer { bytes.append(contentsOf: $0) }
    bytes.append(UInt8(ascii: "\""))
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  mutating func object(_ body: (inout Self) -> Void) { nest("{", "}", body) }
  mutating func list(_ body: (inout Self) -> Void) { nest("[", "]", body) }

  mutating func field(_ name: StaticString, _ text: String?) {
    key(name)
    string(text)
  }

  mutating func field(_ name: StaticString, _ number: Int64?) {
    key(name)
    if let number { raw(String(number)) } else { raw("null") }
  }

  mutating func field(_ name: StaticString, _ number: Int?) { field(name, number.map { Int64($0) }) }

  mutating func field(_ name: StaticString, _ flag: Bool) {
    key(name)
    raw(flag ? "true" : "false")
  }

  mutating func null(_ name: StaticString) {
    key(name)
    raw("null")
  }

  mutating func objectField(_ name: StaticString, _ body: (inout Self) -> Void) {
    key(name)
    object(body)
  }

  mutating func listField(_ name: StaticString, _ body: (inout Self) -> Void) {
    key(name)
    list(body)
  }

  mutating func field(_ name: StaticString, value: Value) {
    key(name)
    self.value(value)
  }

  mutating func field(named name: String, value: Value) {
    string(name)
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
    self.value(value)
  }

  /// Text, or null.
  mutating func string(_ text: String?) {
    separate()
    guard var text else {
      bytes.append(contentsOf: "null".utf8)
      return
    }
    bytes.append(UInt8(ascii: "\""))
    text.withUTF8 { appendEscaped($0) }
    bytes.append(UInt8(ascii: "\""))
  }

  /// Rows of cells, each text or null.
  mutating func rows(_ rows: ArraySlice<[String?]>) {
    list { writer in
      for row in rows {
        writer.list { writer in
          for cell in row { writer.string(cell) }
        }
      }
    }
  }

  mutating func value(_ value: Value) {
    switch value {
    case .null, .unknown: raw("null")
    case .bool(let flag): raw(flag ? "true" : "false")
    case .int(let number): raw(String(number))
    case .double(let number): raw(number.isFinite ? number.description : "null")
    case .string(let text): string(text)
    case .list(let elements): list { for element in elements { $0.value(element) } }
    case .object(let fields):
      object { writer in
        for field in fields {
          writer.string(field.key)
          writer.bytes.append(UInt8(ascii: ":"))
          writer.needsComma = false
          writer.value(field.value)
        }
      }
    }
  }

  /// A value that is JSON already.
  mutating func json(_ encoded: [UInt8]) {
    separate()
    bytes.append(contentsOf: encoded)
  }

  private mutating func raw(_ text: String) {
    separate()
    bytes.append(contentsOf: text.utf8)
  }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
  }

  private mutating func nest(_ open: Character, _ close: Character, _ body: (inout Self) -> Void) {
    separate()
    bytes.append(contentsOf: open.utf8)
    needsComma = false
    body(&self)
    bytes.append(contentsOf: close.utf8)
    needsComma = true
  }

  private mutating func appendEscaped(_ text: UnsafeBufferPointer<UInt8>) {
    var start = 0
    for (index, byte) in text.enumerated() where byte < 0x20 || byte == 0x22 || byte == 0x5c {
      bytes.append(contentsOf: text[start..<index])
      start = index + 1
      bytes.append(UInt8(ascii: "\\"))
      switch byte {
      case 0x22, 0x5c: bytes.append(byte)
      case 0x0a: bytes.append(UInt8(ascii: "n"))
      case 0x0d: bytes.append(UInt8(ascii: "r"))
      case 0x09: bytes.append(UInt8(ascii: "t"))
      default:
        bytes.append(contentsOf: "u00".utf8)
        let digits = Array("0123456789abcdef".utf8)
        bytes.append(digits[Int(byte >> 4)])
        bytes.append(digits[Int(byte & 15)])
      }
    }
    bytes.append(contentsOf: text[start...])
  }
}
