/// One word of an expression.
struct ExpressionToken: Equatable {
  enum Kind: Equatable {
    case name(String)
    case string(String)
    case integer(Int64)
    case float(Double)
    case symbol(String)
    case end
  }

  var kind: Kind
  /// Bytes from the beginning of the text.
  var offset: Int

  var shown: String {
    switch kind {
    case .name(let name): "'\(name)'"
    case .string(let text): "the text '\(text.prefix(30))'"
    case .integer(let number): "\(number)"
    case .float(let number): "\(number)"
    case .symbol(let symbol): "'\(symbol)'"
    case .end: "the end"
    }
  }
}

/// Cuts an expression into tokens.
struct ExpressionLexer {
  private let bytes: [UInt8]
  private(set) var at: Int
  /// The open brackets, so that `}}` of a dictionary in a dictionary does not end the expression.
  private var braces = 0

  static let maximumTokens = 10_000

  init(_ bytes: [UInt8], from start: Int) {
    self.bytes = bytes
    self.at = start
  }

  /// The tokens up to `}}` (which is consumed), or up to the end of the text for a bare expression.
  mutating func tokens(isTemplate: Bool) throws(ExpressionError) -> [ExpressionToken] {
    let start = at
    var tokens: [ExpressionToken] = []
    while true {
      skipSpace()
      guard at < bytes.count else {
        if isTemplate { throw .syntax("'{{' has no matching '}}'", max(0, start - 2)) }
        tokens.append(.init(kind: .end, offset: at))
        return tokens
      }
      if isTemplate, braces == 0 {
        let dash = bytes[at] == UInt8(ascii: "-") && follows("}}", at: at + 1)
        if dash || follows("}}", at: at) {
          tokens.append(.init(kind: .end, offset: at))
          at += dash ? 3 : 2
          return tokens
        }
      }
      tokens.append(try token())
      if tokens.count > Self.maximumTokens {
        throw ExpressionError(cause: .limit, message: "the expression is too long", offset: start)
      }
    }
  }

  /// Whether the expression that was just read ended with `-}}`.
  var endedWithDash: Bool { at >= 3 && bytes[at - 3] == UInt8(ascii: "-") }

  private mutating func skipSpace() {
    while at < bytes.count, bytes[at] == 0x20 || (0x09...0x0d).contains(bytes[at]) { at += 1 }
  }

  private func follows(_ text: StaticString, at index: Int) -> Bool {
    guard index + text.utf8CodeUnitCount <= bytes.count else { return false }
    return text.withUTF8Buffer { $0.elementsEqual(bytes[index..<(index + text.utf8CodeUnitCount)]) }
  }

  private mutating func token() throws(ExpressionError) -> ExpressionToken {
    let start = at
    let byte = bytes[at]
    if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
      return .init(kind: .string(try string(quote: byte)), offset: start)
    }
    if Self.isDigit(byte) { return .init(kind: try number(), offset: start) }
    if Self.isNameStart(byte) {
      while at < bytes.count, Self.isNameStart(bytes[at]) || Self.isDigit(bytes[at]) { at += 1 }
      return .init(kind: .name(String(decoding: bytes[start..<at], as: UTF8.self)), offset: start)
    }
    if at + 1 < bytes.count {
      let pair = String(decoding: bytes[at...(at + 1)], as: UTF8.self)
      if ["**", "//", "==", "!=", "<=", ">="].contains(pair) {
        at += 2
        return .init(kind: .symbol(pair), offset: start)
      }
    }
    guard byte < 0x80, "+-*/%~<>()[]{},:.|=".utf8.contains(byte) else {
      let rest = String(decoding: bytes[at..<min(bytes.count, at + 8)], as: UTF8.self)
      throw .syntax("'\(rest.first ?? "?")' has no meaning in an expression", start)
    }
    at += 1
    if byte == UInt8(ascii: "{") { braces += 1 }
    if byte == UInt8(ascii: "}") { braces -= 1 }
    return .init(kind: .symbol(String(UnicodeScalar(byte))), offset: start)
  }

  private mutating func number() throws(ExpressionError) -> ExpressionToken.Kind {
    let start = at
    func digits() -> String { String(decoding: bytes[start..<at].filter { $0 != UInt8(ascii: "_") }, as: UTF8.self) }
    while at < bytes.count, Self.isDigit(bytes[at]) || bytes[at] == UInt8(ascii: "_") { at += 1 }
    var isFloat = false
    if at + 1 < bytes.count, bytes[at] == UInt8(ascii: "."), Self.isDigit(bytes[at + 1]) {
      isFloat = true
      at += 1
      while at < bytes.count, Self.isDigit(bytes[at]) { at += 1 }
    }
    if at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") {
      var exponent = at + 1
      if exponent < bytes.count, bytes[exponent] == UInt8(ascii: "-") || bytes[exponent] == UInt8(ascii: "+") {
        exponent += 1
      }
      if exponent < bytes.count, Self.isDigit(bytes[exponent]) {
        isFloat = true
        at = exponent
        while at < bytes.count, Self.isDigit(bytes[at]) { at += 1 }
      }
    }
    if isFloat, let number = Double(digits()), number.isFinite { return .float(number) }
    if !isFloat, let number = Int64(digits()) { return .integer(number) }
    throw .syntax("the number \(digits().prefix(40)) is too large", start)
  }

  private mutating func string(quote: UInt8) throws(ExpressionError) -> String {
    let start = at
    at += 1
    var text: [UInt8] = []
    while at < bytes.count {
      let byte = bytes[at]
      at += 1
      if byte == quote { return String(decoding: text, as: UTF8.self) }
      guard byte == UInt8(ascii: "\\"), at < bytes.count else {
        text.append(byte)
        continue
      }
      let escaped = bytes[at]
      at += 1
      switch escaped {
      case UInt8(ascii: "n"): text.append(0x0a)
      case UInt8(ascii: "t"): text.append(0x09)
      case UInt8(ascii: "r"): text.append(0x0d)
      case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): text.append(escaped)
      default: text += [byte, escaped]
      }
    }
    throw .syntax("the text that starts here has no closing quote", start)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
  private static func isNameStart(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte >= 0x80
  }
}
