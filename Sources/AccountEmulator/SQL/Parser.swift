import SnowmakerModel

/// Reads one statement by recursive descent. The statements are in the extensions.
struct Parser {
  let bytes: [UInt8]
  private(set) var tokens: [Token]
  let registry: KindRegistry
  /// What `?`, `:1` and `$name` stand for where a name or a text is expected.
  let substitutes: Substitutes
  var at = 0
  private(set) var nesting = Nesting()

  /// Values for placeholders and variables in IDENTIFIER(…).
  struct Substitutes {
    var bindings: [String: StatementBinding] = [:]
    var variables: [String: String] = [:]
  }

  private var placeholders = 0

  init(_ sql: String, registry: KindRegistry, substitutes: Substitutes = Substitutes()) throws(StatementFailure) {
    bytes = Array(sql.utf8)
    tokens = try Lexer.tokens(bytes)
    self.registry = registry
    self.substitutes = substitutes
  }

  // MARK: Tokens

  var current: Token { tokens[at] }
  func peek(_ offset: Int = 1) -> Token { tokens[min(at + offset, tokens.count - 1)] }
  mutating func advance() { if at < tokens.count - 1 { at += 1 } }
  var isAtEnd: Bool { current.kind == .end || isSymbol(";") || isSymbol("->>") }

  func isWord(_ word: String, ahead offset: Int = 0) -> Bool {
    let token = peek(offset)
    return token.kind == .word && token.upper == word
  }
  func isSymbol(_ symbol: String, ahead offset: Int = 0) -> Bool {
    let token = peek(offset)
    return token.kind == .symbol && token.text == symbol
  }
  /// Whether these words (separated by spaces) come next.
  func areWords(_ words: String, ahead offset: Int = 0) -> Bool {
    var position = offset
    for word in words.split(separator: " ") {
      guard isWord(String(word), ahead: position) else { return false }
      position += 1
    }
    return true
  }

  mutating func accept(_ words: String) -> Bool {
    guard areWords(words) else { return false }
    for _ in words.split(separator: " ") { advance() }
    return true
  }
  mutating func acceptSymbol(_ symbol: String) -> Bool {
    guard isSymbol(symbol) else { return false }
    advance()
    return true
  }

  mutating func expect(_ words: String) throws(StatementFailure) {
    if !accept(words) { throw unexpected() }
  }
  mutating func expectSymbol(_ symbol: String) throws(StatementFailure) {
    if !acceptSymbol(symbol) { throw unexpected() }
  }
  /// After the last part of a statement: an optional `;` and nothing else.
  mutating func expectEnd() throws(StatementFailure) {
    while acceptSymbol(";") {}
    if current.kind != .end { throw unexpected() }
  }

  func unexpected() -> StatementFailure {
    let token = current
    let shown = token.kind == .end ? "<EOF>" : String(decoding: bytes[token.start..<token.end], as: UTF8.self)
    // A literal may hold a secret: it is not repeated.
    return .syntax("unexpected '\(token.kind == .string ? "<string>" : shown)'", at: token.start, in: bytes)
  }

  /// The source text of a range of bytes.
  func source(_ from: Int, _ to: Int) -> String { String(decoding: bytes[from..<max(from, to)], as: UTF8.self) }

  /// Reads the token at hand as another one (what a colon begins can be told only by what is around it).
  mutating func reread(as token: Token) { tokens[at] = token }

  // MARK: Nesting

  /// Counts one more of a construct around what is read next; answers what `leave(to:)` takes when it is read.
  mutating func enter(_ construct: Nesting.Construct) throws(StatementFailure) -> Nesting {
    let outside = nesting
    guard nesting.enter(construct) else {
      throw .syntax("too many nested \(construct)", at: current.start, in: bytes)
    }
    return outside
  }

  mutating func leave(to outside: Nesting) { nesting.leave(to: outside) }

  /// The left side of one more operator in a row, JOIN or UNION: it lies one deeper with each.
  mutating func link<Left>(_ left: Left, weight: Int = 1) throws(StatementFailure) -> Left {
    guard nesting.link(weight) else { throw .syntax("too many operators in a row", at: current.start, in: bytes) }
    return left
  }

  // MARK: Names and literals

  /// A name with between `parts` parts, or IDENTIFIER(…).
  mutating func name(_ parts: ClosedRange<Int> = 1...3) throws(StatementFailure) -> ObjectName {
    let start = current.start
    if isWord("IDENTIFIER"), isSymbol("(", ahead: 1) {
      advance()
      advance()
      let text = try text()
      try expectSymbol(")")
      do throws(Identifier.Failure) {
        return ObjectName(parts: try QualifiedName(parsing: text, parts: parts).parts, start: start)
      } catch { throw .invalidIdentifier(text) }
    }
    var result = [try identifier()]
    while isSymbol(".") {
      advance()
      if isSymbol("."), result.count == 1 {  // DB..OBJECT
        advance()
        result.append(Identifier(exact: "PUBLIC"))
      }
      result.append(try identifier(first: false))
    }
    guard parts.contains(result.count) else {
      throw .syntax("unexpected '\(source(start, tokens[at - 1].end))'", at: start, in: bytes)
    }
    return ObjectName(parts: result, start: start)
  }

  mutating func identifier(first: Bool = true) throws(StatementFailure) -> Identifier {
    let token = current
    let identifier: Identifier
    switch token.kind {
    case .word:
      identifier = Identifier(exact: token.upper)
      // Reserved words are no names, except after a dot.
      if first, !identifier.isPlain, token.upper.utf8.allSatisfy({ $0 < 0x80 }) { throw unexpected() }
    case .quoted where !token.text.isEmpty: identifier = Identifier(exact: token.text)
    default: throw unexpected()
    }
    if identifier.name.unicodeScalars.count > Identifier.maximumLength {
      throw .invalidIdentifier(String(identifier.name.prefix(40)) + "…")
    }
    advance()
    return identifier
  }

  /// A string literal, or a placeholder or variable that stands for a text.
  mutating func text() throws(StatementFailure) -> String {
    let token = current
    switch token.kind {
    case .string:
      advance()
      return token.text
    case .placeholder:
      guard let value = try binding().values.first ?? nil else {
        throw .syntax("bind variable '?' is NULL where a text is wanted", at: token.start, in: bytes)
      }
      return value
    case .variable:
      advance()
      guard let value = substitutes.variables[token.text] else {
        throw .syntax("session variable '$\(token.text)' does not exist", at: token.start, in: bytes)
      }
      return value
    default: throw unexpected()
    }
  }

  /// The value bound to a placeholder, as an expression of its type.
  mutating func boundValue() throws(StatementFailure) -> Expression {
    let at = current.start
    let bound = try binding()
    do throws(StatementFailure) { return try bound.expression() } catch {
      throw error.line == nil ? .syntax(error.message, at: at, in: bytes) : error
    }
  }

  /// What is bound to the placeholder that comes next.
  private mutating func binding() throws(StatementFailure) -> StatementBinding {
    let token = current
    advance()
    var key = token.text
    if key.isEmpty {
      placeholders += 1
      key = String(placeholders)
    }
    guard let binding = substitutes.bindings[key] else {
      throw .syntax(
        "bind variable '\(token.text.isEmpty ? "?" : ":" + token.text)' not set", at: token.start, in: bytes)
    }
    return binding
  }

  mutating func integer() throws(StatementFailure) -> Int {
    guard current.kind == .number, let value = Int(current.text) else { throw unexpected() }
    advance()
    return value
  }

  /// The value of a property.
  mutating func literal() throws(StatementFailure) -> Literal {
    let token = current
    switch token.kind {
    case .string, .placeholder, .variable: return .string(try text())
    case .number:
      advance()
      return .number(token.text)
    case .symbol where token.text == "-" || token.text == "+":
      advance()
      guard current.kind == .number else { throw unexpected() }
      let number = current.text
      advance()
      return .number(token.text == "-" ? "-" + number : number)
    case .symbol where token.text == "(":
      advance()
      let outside = try enter(.parentheses)
      defer { leave(to: outside) }
      return try parenthesized()
    case .word where isWord("IDENTIFIER") && isSymbol("(", ahead: 1): return .name(try name(1...4).parts)
    case .word where !isSymbol(".", ahead: 1):
      advance()
      return .word(token.text)
    case .word, .quoted: return .name(try name(1...4).parts)
    default: throw unexpected()
    }
  }

  private mutating func parenthesized() throws(StatementFailure) -> Literal {
    if acceptSymbol(")") { return .list([]) }
    if current.kind == .word || current.kind == .quoted, isSymbol("=", ahead: 1) {
      var items: [Property] = []
      while !acceptSymbol(")") {
        let token = current
        guard token.kind == .word || token.kind == .quoted else { throw unexpected() }
        advance()
        try expectSymbol("=")
        items.append(
          Property(
            name: token.kind == .word ? token.upper : token.text, value: try literal(), start: token.start))
        _ = acceptSymbol(",")
      }
      return .properties(items)
    }
    var items: [Literal] = []
    repeat { items.append(try literal()) } while acceptSymbol(",")
    try expectSymbol(")")
    return .list(items)
  }

  // MARK: Object types

  /// The object type (singular) that comes next, the longest that matches.
  mutating func objectType() throws(StatementFailure) -> String {
    guard let type = matchType(registry.isType) else { throw unexpected() }
    return type
  }

  /// The singular of the plural object type that comes next.
  mutating func pluralType() throws(StatementFailure) -> String {
    guard let plural = matchType(registry.isPlural), let type = registry.singular(of: plural) else {
      throw unexpected()
    }
    return type
  }

  /// Takes the longest sequence of words that `known` accepts.
  mutating func matchType(_ known: (String) -> Bool) -> String? {
    for count in stride(from: 5, through: 1, by: -1) {
      guard (0..<count).allSatisfy({ peek($0).kind == .word }), at + count < tokens.count else { continue }
      let words = (0..<count).map { peek($0).upper }.joined(separator: " ")
      if known(words) {
        at += count
        return words
      }
    }
    return nil
  }

  /// The words from here to the first token that is none, for naming what is not supported.
  func wordsAhead(limit: Int = 3) -> String {
    (0..<limit).map { peek($0) }.prefix { $0.kind == .word }.map(\.upper).joined(separator: " ")
  }

  // MARK: Scopes

  /// `IN ACCOUNT | DATABASE [x] | SCHEMA [x.y] | x.y`, when it comes next.
  mutating func scope() throws(StatementFailure) -> Scope? {
    guard accept("IN") else { return nil }
    return try scopeAfterIn()
  }

  mutating func scopeAfterIn() throws(StatementFailure) -> Scope {
    if accept("ACCOUNT") { return .account }
    if accept("DATABASE") { return .database(startsName ? try name(1...1) : nil) }
    if accept("SCHEMA") { return .schema(startsName ? try name(1...2) : nil) }
    for word in ["TABLE", "VIEW", "APPLICATION", "CLASS", "FAILOVER", "REPLICATION", "SHARE"] where isWord(word) {
      throw .unsupported("SHOW … IN \(word)")
    }
    return .unnamed(try name(1...2))
  }

  /// Whether a name can start here (STARTS, LIMIT and LIKE introduce filters).
  private var startsName: Bool {
    switch current.kind {
    case .quoted: true
    case .word: !["STARTS", "LIMIT", "LIKE", "TO"].contains(current.upper) || isSymbol(".", ahead: 1)
    default: false
    }
  }
}
