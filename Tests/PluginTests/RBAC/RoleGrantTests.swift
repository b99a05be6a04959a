import SnowmakerSDK
import Testing

@testable import RBAC

@Suite struct RoleGrantTests {
  private let type = RoleGrant()

  private func expand(_ value: Value, _ form: String = "plural", parent: Address? = nil) -> Expansion {
    type.expand(
      WrittenResource(type: "role_grant", form: form, value: value, parent: parent), context: RequestContext())
  }

  @Test(
    arguments: [
      (["role": "reporter", "to_role": "sysadmin"], ["ROLE | REPORTER | ROLE | SYSADMIN"]),
      (["role": "analyst", "to_user": "alice"], ["ROLE | ANALYST | USER | ALICE"]),
      (
        ["role": "analyst", "to_users": ["alice", "bob"]],
        ["ROLE | ANALYST | USER | ALICE", "ROLE | ANALYST | USER | BOB"]
      ),
      (["roles": ["a", "b"], "to_user": "alice"], ["ROLE | A | USER | ALICE", "ROLE | B | USER | ALICE"]),
      (["roles": ["a", "b"], "to_role": "c"], ["ROLE | A | ROLE | C", "ROLE | B | ROLE | C"]),
      (["role": "a", "to_roles": ["c", "d"]], ["ROLE | A | ROLE | C", "ROLE | A | ROLE | D"]),
      (
        ["roles": ["a", "b"], "to_roles": ["c"], "to_users": ["u"]],
        ["ROLE | A | ROLE | C", "ROLE | A | USER | U", "ROLE | B | ROLE | C", "ROLE | B | USER | U"]
      ),
      (["database_role": "raw.reader", "to_role": "a"], ["DATABASE ROLE | RAW.READER | ROLE | A"]),
      (["role": "raw.reader", "to": "raw.writer"], ["DATABASE ROLE | RAW.READER | DATABASE ROLE | RAW.WRITER"]),
      (["role": "a", "to_role": "b", "to_user": nil], ["ROLE | A | ROLE | B"]),
      (["application_role": "app.viewer", "to_role": "a"], ["APPLICATION ROLE | APP.VIEWER | ROLE | A"]),
      (
        ["application_roles": ["app.r"], "to_application_role": "other.r", "to_application": "third"],
        ["APPLICATION ROLE | APP.R | APPLICATION ROLE | OTHER.R", "APPLICATION ROLE | APP.R | APPLICATION | THIRD"]
      ),
    ] as [(Value, [String])])
  func everySpellingBecomesOneRoleOneGrantee(written: Value, expected: [String]) {
    let expansion = expand(written)
    #expect(expansion.diagnostics.isEmpty)
    #expect(RBACHost.canonical(expansion) == expected.map { "role_grant: \($0)" })
  }

  @Test(arguments: ["sysadmin", ["name": "sysadmin"], ["role": "sysadmin"], ["sysadmin"]] as [Value])
  func rolesUnderAUser(element: Value) {
    let expansion = expand(element, "user.roles", parent: Address("user", ["ADMIN"]))
    #expect(RBACHost.canonical(expansion) == ["role_grant: ROLE | SYSADMIN | USER | ADMIN"])
  }

  @Test(
    arguments: [
      (["database_role": "d.r", "to_role": "a"], ["DATABASE ROLE | D.R | ROLE | A"]),
      (
        ["database_role": "d.r", "roles": ["a", "b"]],
        ["DATABASE ROLE | D.R | ROLE | A", "DATABASE ROLE | D.R | ROLE | B"]
      ),
      (["database_role": "d.r", "to_database_role": "d.s"], ["DATABASE ROLE | D.R | DATABASE ROLE | D.S"]),
      (
        ["database_role": "d.r", "roles": ["a"], "database_roles": ["d.s"]],
        ["DATABASE ROLE | D.R | ROLE | A", "DATABASE ROLE | D.R | DATABASE ROLE | D.S"]
      ),
    ] as [(Value, [String])])
  func databaseRoleGrantsBecomeRoleGrants(written: Value, expected: [String]) {
    let expansion = DatabaseRoleGrant().expand(
      WrittenResource(type: "database_role_grant", form: "plural", value: written), context: RequestContext())
    #expect(expansion.diagnostics.isEmpty)
    #expect(RBACHost.canonical(expansion) == expected.map { "role_grant: \($0)" })
  }

  @Test(
    arguments: [
      (["role": "a"], "grants to nobody"), (["to_role": "a"], "grants no role"),
      (["rol": "a", "to_role": "b"], "unknown key 'rol'"), ("a to b", "a role grant is a map"),
      (["role": "d.r", "to_user": "u"], "cannot be granted to a user"),
      (["role": "r", "to_database_role": "d.x"], "cannot be granted to a database role"),
      (["application_role": "a.r", "to_user": "u"], "the application role a.r cannot be granted to a user"),
      (["application_role": "a.r", "to_database_role": "d.x"], "cannot be granted to a database role"),
      (["role": "r", "to_application": "a"], "the role r cannot be granted to an application"),
    ] as [(Value, String)])
  func mistakesAreNamed(written: Value, message: String) {
    let diagnostics = expand(written).diagnostics
    #expect(diagnostics.count == 1)
    #expect(diagnostics.first?.summary.contains(message) == true, "\(diagnostics)")
  }

  @Test func theRoleOfAnApplicationIsGrantedByWhoOwnsIt() throws {
    let change = try planned(type, ["APPLICATION ROLE", "APP.VIEWER", "ROLE", "A"], [:])
    #expect(change.sql == ["GRANT APPLICATION ROLE APP.VIEWER TO ROLE A"])
    #expect(
      change.statements[0].authorities == [
        .ownership(SQLObject("APPLICATION", "APP")), .privilege("MANAGE GRANTS", .account),
      ])
    var account = RecordedAccount()
    account.roles("A")
    account.grants(to: "ROLE A", "USAGE|APPLICATION_ROLE|APP.VIEWER", "USAGE|ROLE|B")
    let wanted: [ReadRequest.Wanted] = [
      .declared(["APPLICATION ROLE", "APP.VIEWER", "ROLE", "A"]),
      .declared(["APPLICATION ROLE", "APP.ADMIN", "ROLE", "A"]),
    ]
    #expect(
      try account.read(type, wanted: wanted).reply.observed.map(\.identity) == [
        ["APPLICATION ROLE", "APP.VIEWER", "ROLE", "A"]
      ])
  }

  // MARK: - Reading

  private let ofColumns = ["created_on", "role", "granted_to", "grantee_name", "granted_by"]

  @Test func rolesOfRolesAreReadWithTheGrantsOfTheReceiver() throws {
    var account = RecordedAccount()
    account.roles("TRANSFORMER", "ANALYST")
    account.grants(
      to: "ROLE TRANSFORMER", "USAGE|ROLE|ANALYST", "USAGE|DATABASE_ROLE|RAW.READER", "USAGE|WAREHOUSE|W")
    let wanted: [[String]] = [
      ["ROLE", "ANALYST", "ROLE", "TRANSFORMER"], ["DATABASE ROLE", "RAW.READER", "ROLE", "TRANSFORMER"],
      ["ROLE", "REPORTER", "ROLE", "TRANSFORMER"],
    ]
    let (reply, asked) = try account.read(type, wanted: wanted.map { .declared($0) })
    #expect(asked == ["SHOW ROLES", "SHOW GRANTS TO ROLE TRANSFORMER"])
    #expect(reply.observed.map(\.identity) == Array(wanted[0..<2]))
  }

  @Test func fewRolesForManyUsersAreReadByRole() throws {
    var account = RecordedAccount()
    account.roles("ANALYST")
    account.answer(
      "SHOW GRANTS OF ROLE ANALYST", ofColumns,
      [
        ["1795182089.456981421", "ANALYST", "ROLE", "TRANSFORMER", "ACCOUNTADMIN"],
        ["1795182089.458139658", "ANALYST", "USER", "ALICE", "ACCOUNTADMIN"],
        ["1795182089.458139658", "ANALYST", "USER", "bob@example.com", "ACCOUNTADMIN"],
      ])
    let wanted: [[String]] = [
      ["ROLE", "ANALYST", "USER", "ALICE"], ["ROLE", "ANALYST", "USER", "\"bob@example.com\""],
      ["ROLE", "ANALYST", "USER", "CAROL"],
    ]
    let (reply, asked) = try account.read(type, wanted: wanted.map { .declared($0) })
    #expect(asked == ["SHOW ROLES", "SHOW GRANTS OF ROLE ANALYST"])
    #expect(reply.observed.map(\.identity) == Array(wanted[0..<2]))
  }

  @Test func manyRolesOfOneUserAreReadByUser() throws {
    var account = RecordedAccount()
    account.answer("SHOW USERS", ["name"], [["ALICE"]])
    account.answer("SHOW GRANTS TO USER ALICE", ofColumns, [["1", "ANALYST", "USER", "ALICE", "ACCOUNTADMIN"]])
    let wanted: [[String]] = [["ROLE", "ANALYST", "USER", "ALICE"], ["ROLE", "LOADER", "USER", "ALICE"]]
    let (reply, asked) = try account.read(type, wanted: wanted.map { .declared($0) })
    #expect(asked == ["SHOW USERS", "SHOW GRANTS TO USER ALICE"])
    #expect(reply.observed.map(\.identity) == [wanted[0]])
  }

  @Test func aNewRoleHasNoGrants() throws {
    var account = RecordedAccount()
    account.roles()
    let (reply, asked) = try account.read(
      type, wanted: [.declared(["ROLE", "NEW", "USER", "ALICE"]), .declared(["ROLE", "A", "ROLE", "NEW"])])
    #expect(asked == ["SHOW ROLES"])
    #expect(reply.observed.isEmpty && reply.unseen.isEmpty)
  }

  @Test func aFailureIsUnseen() throws {
    var account = RecordedAccount()
    account.roles("ANALYST")
    account.fail("SHOW GRANTS OF ROLE ANALYST", "003001", "Insufficient privileges")
    let identity = ["ROLE", "ANALYST", "USER", "ALICE"]
    #expect(try account.read(type, wanted: [.declared(identity)]).reply.unseen.map(\.identity) == [identity])
  }

  @Test func everythingWantedShowsUndeclaredGrantsToUsers() throws {
    var account = RecordedAccount()
    account.roles("ANALYST")
    for role in ["ACCOUNTADMIN", "ANALYST", "ORGADMIN", "PUBLIC", "SECURITYADMIN", "SYSADMIN", "USERADMIN"] {
      account.grants(to: "ROLE \(role)")
      account.answer("SHOW GRANTS OF ROLE \(role)", ofColumns, [])
    }
    account.grants(to: "ROLE ACCOUNTADMIN", "USAGE|ROLE|SYSADMIN")
    account.answer("SHOW GRANTS OF ROLE ANALYST", ofColumns, [["1", "ANALYST", "USER", "EVE", "ACCOUNTADMIN"]])
    let (reply, _) = try account.read(type, wanted: [], all: true)
    #expect(
      reply.observed.map(\.identity) == [
        ["ROLE", "SYSADMIN", "ROLE", "ACCOUNTADMIN"], ["ROLE", "ANALYST", "USER", "EVE"],
      ])
    #expect(reply.observed[0].foreign != nil && reply.observed[1].foreign == nil)
  }

  // MARK: - Planning

  @Test(
    arguments: [
      (["ROLE", "LOADER", "ROLE", "SYSADMIN"], "ROLE LOADER", "ROLE SYSADMIN"),
      (["ROLE", "LOADER", "USER", "\"e t l\""], "ROLE LOADER", "USER \"e t l\""),
      (["DATABASE ROLE", "D.R", "DATABASE ROLE", "D.S"], "DATABASE ROLE D.R", "DATABASE ROLE D.S"),
    ])
  func grantsAndRevokes(identity: [String], role: String, grantee: String) throws {
    let create = try RBACHost.plan(type, PlanItem(identity: identity, declared: [:], observed: nil))
    #expect(create.statements.map(\.sql.description) == ["GRANT \(role) TO \(grantee)"])
    #expect(create.statements[0].undo?.description == "REVOKE \(role) FROM \(grantee)")
    #expect(create.statements[0].authorities == [.grantingRole(SQLObject(identity[0], identity[1]))])
    let seen = Observation(identity: identity)
    #expect(
      try RBACHost.sql(type, PlanItem(identity: identity, declared: nil, observed: seen))
        == ["REVOKE \(role) FROM \(grantee)"])
    #expect(try RBACHost.sql(type, PlanItem(identity: identity, declared: [:], observed: seen)) == [])
  }
}
