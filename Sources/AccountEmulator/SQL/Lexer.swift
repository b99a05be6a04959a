/// One token of SQL text.
struct Token: Equatable {
  enum Kind: Equatable {
    /// An unquoted word; `text` as written, `upper` in capitals.
    case word
    /// A quoted identifier; `text` is the exact name.
    case quoted
    /// A string literal, decoded.
    case string
    /// A number without sign.
    case number
    /// `$NAME`: a session variable; `text` without the dollar sign, in capitals.
    case variable
    /// `?` or `:1` or `:name`; `text` is the number or name, empty for `?`.
    case placeholder
    /// Punctuation, one or several characters.
    case symbol
    case end
  }

  var kind: Kind
  var text: String
  var upper: String
  /// Byte offsets in the statement.
  var start: Int
  var end: Int
}

/// Splits SQL text into tokens by Snowflake's lexical rules.
struct Lexer {
  private let bytes: [UInt8]
  private var at = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// All tokens, with `end` as the last. Throws a syntax error for an unterminated literal or comment.
  static func tokens(_ bytes: [UInt8]) throws(StatementFailure) -> [Token] {
    var lexer = Lexer(bytes)
    var tokens: [Token] = []
    tokens.reserveCapacity(bytes.count / 4 + 1)
    while true {
      let token = try lexer.next()
      tokens.append(token)
      if token.kind == .end { return tokens }
    }
  }

  private func peek(_ offset: Int = 0) -> UInt8 { at + offset < bytes.count ? bytes[at + offset] : 0 }

  private mutating func skipBlank() throws(StatementFailure) {
    while at < bytes.count {
      let byte = bytes[at]
      if byte == 0x20 || (0x09...0x0d).contains(byte) {
        at += 1
      } else if byte == 0xc2, peek(1) == 0xa0 {
        at += 2
      } else if byte == Ascii.dash && peek(1) == Ascii.dash || byte == Ascii.slash && peek(1) == Ascii.slash {
        while at < bytes.count, bytes[at] != 0x0a { at += 1 }
      } else if byte == Ascii.slash, peek(1) == Ascii.star {
        let start = at
        at += 2
        while !(peek() == Ascii.star && peek(1) == Ascii.slash) {
          guard at < bytes.count else { throw failure("unterminated comment", at: start) }
          at += 1
        }
        at += 2
      } else {
        return
      }
    }
  }

  private mutating func next() throws(StatementFailure) -> Token {
    try skipBlank()
    let start = at
    guard at < bytes.count else { return token(.end, "", start) }
    let byte = bytes[at]
    if Ascii.startsWord(byte) { return word(start) }
    if Ascii.isDigit(byte) || (byte == Ascii.dot && Ascii.isDigit(peek(1))) { return number(start) }
    switch byte {
    case Ascii.doubleQuote: return try quoted(start)
    case Ascii.quote: return try string(start)
    case Ascii.dollar:
      if peek(1) == Ascii.dollar { return try dollarQuoted(start) }
      at += 1
      let name = takeWord()
      if !name.isEmpty { return token(.variable, name.uppercased(), start) }
    case Ascii.question:
      at += 1
      return token(.placeholder, "", start)
    case Ascii.colon where Ascii.startsWord(peek(1)) || Ascii.isDigit(peek(1)):
      at += 1
      // Taken first: the token ends where the word does.
      let name = takeWord()
      return token(.placeholder, name, start)
    default: break
    }
    at = start
    return symbol(start)
  }

  private static let longSymbols: [[UInt8]] = ["->>", "=>", "::", "||", "<=", ">=", "<>", "!=", "->"].map {
    Array($0.utf8)
  }

  private mutating func symbol(_ start: Int) -> Token {
    for candidate in Self.longSymbols where bytes[at...].starts(with: candidate) {
      at += candidate.count
      return token(.symbol, text(start, at), start)
    }
    at += 1
    while at < bytes.count, bytes[at] & 0xc0 == 0x80 { at += 1 }  // a whole character
    return token(.symbol, text(start, at), start)
  }

  private mutating func takeWord() -> String {
    let start = at
    while at < bytes.count, Ascii.continuesWord(bytes[at]) { at += 1 }
    return text(start, at)
  }

  private mutating func word(_ start: Int) -> Token {
    let word = takeWord()
    return Token(kind: .word, text: word, upper: word.uppercased(), start: start, end: at)
  }

  private mutating func number(_ start: Int) -> Token {
    while Ascii.isDigit(peek()) { at += 1 }
    if peek() == Ascii.dot, Ascii.isDigit(peek(1)) || at > start {
      at += 1
      while Ascii.isDigit(peek()) { at += 1 }
    }
    if peek() | 0x20 == UInt8(ascii: "e") {
      let sign = peek(1) == Ascii.dash || peek(1) == UInt8(ascii: "+") ? 1 : 0
      if Ascii.isDigit(peek(1 + sign)) {
        at += 1 + sign
        while Ascii.isDigit(peek()) { at += 1 }
      }
    }
    return token(.number, text(start, at), start)
  }

  private mutating func quoted(_ start: Int) throws(StatementFailure) -> Token {
    var name: [UInt8] = []
    at += 1
    while at < bytes.count {
      if bytes[at] == Ascii.doubleQuote {
        if peek(1) != Ascii.doubleQuote {
          at += 1
          return token(.quoted, String(decoding: name, as: UTF8.self), start)
        }
        at += 1
      }
      name.append(bytes[at])
      at += 1
    }
    throw failure("unterminated quoted identifier", at: start)
  }

  private mutating func string(_ start: Int) throws(StatementFailure) -> Token {
    var value: [UInt8] = []
    at += 1
    while at < bytes.count {
      let byte = bytes[at]
      if byte == Ascii.quote {
        if peek(1) != Ascii.quote {
          at += 1
          return token(.string, String(decoding: value, as: UTF8.self), start)
        }
        value.append(byte)
        at += 2
      } else if byte == Ascii.backslash, at + 1 < bytes.count {
        at += 1
        escape(into: &value)
      } else {
        value.append(byte)
        at += 1
      }
    }
    throw failure("unterminated string literal", at: start)
  }

  /// Reads the character(s) after a backslash.
  private mutating func escape(into value: inout [UInt8]) {
    let byte = bytes[at]
    at += 1
    switch byte {
    case UInt8(ascii: "n"): value.append(0x0a)
    case UInt8(ascii: "t"): value.append(0x09)
    case UInt8(ascii: "r"): value.append(0x0d)
    case UInt8(ascii: "b"): value.append(0x08)
    case UInt8(ascii: "f"): value.append(0x0c)
    case UInt8(ascii: "0"): value.append(0x00)
    case UInt8(ascii: "u"), UInt8(ascii: "x"):
      let length = byte == UInt8(ascii: "u") ? 4 : 2
      let digits = text(at, min(at + length, bytes.count))
      if digits.utf8.count == length, let code = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(code) {
        at += length
        value.append(contentsOf: Array(String(Character(scalar)).utf8))
      } else {
        value.append(byte)
      }
    default: value.append(byte)
    }
  }

  private mutating func dollarQuoted(_ start: Int) throws(StatementFailure) -> Token {
    at += 2
    let from = at
    while at < bytes.count {
      if bytes[at] == Ascii.dollar, peek(1) == Ascii.dollar {
        let value = text(from, at)
        at += 2
        return token(.string, value, start)
      }
      at += 1
    }
    throw failure("unterminated string literal", at: start)
  }

  private func text(_ from: Int, _ to: Int) -> String { String(decoding: bytes[from..<to], as: UTF8.self) }
  private func token(_ kind: Token.Kind, _ text: String, _ start: Int) -> Token {
    Token(kind: kind, text: text, upper: kind == .symbol ? text : "", start: start, end: at)
  }
  private func failure(_ what: String, at offset: Int) -> StatementFailure {
    .syntax(what, at: offset, in: bytes)
  }
}

/// The ASCII characters that SQL gives a meaning.
enum Ascii {
  static let quote = UInt8(ascii: "'")
  static let doubleQuote = UInt8(ascii: "\"")
  static let backslash = UInt8(ascii: "\\")
  static let dollar = UInt8(ascii: "$")
  static let dash = UInt8(ascii: "-")
  static let slash = UInt8(ascii: "/")
  static let star = UInt8(ascii: "*")
  static let dot = UInt8(ascii: ".")
  static let colon = UInt8(ascii: ":")
  static let question = UInt8(ascii: "?")

  static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
  static func startsWord(_ byte: UInt8) -> Bool {
    byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z") || byte == UInt8(ascii: "_") || byte >= 0x80
  }
  static func continuesWord(_ byte: UInt8) -> Bool { startsWord(byte) || isDigit(byte) || byte == dollar }
}
