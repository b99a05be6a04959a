import SnowmakerModel

/// The scalars of YAML 1.2's core schema: `no`, `on` and `12:30` are text, `0o17` is fifteen.
///
/// Source: <https://yaml.org/spec/1.2.2/#103-core-schema>.
enum CoreSchema {
  /// The value of a plain scalar that is not text; nil for text. Whole numbers beyond 64 bits stay text, so that no
  /// digit is lost.
  static func resolve(_ text: String) -> Value? {
    guard let first = text.utf8.first else { return .null }
    switch first {
    case UInt8(ascii: "~"), UInt8(ascii: "n"), UInt8(ascii: "N"):
      if isNull(text) { return .null }
      return nil
    case UInt8(ascii: "t"), UInt8(ascii: "T"), UInt8(ascii: "f"), UInt8(ascii: "F"):
      return boolean(text).map(Value.bool)
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
      return number(text)
    default: return nil
    }
  }

  static func isNull(_ text: String) -> Bool {
    text.isEmpty || text == "~" || text == "null" || text == "Null" || text == "NULL"
  }

  static func boolean(_ text: String) -> Bool? {
    switch text {
    case "true", "True", "TRUE": true
    case "false", "False", "FALSE": false
    default: nil
    }
  }

  static func number(_ text: String) -> Value? {
    if let integer = integer(text) { return .int(integer) }
    if let special = special(text) { return .double(special) }
    guard isFloat(text) else { return nil }
    if !text.utf8.contains(where: { $0 == UInt8(ascii: ".") || $0 | 0x20 == UInt8(ascii: "e") }) { return nil }
    return Double(padded(text)).map(Value.double)
  }

  static func integer(_ text: String) -> Int64? {
    let bytes = Array(text.utf8)
    if bytes.count > 2, bytes[0] == UInt8(ascii: "0") {
      let digits = text.dropFirst(2)
      if bytes[1] == UInt8(ascii: "o") {
        return digits.first == "+" || digits.first == "-" ? nil : Int64(digits, radix: 8)
      }
      if bytes[1] == UInt8(ascii: "x") {
        return digits.first == "+" || digits.first == "-" ? nil : Int64(digits, radix: 16)
      }
    }
    let body = bytes.first == UInt8(ascii: "+") || bytes.first == UInt8(ascii: "-") ? bytes.dropFirst() : bytes[...]
    guard !body.isEmpty, body.allSatisfy(isDigit) else { return nil }
    return Int64(text)
  }

  private static func special(_ text: String) -> Double? {
    switch text {
    case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": .infinity
    case "-.inf", "-.Inf", "-.INF": -.infinity
    case ".nan", ".NaN", ".NAN": .nan
    default: nil
    }
  }

  /// `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
  private static func isFloat(_ text: String) -> Bool {
    var rest = Array(text.utf8)[...]
    if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest.removeFirst() }
    let whole = rest.prefix(while: isDigit).count
    rest = rest.dropFirst(whole)
    if rest.first == UInt8(ascii: ".") {
      rest.removeFirst()
      let fraction = rest.prefix(while: isDigit).count
      if whole == 0, fraction == 0 { return false }
      rest = rest.dropFirst(fraction)
    } else if whole == 0 {
      return false
    }
    if let letter = rest.first, letter | 0x20 == UInt8(ascii: "e") {
      rest.removeFirst()
      if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest.removeFirst() }
      let exponent = rest.prefix(while: isDigit).count
      if exponent == 0 { return false }
      rest = rest.dropFirst(exponent)
    }
    return rest.isEmpty
  }

  /// `.5` and `1.` as Swift reads them.
  private static func padded(_ text: String) -> String {
    var result = text
    if let dot = result.firstIndex(of: ".") {
      let after = result.index(after: dot)
      if after == result.endIndex || !(result[after].isASCII && result[after].isNumber) {
        result.insert("0", at: after)
      }
      if dot == result.startIndex || !result[result.index(before: dot)].isNumber {
        result.insert("0", at: dot)
      }
    }
    return result
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
