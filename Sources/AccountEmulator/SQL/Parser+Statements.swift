import SnowmakerModel

extension Parser {
  /// The one statement of the text.
  mutating func statement() throws(StatementFailure) -> Statement {
    while acceptSymbol(";") {}
    guard current.kind == .word else { throw unexpected() }
    if let statement = try accessTokenStatement() {
      try expectEnd()
      return statement
    }
    let first = try oneStatement()
    guard isSymbol("->>") else {
      try expectEnd()
      return first
    }
    var steps = [first]
    while acceptSymbol("->>") { steps.append(try oneStatement()) }
    try expectEnd()
    return .flow(steps)
  }

  private mutating func oneStatement() throws(StatementFailure) -> Statement {
    let statement: Statement
    switch current.upper {
    case "CREATE": statement = try create()
    case "ALTER": statement = try alter()
    case "DROP": statement = try drop()
    case "SHOW": statement = try show()
    case "DESCRIBE", "DESC": statement = try describe()
    case "GRANT": statement = try grant()
    case "REVOKE": statement = try revoke()
    case "USE": statement = try use()
    case "SET": statement = try setVariables()
    case "UNSET": statement = try unsetVariables()
    case "SELECT", "WITH": statement = .query(try query())
    case "COMMENT": statement = try comment()
    case "BEGIN", "COMMIT", "ROLLBACK", "START": statement = try transaction()
    case "UNDROP": statement = try undrop()
    case "EXECUTE" where areWords("EXECUTE DCM PROJECT"): statement = try executeProject()
    case "EXECUTE", "CALL", "INSERT", "UPDATE", "DELETE", "MERGE", "COPY", "PUT", "GET", "LIST", "LS",
      "REMOVE", "RM", "TRUNCATE", "EXPLAIN", "DECLARE":
      throw .unsupported(wordsAhead(limit: 2))
    default: throw unexpected()
    }
    return statement
  }

  private mutating func transaction() throws(StatementFailure) -> Statement {
    var action = TransactionAction.begin(name: nil)
    if accept("START") {
      try expect("TRANSACTION")
    } else {
      let isBegin = isWord("BEGIN")
      if !isBegin { action = isWord("COMMIT") ? .commit : .rollback }
      advance()
      if !accept("TRANSACTION") { _ = accept("WORK") }
    }
    if case .begin = action, accept("NAME") { action = .begin(name: try identifier().name) }
    return .transaction(action)
  }

  // MARK: SHOW and DESCRIBE

  private mutating func show() throws(StatementFailure) -> Statement {
    try expect("SHOW")
    var filter = ShowFilter()
    filter.isTerse = accept("TERSE")
    if accept("GRANTS") {
      let question = try grantsQuestion()
      return .showGrants(question, limit: accept("LIMIT") ? try integer() : nil)
    }
    if accept("FUTURE GRANTS") {
      let question = try futureQuestion()
      return .showGrants(question, limit: accept("LIMIT") ? try integer() : nil)
    }
    if accept("INHERITED GRANTS") { return .showGrants(try inheritedQuestion(), limit: nil) }
    if accept("DEPLOYMENTS IN DCM PROJECT") {
      let project = try name()
      return .showDeployments(project, limit: accept("LIMIT") ? try integer() : nil)
    }
    if accept("PARAMETERS") { return try showParameters() }
    if accept("VARIABLES") { return .showVariables(like: accept("LIKE") ? try text() : nil) }
    if accept("TRANSACTIONS") {
      if accept("IN") { try expect("ACCOUNT") }
      return .showTransactions
    }
    if accept("COLUMNS") { return try showColumns() }
    if accept("INTEGRATIONS") {
      try showFilter(&filter)
      return .showIntegrations(filter)
    }
    if accept("PRIMARY KEYS") { return .showKeys(.primaryKey, try keyPlace()) }
    if accept("UNIQUE KEYS") { return .showKeys(.unique, try keyPlace()) }
    if accept("IMPORTED KEYS") { return .showKeys(.foreignKey, try keyPlace()) }
    if accept("INDEXES") {
      let like = accept("LIKE") ? try text() : nil
      return .showIndexes(like: like, try keyPlace())
    }
    if let statement = try organizationQuestion() { return statement }
    let isObjects = accept("OBJECTS")
    var kind: ObjectKind?
    if !isObjects {
      let words = wordsAhead()
      let registry = registry
      guard let plural = matchType({ registry.kind(plural: $0) != nil || registry.isPlural($0) }) else {
        // What there is to show and is not played here is no mistake in writing.
        if Self.unplayed.contains(current.upper) { throw .unsupported("SHOW \(words)") }
        throw .syntax("unexpected '\(current.text)'", at: current.start, in: bytes)
      }
      guard let found = registry.kind(plural: plural) else { throw .unsupported("SHOW \(words)") }
      kind = found
    }
    if isWord("HISTORY") {
      guard let kind, ["DATABASE", "SCHEMA", "TABLE"].contains(kind.sqlName) else { throw unexpected() }
      advance()
      filter.isHistory = true
    }
    if let kind, Self.userPolicies.contains(kind.sqlName) { filter.holder = try policyHolder() }
    try showFilter(&filter)
    guard let kind else { return .showObjects(filter) }
    return .show(kind, filter)
  }

  /// First words of what SHOW lists in Snowflake and nothing here describes.
  private static let unplayed: Set<String> = [
    "AVAILABLE", "BACKUP", "BUILTIN", "CALLER", "CLASSES", "CORTEX", "DATA", "DELEGATED", "ENDPOINTS", "ENTITY",
    "EXPORTED",
    "FEATURE", "GATEWAYS", "LISTINGS", "LOCKS", "MCP", "OFFERS", "ONLINE", "OPENFLOW", "PRIVILEGES", "RELEASE",
    "REPLICATION", "ROW", "RUN", "SEMANTIC", "SERVICE", "SHARED", "SNAPSHOTS", "SPECIFICATIONS", "STORAGE", "TELEMETRY",
    "TYPES", "VERSIONS",
  ]

  /// SHOW of accounts and regions; nil when something else comes next.
  private mutating func organizationQuestion() throws(StatementFailure) -> Statement? {
    if accept("ACCOUNTS") {
      let history = accept("HISTORY")
      return .showAccounts(like: accept("LIKE") ? try text() : nil, history: history)
    }
    if accept("ORGANIZATION ACCOUNTS") { return .showOrganizationAccounts(like: accept("LIKE") ? try text() : nil) }
    if accept("REPLICATION DATABASES") {
      let like = accept("LIKE") ? try text() : nil
      return .showReplicationDatabases(like: like, primary: accept("WITH PRIMARY") ? try name(2...3) : nil)
    }
    if accept("REGIONS") { return .showRegions(like: accept("LIKE") ? try text() : nil) }
    return nil
  }

  private mutating func showColumns() throws(StatementFailure) -> Statement {
    let like = accept("LIKE") ? try text() : nil
    guard isWord("IN") else { return .showColumns(like: like, .scope(nil)) }
    for type in ["TABLE", "VIEW"] where isWord(type, ahead: 1) {
      advance()
      advance()
      return .showColumns(like: like, .object(type: type, name: try name()))
    }
    advance()
    let start = at
    for word in ["ACCOUNT", "DATABASE", "SCHEMA"] where isWord(word) {
      return .showColumns(like: like, .scope(try scopeAfterIn()))
    }
    at = start
    return .showColumns(like: like, .object(type: "TABLE", name: try name()))
  }

  private mutating func showFilter(_ filter: inout ShowFilter) throws(StatementFailure) {
    if accept("LIKE") { filter.like = try text() }
    filter.scope = try scope()
    if accept("STARTS WITH") { filter.startsWith = try text() }
    if accept("LIMIT") {
      filter.limit = try integer()
      if accept("FROM") { filter.from = try text() }
    }
    if isWord("WITH") { throw .unsupported("SHOW … " + wordsAhead()) }
  }

  private mutating func showParameters() throws(StatementFailure) -> Statement {
    let like = accept("LIKE") ? try text() : nil
    guard accept("IN") || accept("FOR") else { return .showParameters(like: like, .session) }
    if accept("SESSION") { return .showParameters(like: like, .session) }
    if accept("ACCOUNT") { return .showParameters(like: like, .account) }
    let type = try objectType()
    return .showParameters(like: like, .object(type: type, name: try name()))
  }

  private mutating func grantsQuestion() throws(StatementFailure) -> GrantsQuestion {
    if isAtEnd || isWord("LIMIT") { return .own }
    if accept("TO") {
      let grantee = try grantee(named: "TO")
      guard accept("INCLUDE HIERARCHY") else { return .toRole(grantee) }
      if case .share = grantee { throw .unsupported("SHOW GRANTS TO SHARE … INCLUDE HIERARCHY") }
      return .throughRoles(grantee)
    }
    if accept("OF") { return .ofRole(try grantee(named: "OF")) }
    if areWords("IN DCM PROJECT") { throw .unsupported("SHOW GRANTS IN DCM PROJECT") }
    try expect("ON")
    if accept("ACCOUNT") { return .onAccount }
    let type = try objectType()
    return .on(type: type, name: try signedName(registry.kind(type)))
  }

  private mutating func inheritedQuestion() throws(StatementFailure) -> GrantsQuestion {
    if accept("TO") { return .inheritedTo(try grantee(named: "TO")) }
    try expect("IN")
    return .inheritedIn(try scopeAfterIn())
  }

  private mutating func futureQuestion() throws(StatementFailure) -> GrantsQuestion {
    if accept("TO") {
      let grantee = try grantee(named: "TO")
      return accept("INCLUDE HIERARCHY") ? .futureThroughRoles(grantee) : .futureTo(grantee)
    }
    try expect("IN")
    return .futureIn(try scopeAfterIn())
  }

  private mutating func describe() throws(StatementFailure) -> Statement {
    advance()
    let words = wordsAhead()
    let start = current.start
    guard let type = matchType(registry.isType) else {
      throw .syntax("unexpected '\(current.text)'", at: start, in: bytes)
    }
    guard let kind = registry.kind(type) else { throw .unsupported("DESCRIBE \(words)") }
    let name = try signedName(kind)
    if kind.hasColumns, isWord("TYPE"), isSymbol("=", ahead: 1) {
      advance()
      advance()
      // COLUMNS is what DESCRIBE answers anyway; STAGE would be the properties of the table's stage.
      if !accept("COLUMNS") { throw .unsupported("DESCRIBE \(words) TYPE = \(current.text)") }
    }
    return .describe(kind, name)
  }

  // MARK: USE, variables

  private mutating func use() throws(StatementFailure) -> Statement {
    try expect("USE")
    if accept("ROLE") { return .use(.role(try name(1...1))) }
    if accept("SECONDARY ROLES") {
      if accept("ALL") { return .use(.secondaryRoles(all: true, [])) }
      if accept("NONE") { return .use(.secondaryRoles(all: false, [])) }
      var names = [try name(1...1)]
      while acceptSymbol(",") { names.append(try name(1...1)) }
      return .use(.secondaryRoles(all: false, names))
    }
    if accept("WAREHOUSE") { return .use(.warehouse(try name(1...1))) }
    if accept("DATABASE") { return .use(.database(try name(1...1))) }
    if accept("SCHEMA") { return .use(.schema(try name(1...2))) }
    return .use(.unnamed(try name(1...2)))
  }

  private mutating func setVariables() throws(StatementFailure) -> Statement {
    try expect("SET")
    guard acceptSymbol("(") else {
      let name = try identifier()
      try expectSymbol("=")
      return .setVariables([(name.name, try condition())])
    }
    // SET (a, b) = (1, 2)
    var names: [String] = []
    repeat { names.append(try identifier().name) } while acceptSymbol(",")
    try expectSymbol(")")
    try expectSymbol("=")
    try expectSymbol("(")
    var values: [Expression] = []
    repeat { values.append(try condition()) } while acceptSymbol(",")
    guard names.count == values.count else { throw unexpected() }
    try expectSymbol(")")
    return .setVariables(Array(zip(names, values)))
  }

  private mutating func unsetVariables() throws(StatementFailure) -> Statement {
    try expect("UNSET")
    let parenthesized = acceptSymbol("(")
    var names = [try identifier().name]
    while acceptSymbol(",") { names.append(try identifier().name) }
    if parenthesized { try expectSymbol(")") }
    return .unsetVariables(names)
  }
}
