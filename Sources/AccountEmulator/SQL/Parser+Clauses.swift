import SnowmakerModel

extension Parser {
  // MARK: Signatures

  /// A name, with the types of the arguments as part of it for functions and procedures: `F(NUMBER, VARCHAR)`.
  mutating func signedName(_ kind: ObjectKind?) throws(StatementFailure) -> ObjectName {
    var name = try name()
    guard kind?.grammar?.hasSignature == true, isSymbol("(") else { return name }
    advance()
    var types: [String] = []
    while !isSymbol(")") {
      types.append(try argumentType())
      guard acceptSymbol(",") else { break }
    }
    try expectSymbol(")")
    Self.sign(&name, types)
    return name
  }

  /// `(a NUMBER, b VARCHAR DEFAULT 'x')` of CREATE FUNCTION and CREATE PROCEDURE.
  mutating func signature(of create: inout CreateStatement) throws(StatementFailure) {
    let start = current.start
    try expectSymbol("(")
    var types: [String] = []
    while !isSymbol(")") {
      _ = try identifier()
      types.append(try argumentType())
      if accept("DEFAULT") {
        advance()
        if isSymbol("(") { try skipParentheses() }
      }
      guard acceptSymbol(",") else { break }
    }
    try expectSymbol(")")
    create.signature = source(start, tokens[at - 1].end)
    Self.sign(&create.name, types)
  }

  private static func sign(_ name: inout ObjectName, _ types: [String]) {
    let last = name.parts.count - 1
    name.parts[last] = Identifier(exact: name.parts[last].name + "(" + types.joined(separator: ", ") + ")")
  }

  private static let sameTypes: [String: String] = [
    "STRING": "VARCHAR", "TEXT": "VARCHAR", "CHAR": "VARCHAR", "INT": "NUMBER", "INTEGER": "NUMBER", "BIGINT": "NUMBER",
    "SMALLINT": "NUMBER", "TINYINT": "NUMBER", "DECIMAL": "NUMBER", "NUMERIC": "NUMBER", "DOUBLE": "FLOAT",
    "REAL": "FLOAT", "FLOAT4": "FLOAT", "FLOAT8": "FLOAT", "DATETIME": "TIMESTAMP_NTZ", "TIMESTAMP": "TIMESTAMP_NTZ",
  ]

  private mutating func argumentType() throws(StatementFailure) -> String {
    guard current.kind == .word else { throw unexpected() }
    let type = current.upper
    advance()
    if isWord("PRECISION") || isWord("VARYING") { advance() }
    if isSymbol("(") { try skipParentheses() }
    return Self.sameTypes[type] ?? type
  }

  // MARK: Phrases

  /// A clause that the kind's grammar has words for; nil when none comes next.
  mutating func phrase(of kind: ObjectKind) throws(StatementFailure) -> Property? {
    guard let grammar = kind.grammar else { return nil }
    for phrase in grammar.phrases where areWords(phrase.words) {
      let start = current.start
      // `RETURNS = x` and the like are properties.
      let count = phrase.words.split(separator: " ").count
      switch phrase.shape {
      case .value: break
      case .assignedNames: guard isSymbol("=", ahead: count) else { continue }
      default: if isSymbol("=", ahead: count) { continue }
      }
      for _ in 0..<count { advance() }
      return Property(name: phrase.property, value: try value(phrase.shape), start: start)
    }
    return nil
  }

  /// A clause that the kind's description has for CREATE; nil when none comes next.
  mutating func describedClause(of kind: ObjectKind) throws(StatementFailure) -> Property? {
    for clause in kind.clauses where isNext(clause.create.leading) { return try value(of: clause, clause.create) }
    return nil
  }

  /// What ALTER does by a clause of the kind's description; nil when none comes next.
  mutating func describedChange(of kind: ObjectKind) throws(StatementFailure) -> AlterAction? {
    for clause in kind.clauses {
      guard let alter = clause.alter, isNext(alter.leading) else { continue }
      return .set([try value(of: clause, alter)], modifiers: [])
    }
    return nil
  }

  private func isNext(_ tokens: [String]) -> Bool {
    tokens.enumerated().allSatisfy { isWord($1, ahead: $0) || isSymbol($1, ahead: $0) }
  }

  private mutating func expectToken(_ token: String) throws(StatementFailure) {
    guard isNext([token]) else { throw unexpected() }
    advance()
  }

  private mutating func value(
    of clause: DescribedClause, _ pattern: DescribedClause.Pattern
  ) throws(StatementFailure) -> Property {
    let start = current.start
    for token in pattern.before { try expectToken(token) }
    let value: Literal
    switch (clause.attribute.kind, pattern.behind.isEmpty) {
    case (.sql, true):
      if isAtEnd { throw unexpected() }
      value = .string(rest())
    case (.sql, false): value = .string(try text(upTo: pattern.behind))
    case (.list, _) where clause.attribute.rendering == .listed, (.set, _) where clause.attribute.rendering == .listed:
      var items: [Literal] = []
      repeat { items.append(try literal()) } while acceptSymbol(",")
      value = .list(items)
    default: value = try literal()
    }
    for token in pattern.behind { try expectToken(token) }
    return Property(name: clause.key, value: value, start: start)
  }

  /// The text as written up to what comes behind it, outside of parentheses.
  private mutating func text(upTo behind: [String]) throws(StatementFailure) -> String {
    let start = current.start
    let first = at
    var open = 0
    while open > 0 || !isNext(behind) {
      if current.kind == .end || open == 0 && isSymbol(")") { throw unexpected() }
      if isSymbol("(") { open += 1 }
      if isSymbol(")") { open -= 1 }
      advance()
    }
    guard at > first else { throw unexpected() }
    return source(start, tokens[at - 1].end)
  }

  private mutating func value(_ shape: KindGrammar.Shape) throws(StatementFailure) -> Literal {
    switch shape {
    case .flag(let text): return .string(text)
    case .value:
      _ = acceptSymbol("=")
      return try literal()
    case .assignedNames:
      try expectSymbol("=")
      var names: [Literal] = []
      repeat { names.append(.string(try name(1...2).parts.map(\.name).joined(separator: "."))) } while acceptSymbol(",")
      return .list(names)
    case .names:
      var names: [Literal] = []
      repeat { names.append(.string(try name().sql)) } while acceptSymbol(",")
      return names.count == 1 ? names[0] : .list(names)
    case .list:
      var items: [Literal] = []
      repeat { items.append(try literal()) } while acceptSymbol(",")
      return .list(items)
    case .type:
      let start = current.start
      guard current.kind == .word || isSymbol("(") else { throw unexpected() }
      if current.kind == .word { advance() }
      if isSymbol("(") { try skipParentheses() }
      return .string(source(start, tokens[at - 1].end))
    case .expression:
      let start = current.start
      while !isAtEnd, !isWord("AS") { if isSymbol("(") { try skipParentheses() } else { advance() } }
      return .string(source(start, tokens[max(0, at - 1)].end))
    }
  }

  // MARK: ALTER TABLE

  /// What ALTER TABLE does to columns; nil when something else comes next.
  mutating func columnChanges() throws(StatementFailure) -> [ColumnChange]? {
    if let change = try constraintChange() { return [change] }
    if accept("RENAME COLUMN") {
      let old = try identifier()
      try expect("TO")
      return [.rename(old, to: try identifier())]
    }
    if isWord("ADD") {
      let second = peek().upper
      if ["ROW", "SEARCH", "AGGREGATION", "JOIN"].contains(second) {
        throw .unsupported("ALTER TABLE … ADD \(second)")
      }
      advance()
      _ = accept("COLUMN")
      let ifNotExists = accept("IF NOT EXISTS")
      var changes: [ColumnChange] = []
      repeat {
        _ = accept("COLUMN")
        changes.append(.add(try column(), ifNotExists: ifNotExists))
      } while acceptSymbol(",")
      return changes
    }
    if isWord("DROP") {
      let second = peek().upper
      if ["ROW", "SEARCH", "CLUSTERING", "ALL"].contains(second) {
        throw .unsupported("ALTER TABLE … DROP \(second)")
      }
      advance()
      _ = accept("COLUMN")
      let ifExists = accept("IF EXISTS")
      var changes: [ColumnChange] = []
      repeat {
        _ = accept("COLUMN")
        changes.append(.drop(try identifier(), ifExists: ifExists))
      } while acceptSymbol(",")
      return changes
    }
    guard accept("ALTER") || accept("MODIFY") else { return nil }
    let parenthesized = acceptSymbol("(")
    var changes: [ColumnChange] = []
    repeat {
      _ = accept("COLUMN")
      changes.append(try columnChange(try identifier()))
    } while acceptSymbol(",")
    if parenthesized { try expectSymbol(")") }
    return changes
  }

  /// What follows DEFAULT, as written: a literal, a call or a name such as a sequence's NEXTVAL, with its casts.
  mutating func defaultValue() throws(StatementFailure) -> String {
    let start = current.start
    if !acceptSymbol("-") { _ = acceptSymbol("+") }
    if current.kind == .end || isSymbol(",") || isSymbol(")") { throw unexpected() }
    if isSymbol("(") {
      try skipParentheses()
    } else {
      advance()
      while acceptSymbol(".") { advance() }
      if isSymbol("(") { try skipParentheses() }
    }
    while acceptSymbol("::") {
      advance()
      if isSymbol("(") { try skipParentheses() }
    }
    return source(start, tokens[at - 1].end)
  }

  private mutating func columnChange(_ name: Identifier) throws(StatementFailure) -> ColumnChange {
    if accept("SET NOT NULL") || accept("NOT NULL") { return .nullable(name, false) }
    if accept("DROP NOT NULL") { return .nullable(name, true) }
    if accept("DROP DEFAULT") { return .defaultValue(name, nil) }
    if accept("UNSET COMMENT") { return .comment(name, nil) }
    if accept("COMMENT") { return .comment(name, try text()) }
    if accept("SET DEFAULT") {
      return .defaultValue(name, try defaultValue())
    }
    if !accept("SET DATA TYPE") { _ = accept("TYPE") }
    if isWord("SET") || isWord("UNSET") { throw .unsupported("ALTER COLUMN … \(wordsAhead())") }
    guard current.kind == .word else { throw unexpected() }
    let start = current.start
    advance()
    if isSymbol("(") { try skipParentheses() }
    return .type(name, source(start, tokens[at - 1].end).uppercased())
  }
}
