public import SnowmakerModel

/// Something about roles that only the account can tell and that may decide which role runs a statement.
public enum RoleQuestion: Hashable, Sendable, Comparable {
  /// What a `ROLE` or `DATABASE ROLE` holds.
  case grantsTo(SQLObject)
  /// Who holds what on an object, or on the account.
  case grantsOn(SQLObject)
  /// Which roles were given this `ROLE` or `DATABASE ROLE`.
  case holders(SQLObject)

  /// The statement that asks it.
  public var sql: String {
    switch self {
    case .grantsTo(let role): "SHOW GRANTS TO \(role)"
    case .grantsOn(let object): "SHOW GRANTS ON \(object)"
    case .holders(let role): "SHOW GRANTS OF \(role)"
    }
  }

  /// What the read cost counts it under.
  public var costClass: String {
    switch self {
    case .grantsTo(let role): "SHOW GRANTS TO \(role.type)"
    case .grantsOn(let object): "SHOW GRANTS ON \(object.type)"
    case .holders(let role): "SHOW GRANTS OF \(role.type)"
    }
  }

  /// By the statements' texts.
  public static func < (left: Self, right: Self) -> Bool { left.sql < right.sql }
}

/// What the account said to questions about roles.
public struct RoleKnowledge: Sendable {
  /// The questions that were answered.
  public var answered: Set<RoleQuestion>
  /// The questions that the account refused to answer, with what it said.
  public var refused: [RoleQuestion: String]

  /// What is known; by itself: nothing was asked.
  public init(answered: Set<RoleQuestion> = [], refused: [RoleQuestion: String] = [:]) {
    self.answered = answered
    self.refused = refused
  }

  /// Whether it was asked, with whatever success.
  func isAsked(_ question: RoleQuestion) -> Bool { answered.contains(question) || refused[question] != nil }

  /// Takes what was learned later.
  mutating func add(_ other: RoleKnowledge) {
    answered.formUnion(other.answered)
    refused.merge(other.refused) { _, new in new }
  }
}
