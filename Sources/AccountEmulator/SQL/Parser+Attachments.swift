import SnowmakerModel

extension Parser {
  /// `a.b.tag = 'x', …` after TAG; with names alone after UNSET TAG.
  mutating func tags(withValues: Bool) throws(StatementFailure) -> [(name: ObjectName, value: String?)] {
    var tags: [(name: ObjectName, value: String?)] = []
    repeat {
      let tag = try name()
      guard withValues else {
        tags.append((name: tag, value: nil))
        continue
      }
      try expectSymbol("=")
      tags.append((name: tag, value: try text()))
    } while acceptSymbol(",")
    return tags
  }

  /// The policies that users, and the account for all of them, can have.
  static let userPolicies = ["PASSWORD POLICY", "SESSION POLICY", "AUTHENTICATION POLICY"]

  /// `ON USER x` or `ON ACCOUNT` of a SHOW of such policies; nil when something else comes next.
  mutating func policyHolder() throws(StatementFailure) -> PolicyHolder? {
    guard accept("ON") else { return nil }
    if accept("ACCOUNT") { return .account }
    try expect("USER")
    return .user(try name(1...1))
  }

  /// SET and UNSET of tags and policies in ALTER; nil when something else comes next.
  mutating func attachment() throws(StatementFailure) -> AlterAction? {
    if accept("SET TAG") { return .tags(try tags(withValues: true)) }
    if accept("UNSET TAG") { return .tags(try tags(withValues: false)) }
    for (words, adds) in [("ADD TABLES", true), ("DROP TABLES", false)] where areWords(words) && isSymbol("(", ahead: 2)
    {
      advance()
      let tables = try property()
      return adds ? .add([tables]) : .remove([tables])
    }
    for kind in Self.userPolicies {
      if accept("UNSET \(kind)") { return .policy(kind, nil, force: false) }
      if accept("SET \(kind)") {
        let policy = try name()
        return .policy(kind, policy, force: accept("FORCE"))
      }
    }
    return nil
  }
}
