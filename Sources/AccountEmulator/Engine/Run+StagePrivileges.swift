import AccountModel
import SnowmakerModel

extension StatementRun {
  /// On a stage, WRITE takes READ, before or in the same statement; and READ stays while WRITE is there.
  ///
  /// Source: <https://docs.snowflake.com/en/sql-reference/sql/grant-privilege#usage-notes>; the messages are assumed.
  func requireStageOrder(granting grants: [PrivilegeGrant], revoking revokes: [PrivilegeGrant]) throws(StatementFailure)
  {
    func held(_ privilege: String, _ grant: PrivilegeGrant) -> [PrivilegeGrant] {
      account.grants(on: grant.on).filter { $0.to == grant.to && $0.privilege == privilege }
    }
    func isBeside(_ other: PrivilegeGrant, _ privilege: String, _ grant: PrivilegeGrant) -> Bool {
      other.privilege == privilege && other.to == grant.to && other.on == grant.on
    }
    for grant in grants where grant.on.type == "STAGE" && grant.privilege == "WRITE" {
      guard held("READ", grant).isEmpty, !grants.contains(where: { isBeside($0, "READ", grant) }) else { continue }
      throw .invalidGrant("READ privilege must be granted on stage '\(shown(grant.on.name))' before WRITE.")
    }
    for grant in revokes where grant.on.type == "STAGE" && grant.privilege == "READ" {
      guard !held("WRITE", grant).isEmpty, !revokes.contains(where: { isBeside($0, "WRITE", grant) }) else { continue }
      throw .invalidGrant("WRITE privilege must be revoked on stage '\(shown(grant.on.name))' before READ.")
    }
  }
}
