/// A JSON value as a tree: for requests and for small answers.
enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  /// A number as its text, so that nothing is lost.
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([Member])

  /// One key and its value.
  struct Member: Sendable, Equatable {
    let key: String
    let value: JSONValue

    init(_ key: String, _ value: JSONValue) {
      self.key = key
      self.value = value
    }
  }

  static func integer(_ value: Int) -> JSONValue { .number(String(value)) }

  /// The value of a key of an object; nil when there is none.
  subscript(_ key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.last { $0.key == key }?.value
  }

  /// The text of a string, a number or a truth value.
  var text: String? {
    switch self {
    case .string(let text), .number(let text): text
    case .bool(let value): value ? "true" : "false"
    case .null, .array, .object: nil
    }
  }

  /// The value as JSON in UTF-8.
  var encoded: [UInt8] {
    var out: [UInt8] = []
    encode(to: &out)
    return out
  }

  private func encode(to out: inout [UInt8]) {
    switch self {
    case .null: out.append(contentsOf: "null".utf8)
    case .bool(let value): out.append(contentsOf: (value ? "true" : "false").utf8)
    case .number(let text): out.append(contentsOf: text.utf8)
    case .string(let text): Self.encode(text, to: &out)
    case .array(let elements):
      out.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { out.append(UInt8(ascii: ",")) }
        element.encode(to: &out)
      }
      out.append(UInt8(ascii: "]"))
    case .object(let members):
      out.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { out.append(UInt8(ascii: ",")) }
        Self.encode(member.key, to: &out)
        out.append(UInt8(ascii: ":"))
        member.value.encode(to: &out)
      }
      out.append(UInt8(ascii: "}"))
    }
  }

  private static func encode(_ text: String, to out: inout [UInt8]) {
    out.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): out.append(contentsOf: "\\\"".utf8)
      case UInt8(ascii: "\\"): out.append(contentsOf: "\\\\".utf8)
      case 0x0A: out.append(contentsOf: "\\n".utf8)
      case 0x0D: out.append(contentsOf: "\\r".utf8)
      case 0x09: out.append(contentsOf: "\\t".utf8)
      case 0..<0x20:
        let digits = Array("0123456789abcdef".utf8)
        out.append(contentsOf: "\\u00".utf8)
        out.append(digits[Int(byte >> 4)])
        out.append(digits[Int(byte & 15)])
      default: out.append(byte)
      }
    }
    out.append(UInt8(ascii: "\""))
  }
}

extension JSONReader {
  /// Reads any value as a tree.
  mutating func value() throws(JSONError) -> JSONValue {
    switch try kind() {
    case .null:
      try skip()
      return .null
    case .bool: return .bool(try bool() ?? false)
    case .number: return .number(try text() ?? "0")
    case .string: return .string(try string())
    case .array:
      var elements: [JSONValue] = []
      try array { (reader) throws(JSONError) in elements.append(try reader.value()) }
      return .array(elements)
    case .object:
      var members: [JSONValue.Member] = []
      try object { (reader, key) throws(JSONError) in members.append(JSONValue.Member(key, try reader.value())) }
      return .object(members)
    }
  }
}
