import SnowmakerModel

extension Parser {
  // MARK: CREATE

  mutating func create() throws(StatementFailure) -> Statement {
    try expect("CREATE")
    let orAlter = accept("OR ALTER")
    let orReplace = accept("OR REPLACE")
    let (kind, words) = try createdKind()
    guard kind.canCreate else { throw .unsupported("CREATE \(kind.sqlName)") }
    var modifiers: [Emulation.Modifier] = []
    var isTemporary = false
    for word in words {
      if Self.temporaryWords.contains(word), Self.temporaryKinds.contains(kind.sqlName) {
        isTemporary = true
        if word != "TEMPORARY" && word != "TEMP" { continue }
        if !kind.modifiers.contains(where: { $0.word.uppercased() == word }) { continue }
      }
      guard let modifier = kind.modifiers.first(where: { $0.word.uppercased() == word }) else {
        throw .unsupported("CREATE \(word) \(kind.sqlName)")
      }
      modifiers.append(modifier)
    }
    var ifNotExists = accept("IF NOT EXISTS")
    var create = CreateStatement(kind: kind, name: try name())
    if kind.grammar?.hasSignature == true { try signature(of: &create) }
    ifNotExists = accept("IF NOT EXISTS") || ifNotExists
    create.orReplace = orReplace
    create.orAlter = orAlter
    create.ifNotExists = ifNotExists
    create.modifiers = modifiers
    create.isTemporary = isTemporary
    if accept("CLONE") {
      create.source = try name()
      create.moment = try cloneMoment()
      if kind.sqlName == "DATABASE" || kind.sqlName == "SCHEMA" {
        _ = accept("IGNORE TABLES WITH INSUFFICIENT DATA RETENTION")
        _ = accept("IGNORE HYBRID TABLES")
        create.includesInternalStages = accept("INCLUDE INTERNAL STAGES")
      }
    }
    if orReplace, ifNotExists {
      throw .syntax("options OR REPLACE and IF NOT EXISTS are incompatible", at: create.name.start, in: bytes)
    }
    if kind.sqlName == "DATABASE" { create.origin = try databaseOrigin() }
    if kind.sqlName == "TABLE", accept("LIKE") { create.pattern = try name() }
    for word in ["LIKE", "AS REPLICA", "FROM SHARE", "FROM LISTING", "USING TEMPLATE"] where areWords(word) {
      throw .unsupported("CREATE \(kind.sqlName) … \(word)")
    }
    if kind.hasColumns, isSymbol("(") {
      (create.columns, create.constraints) = try columns()
      if isWord("AS") && kind.bodyAttribute == nil && kind.sqlName != "TABLE" {
        throw .unsupported("CREATE \(kind.sqlName) AS SELECT")
      }
    }
    try clauses(of: kind, isCreation: true) { (clause: Clause) in
      switch clause {
      case .property(let property): create.properties.append(property)
      case .modifier(let modifier): create.modifiers.append(modifier)
      case .copyGrants: create.copyGrants = true
      case .tags(let tags): create.tags += tags
      case .body(let text): create.body = text
      }
    }
    for clause in kind.clauses where clause.attribute.isRequired && create.source == nil {
      guard create.properties.contains(where: { $0.name == clause.key }) else { throw unexpected() }
    }
    return .create(create)
  }

  private static let temporaryWords: Set<String> = ["TEMPORARY", "TEMP", "LOCAL", "GLOBAL", "VOLATILE"]
  /// What can be temporary: gone with its session, and seen by that alone.
  private static let temporaryKinds: Set<String> = [
    "TABLE", "STAGE", "FILE FORMAT", "VIEW", "FUNCTION", "PROCEDURE", "SEQUENCE",
  ]

  /// The kind after CREATE and the words before it.
  private mutating func createdKind() throws(StatementFailure) -> (ObjectKind, [String]) {
    let start = at
    for skipped in 0..<4 {
      at = start + skipped
      if let type = matchType(registry.isType) {
        let words = (start..<(start + skipped)).map { tokens[$0].upper }
        guard let kind = registry.kind(type) else {
          throw .unsupported("CREATE " + (words + [type]).joined(separator: " "))
        }
        return (kind, words)
      }
      guard tokens[min(at, tokens.count - 1)].kind == .word else { break }
    }
    at = start
    throw unexpected()
  }

  private enum Clause {
    case property(Property)
    case modifier(Emulation.Modifier)
    case copyGrants
    case tags([(name: ObjectName, value: String?)])
    case body(String)
  }

  /// Properties and the other clauses of CREATE and SET, until the end of the statement.
  private mutating func clauses(
    of kind: ObjectKind, isCreation: Bool = false, _ take: (Clause) throws(StatementFailure) -> Void
  ) throws(StatementFailure) {
    next: while !isAtEnd {
      if acceptSymbol(",") { continue }
      if isCreation, let property = try describedClause(of: kind) {
        try take(.property(property))
        continue
      }
      for modifier in kind.modifiers {
        let word = modifier.word.uppercased()
        if (word.contains(" ") || !isSymbol("=", ahead: 1)) && (accept("WITH " + word) || accept(word)) {
          try take(.modifier(modifier))
          continue next
        }
      }
      if isWord("AS") {
        advance()
        let comment = kind.grammar?.commentFollowsBody == true ? trailingComment() : nil
        if let comment { try take(.property(comment)) }
        try take(.body(rest(withoutComment: comment != nil)))
        return
      }
      if let property = try phrase(of: kind) {
        try take(.property(property))
        continue
      }
      if accept("COPY GRANTS") {
        try take(.copyGrants)
        continue
      }
      if isWord("WITH"), peek().kind == .word { advance() }
      if isWord("TAG"), isSymbol("(", ahead: 1) {
        advance()
        try expectSymbol("(")
        try take(.tags(try tags(withValues: true)))
        try expectSymbol(")")
        continue
      }
      for words in ["ROW ACCESS POLICY", "MASKING POLICY", "AGGREGATION POLICY", "CONTACT"] where areWords(words) {
        throw .unsupported("\(words) on \(kind.sqlName)")
      }
      try take(.property(try property()))
    }
  }

  mutating func property() throws(StatementFailure) -> Property {
    let token = current
    guard token.kind == .word else { throw unexpected() }
    advance()
    // `COMMENT 'x'` and `TABLES (…)` come without `=`.
    if !acceptSymbol("="), current.kind != .string, !isSymbol("(") { throw unexpected() }
    return Property(name: token.upper, value: try literal(), start: token.start)
  }

  /// `COMMENT = 'x'` at the end of the statement, which is then no part of the body.
  private func trailingComment() -> Property? {
    var last = tokens.count - 2
    while last > at, tokens[last].kind == .symbol, tokens[last].text == ";" { last -= 1 }
    guard last - 2 > at, tokens[last].kind == .string, tokens[last - 1].text == "=",
      tokens[last - 2].upper == "COMMENT"
    else { return nil }
    return Property(name: "COMMENT", value: .string(tokens[last].text), start: tokens[last - 2].start)
  }

  /// The text from here to the end of the statement, as written.
  mutating func rest(withoutComment: Bool = false) -> String {
    var last = tokens.count - 2
    while last >= at, tokens[last].kind == .symbol, tokens[last].text == ";" { last -= 1 }
    if withoutComment { last -= 3 }
    guard last >= at else { return "" }
    let text = source(current.start, tokens[last].end)
    at = tokens.count - 1
    return text
  }

  // MARK: Columns

  mutating func columns() throws(StatementFailure) -> ([ColumnDefinition], [TableConstraint]) {
    try expectSymbol("(")
    var result: [ColumnDefinition] = []
    var constraints: [TableConstraint] = []
    repeat {
      if isConstraint() {
        if let constraint = try tableConstraint() { constraints.append(constraint) }
      } else {
        result.append(try column())
      }
    } while acceptSymbol(",")
    try expectSymbol(")")
    return (result, constraints)
  }

  mutating func column() throws(StatementFailure) -> ColumnDefinition {
    var column = ColumnDefinition(name: try identifier(), type: "")
    if current.kind == .word, !["COMMENT", "NOT", "NULL", "DEFAULT"].contains(current.upper) {
      let start = current.start
      advance()
      if isWord("PRECISION") || isWord("VARYING") { advance() }
      if isSymbol("(") { try skipParentheses() }
      column.type = source(start, tokens[at - 1].end).uppercased()
    }
    while !isSymbol(","), !isSymbol(")"), !isSymbol(";") {
      if accept("NOT NULL") {
        column.isNullable = false
      } else if accept("COMMENT") {
        column.comment = try text()
      } else if accept("DEFAULT") {
        column.defaultValue = try defaultValue()
      } else if let identity = try columnIdentity() {
        column.identity = identity
      } else if isConstraint() || isWord("REFERENCES") {
        let start = at
        if let constraint = try columnConstraint(on: column.name) {
          column.constraints.append(constraint)
        } else if accept("CHECK") {
          try skipParentheses()
        } else if at == start {
          throw unexpected()  // FOREIGN or PRIMARY without KEY
        }
      } else if isWord("WITH") || isWord("MASKING") || isWord("TAG") || isWord("PROJECTION") {
        throw .unsupported("\(wordsAhead()) on a column")
      } else if current.kind == .end {
        break  // the end of ALTER TABLE … ADD; in CREATE the parenthesis is missed afterwards
      } else if isSymbol("(") {
        try skipParentheses()
      } else {
        advance()  // COLLATE: kept out of what SHOW and DESCRIBE tell
      }
    }
    return column
  }

  mutating func skipParentheses() throws(StatementFailure) {
    try expectSymbol("(")
    var depth = 1
    while depth > 0 {
      if current.kind == .end { throw unexpected() }
      if isSymbol("(") { depth += 1 }
      if isSymbol(")") { depth -= 1 }
      advance()
    }
  }

  // MARK: ALTER

  mutating func alter() throws(StatementFailure) -> Statement {
    try expect("ALTER")
    if accept("SESSION") { return .alterSession(try setOrUnset("SESSION")) }
    if accept("ACCOUNT") {
      if Self.userPolicies.contains(where: { areWords("SET " + $0) || areWords("UNSET " + $0) }),
        let policy = try attachment()
      {
        return .alterAccount(policy)
      }
      guard isWord("SET") || isWord("UNSET") else { throw .unsupported("ALTER ACCOUNT \(wordsAhead())") }
      return .alterAccount(try setOrUnset("ACCOUNT"))
    }
    let words = wordsAhead()
    guard let type = matchType(registry.isType) else { throw unexpected() }
    guard let kind = registry.kind(type), kind.canCreate else { throw .unsupported("ALTER \(words)") }
    let ifExists = accept("IF EXISTS")
    let name = try signedName(kind)
    if kind.sqlName == "DCM PROJECT", accept("DROP DEPLOYMENT") {
      let ifExists = accept("IF EXISTS")
      return .dropDeployment(of: name, try deploymentName(), ifExists: ifExists)
    }
    return .alter(kind, name, ifExists: ifExists, try alterAction(kind))
  }

  /// SET of parameters or UNSET of their names.
  private mutating func setOrUnset(_ what: String) throws(StatementFailure) -> AlterAction {
    if accept("UNSET") { return .unset(try names()) }
    try expect("SET")
    if isWord("TAG") || isWord("PASSWORD") && isWord("POLICY", ahead: 1) || isWord("POLICY", ahead: 1) {
      throw .unsupported("ALTER \(what) SET \(wordsAhead(limit: 2))")
    }
    var properties: [Property] = []
    while !isAtEnd {
      properties.append(try property())
      _ = acceptSymbol(",")
    }
    guard !properties.isEmpty else { throw unexpected() }
    return .set(properties, modifiers: [])
  }

  private mutating func names() throws(StatementFailure) -> [String] {
    if isWord("TAG") || isWord("POLICY", ahead: 1) { throw .unsupported("UNSET \(wordsAhead(limit: 2))") }
    return try words()
  }

  /// Words in upper case, with commas between them or without.
  mutating func words() throws(StatementFailure) -> [String] {
    var names: [String] = []
    repeat {
      guard current.kind == .word else { throw unexpected() }
      names.append(current.upper)
      advance()
    } while acceptSymbol(",") || current.kind == .word
    return names
  }

  private mutating func alterAction(_ kind: ObjectKind) throws(StatementFailure) -> AlterAction {
    if accept("RENAME TO") { return .rename(try name()) }
    if accept("SWAP WITH") { return .swap(try name()) }
    if isWord("CLUSTER"), kind.grammar?.properties.contains("CLUSTER_BY") == true, let key = try phrase(of: kind) {
      return .set([key], modifiers: [])
    }
    if kind.hasColumns, accept("DROP CLUSTERING KEY") { return .unset(["CLUSTER_BY"]) }
    if kind.hasColumns, let changes = try columnChanges() { return .columns(changes) }
    if let attachment = try attachment() { return attachment }
    if kind.sqlName == "DATABASE", let change = try replicationChange() { return .replication(change) }
    if let change = try describedChange(of: kind) { return change }
    if accept("UNSET") { return .unset(try names()) }
    if accept("SET") {
      if isWord("POLICY", ahead: 1) { throw .unsupported("ALTER \(kind.sqlName) SET \(wordsAhead(limit: 2))") }
      var properties: [Property] = []
      var modifiers: [Emulation.Modifier] = []
      try clauses(of: kind) { (clause: Clause) throws(StatementFailure) in
        switch clause {
        case .property(let property): properties.append(property)
        case .modifier(let modifier): modifiers.append(modifier)
        case .copyGrants, .body, .tags: throw .unsupported("ALTER \(kind.sqlName) SET … AS")
        }
      }
      if properties.isEmpty, modifiers.isEmpty { throw unexpected() }
      return .set(properties, modifiers: modifiers)
    }
    if accept("SUSPEND") { return .suspend }
    if accept("RESUME") { return .resume(ifSuspended: accept("IF SUSPENDED")) }
    if accept("ENABLE MANAGED ACCESS") { return .managedAccess(true) }
    if accept("DISABLE MANAGED ACCESS") { return .managedAccess(false) }
    for word in ["ADD", "REMOVE"] where isWord(word) && peek().kind == .word && isSymbol("=", ahead: 2) {
      advance()
      var properties: [Property] = []
      while !isAtEnd {
        if let phrase = try phrase(of: kind) { properties.append(phrase) } else { properties.append(try property()) }
      }
      return word == "ADD" ? .add(properties) : .remove(properties)
    }
    throw .unsupported("ALTER \(kind.sqlName) … \(wordsAhead())")
  }

  // MARK: DROP and COMMENT

  mutating func drop() throws(StatementFailure) -> Statement {
    try expect("DROP")
    let words = wordsAhead()
    guard let type = matchType(registry.isType) else { throw unexpected() }
    guard let kind = registry.kind(type), kind.canCreate else { throw .unsupported("DROP \(words)") }
    let ifExists = accept("IF EXISTS")
    let name = try signedName(kind)
    let restrict = accept("RESTRICT")
    if !restrict { _ = accept("CASCADE") }
    return .drop(kind, name, ifExists: ifExists, restrict: restrict)
  }

  mutating func comment() throws(StatementFailure) -> Statement {
    try expect("COMMENT")
    let ifExists = accept("IF EXISTS")
    try expect("ON")
    if accept("COLUMN") {
      var full = try name(2...4)
      let column = full.parts.removeLast()
      guard let table = registry.kind("TABLE") else { throw .unsupported("COMMENT ON COLUMN") }
      try expect("IS")
      return .alter(table, full, ifExists: ifExists, .columns([.comment(column, try text())]))
    }
    let words = wordsAhead()
    guard let type = matchType(registry.isType) else { throw unexpected() }
    guard let kind = registry.kind(type), kind.canCreate else { throw .unsupported("COMMENT ON \(words)") }
    let name = try signedName(kind)
    try expect("IS")
    return .comment(kind, name, ifExists: ifExists, try text())
  }

  mutating func undrop() throws(StatementFailure) -> Statement {
    try expect("UNDROP")
    let words = wordsAhead()
    guard let type = matchType(registry.isType) else { throw unexpected() }
    guard let kind = registry.kind(type), kind.canCreate else { throw .unsupported("UNDROP \(words)") }
    return .undrop(kind, try name())
  }
}
