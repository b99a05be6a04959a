import SnowmakerSDK
import Testing

@testable import RBAC

@Suite struct FutureGrantTests {
  private let type = FutureGrant()
  private let columns = ["created_on", "privilege", "grant_on", "name", "grant_to", "grantee_name", "grant_option"]

  @Test func oneStatementPerGranteeShowsBothScopes() throws {
    var account = RecordedAccount()
    account.roles("ANALYST")
    account.answer(
      "SHOW FUTURE GRANTS TO ROLE ANALYST", columns,
      [
        ["1795182089.459725618", "SELECT", "TABLE", "ANALYTICS.MARTS.<TABLE>", "ROLE", "ANALYST", "false"],
        ["1795182089.459725618", "USAGE", "SCHEMA", "ANALYTICS.<SCHEMA>", "ROLE", "ANALYST", "true"],
        ["1795182089.459725618", "USAGE", "FILE_FORMAT", "\"my.db\".<FILE_FORMAT>", "ROLE", "ANALYST", "false"],
      ])
    let wanted: [[String]] = [
      ["SELECT", "TABLE", "SCHEMA", "ANALYTICS.MARTS", "ROLE", "ANALYST"],
      ["USAGE", "SCHEMA", "DATABASE", "ANALYTICS", "ROLE", "ANALYST"],
      ["USAGE", "FILE FORMAT", "DATABASE", "\"my.db\"", "ROLE", "ANALYST"],
      ["INSERT", "TABLE", "SCHEMA", "ANALYTICS.MARTS", "ROLE", "ANALYST"],
    ]
    let (reply, asked) = try account.read(type, wanted: wanted.map { .declared($0) })
    #expect(asked == ["SHOW ROLES", "SHOW FUTURE GRANTS TO ROLE ANALYST"])
    #expect(reply.observed.map(\.identity) == Array(wanted[0..<3]))
    #expect(reply.observed[1].attributes["grant_option"] == true)
  }

  @Test func comesBeforeWhatIsCreatedInItsScope() {
    #expect(type.schema.attribute("scope")?.edge == .beforeCreatesIn)
    #expect(type.schema.attribute("scope")?.onTargetDrop == .absorbed)
  }

  @Test func grantsAndRevokes() throws {
    let identity = ["SELECT", "TABLE", "SCHEMA", "RAW.SALES", "DATABASE ROLE", "RAW.READER"]
    let create = try RBACHost.plan(type, PlanItem(identity: identity, declared: ["grant_option": true], observed: nil))
    #expect(
      create.statements.map(\.sql.description) == [
        "GRANT SELECT ON FUTURE TABLES IN SCHEMA RAW.SALES TO DATABASE ROLE RAW.READER WITH GRANT OPTION"
      ])
    #expect(create.statements[0].authorities == [.privilege("MANAGE GRANTS", .account)])
    let seen = Observation(identity: identity, attributes: ["grant_option": false])
    #expect(
      try RBACHost.sql(type, PlanItem(identity: identity, declared: nil, observed: seen))
        == ["REVOKE SELECT ON FUTURE TABLES IN SCHEMA RAW.SALES FROM DATABASE ROLE RAW.READER"])
    #expect(try RBACHost.sql(type, PlanItem(identity: identity, declared: [:], observed: seen)) == [])
  }

  @Test(arguments: [("MASKING POLICY", "MASKING POLICIES"), ("GATEWAY", "GATEWAYS"), ("FILE FORMAT", "FILE FORMATS")])
  func pluralsFollowSnowflake(singular: String, plural: String) throws {
    let identity = ["USAGE", singular, "DATABASE", "D", "ROLE", "R"]
    #expect(
      try RBACHost.sql(type, PlanItem(identity: identity, declared: [:], observed: nil))
        == ["GRANT USAGE ON FUTURE \(plural) IN DATABASE D TO ROLE R"])
    #expect(ObjectTypes.type(plural) == singular)
  }
}
