import SnowmakerSDK

/// The policies that can be attached to a user. Which one is attached only a query tells that needs a running warehouse, so
/// the ledger's memory is what counts.
///
/// Source: <https://docs.snowflake.com/en/sql-reference/sql/alter-user>.
enum UserPolicies {
  static let attributes: [AttributeSchema] = [
    policy("password", "What its password must be like."),
    policy("session", "How long its sessions may be idle, and which secondary roles they may use."),
    policy("authentication", "How and with which clients it may log in."),
  ]

  private static func policy(_ word: String, _ doc: String) -> AttributeSchema {
    AttributeSchema(
      "\(word)_policy", .reference(["\(word)_policy"]), property: "\(word.uppercased()) POLICY",
      doc: "\(doc) It takes the place of one that somebody else attached."
    ).attached().edge(.uses, onTargetDrop: .detachFirst)
  }
}
