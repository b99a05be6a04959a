import SnowmakerModel

extension Parser {
  /// `ROLE x`, `DATABASE ROLE x.y`, `USER x`; a bare name is a role.
  mutating func grantee(named clause: String) throws(StatementFailure) -> Grantee {
    if accept("ROLE") { return .role(try name(1...1)) }
    if accept("DATABASE ROLE") { return .databaseRole(try name(1...2)) }
    if accept("USER") { return .user(try name(1...1)) }
    if accept("SHARE") { return .share(try name(1...1)) }
    for word in ["APPLICATION", "APPLICATION ROLE", "APPLICATION PACKAGE"] where areWords(word) {
      throw .unsupported("\(clause) \(wordsAhead(limit: word.contains(" ") ? 2 : 1))")
    }
    return .role(try name(1...1))
  }

  mutating func grant() throws(StatementFailure) -> Statement {
    try expect("GRANT")
    if let roles = try roleList() {
      try expect("TO")
      let to = try grantee(named: "GRANT ROLE … TO")
      return .grantRole(roles, to: to)
    }
    let isInherited = accept("INHERITED")
    if isWord("CALLER") { throw .unsupported("GRANT CALLER") }
    if !isInherited, accept("OWNERSHIP") {
      try expect("ON")
      let target = try grantTarget()
      try expect("TO")
      let grantee = try grantee(named: "GRANT OWNERSHIP … TO")
      var current = CurrentGrants.refuse
      if accept("COPY CURRENT GRANTS") {
        current = .copy
      } else if accept("REVOKE CURRENT GRANTS") {
        current = .revoke
      }
      return .ownership(target, grantee, current)
    }
    let privileges = try privilegeList()
    try expect("ON")
    let target = try grantTarget()
    try expect("TO")
    var statement = PrivilegeStatement(
      isGrant: true, privileges: privileges, target: target, grantee: try grantee(named: "GRANT … TO"))
    statement.isInherited = isInherited
    if isInherited { try requireInheritable(statement) }
    statement.withGrantOption = !isInherited && accept("WITH GRANT OPTION")
    return .privileges(statement)
  }

  mutating func revoke() throws(StatementFailure) -> Statement {
    try expect("REVOKE")
    if let roles = try roleList() {
      try expect("FROM")
      return .revokeRole(roles, from: try grantee(named: "REVOKE ROLE … FROM"))
    }
    let isInherited = accept("INHERITED")
    let optionOnly = accept("GRANT OPTION FOR")
    let isOwnership = isWord("OWNERSHIP")
    let privileges = try privilegeList()
    try expect("ON")
    let target = try grantTarget()
    try expect("FROM")
    var statement = PrivilegeStatement(
      isGrant: false, privileges: privileges, target: target, grantee: try grantee(named: "REVOKE … FROM"))
    statement.isInherited = isInherited
    if isInherited { try requireInheritable(statement) }
    statement.grantOptionOnly = optionOnly
    statement.restrict = accept("RESTRICT")
    statement.cascade = accept("CASCADE")
    return isOwnership && !isInherited ? .revokeFutureOwnership(statement) : .privileges(statement)
  }

  /// GRANT INHERITED is always ON ALL … IN a scope.
  private func requireInheritable(_ statement: PrivilegeStatement) throws(StatementFailure) {
    guard case .all = statement.target else {
      throw .syntax("unexpected 'INHERITED': it takes ON ALL … IN …", at: tokens[1].start, in: bytes)
    }
  }

  /// The roles of `ROLE a, b` or `DATABASE ROLE d.a`; nil when something else comes next.
  private mutating func roleList() throws(StatementFailure) -> [Grantee]? {
    if areWords("APPLICATION ROLE") { throw .unsupported("GRANT APPLICATION ROLE") }
    if accept("ROLE") {
      var roles = [Grantee.role(try name(1...1))]
      while acceptSymbol(",") { roles.append(.role(try name(1...1))) }
      return roles
    }
    guard accept("DATABASE ROLE") else { return nil }
    return [.databaseRole(try name(1...2))]
  }

  /// The privileges up to ON; empty for ALL.
  private mutating func privilegeList() throws(StatementFailure) -> [String] {
    if accept("ALL") {
      _ = accept("PRIVILEGES")
      return []
    }
    var privileges: [String] = []
    repeat {
      var words: [String] = []
      while current.kind == .word, !isWord("ON") {
        words.append(current.upper)
        advance()
        // CREATE SNOWFLAKE.ML.FORECAST
        while isSymbol("."), peek().kind == .word {
          words[words.count - 1] += "." + peek().upper
          advance()
          advance()
        }
      }
      guard !words.isEmpty else { throw unexpected() }
      if isSymbol("(") { throw .unsupported("privileges on columns") }
      privileges.append(words.joined(separator: " "))
    } while acceptSymbol(",")
    return privileges
  }

  private mutating func grantTarget() throws(StatementFailure) -> GrantTarget {
    if accept("ACCOUNT") { return .account }
    for word in ["ALL", "FUTURE"] where isWord(word) {
      advance()
      let type = try pluralType()
      try expect("IN")
      let scope = try scopeAfterIn()
      return word == "ALL" ? .all(type: type, scope: scope) : .future(type: type, scope: scope)
    }
    let start = at
    guard let type = matchType(registry.isType), !isWord("TO"), !isWord("FROM"), !isSymbol(".") else {
      // A name alone is that of a table or view.
      at = start
      return .object(type: GrantTarget.tableOrView, name: try name())
    }
    let name = try signedName(registry.kind(type))
    if isSymbol("(") { throw .unsupported("grants on \(type) with a signature") }
    return .object(type: type, name: name)
  }
}
