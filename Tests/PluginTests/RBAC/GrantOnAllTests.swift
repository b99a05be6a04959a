import SnowmakerSDK
import Testing

@testable import RBAC

@Suite struct GrantOnAllTests {
  private let type = GrantOnAll()
  private let identity = ["SELECT", "TABLE", "SCHEMA", "RAW.SALES", "ROLE", "SYSADMIN"]
  private let columns = ["created_on", "name", "database_name", "schema_name", "kind", "is_external", "is_dynamic"]

  private func account(_ tables: String..., grants: String...) -> RecordedAccount {
    var account = RecordedAccount()
    account.answer(
      "SHOW TABLES IN SCHEMA RAW.SALES", columns, tables.map { ["1", $0, "RAW", "SALES", "TABLE", "N", "N"] })
    account.answer(
      "SHOW GRANTS TO ROLE SYSADMIN", ["privilege", "granted_on", "name", "grant_option", "granted_by"],
      grants.map { ["SELECT", "TABLE", $0, "false", "SYSADMIN"] })
    return account
  }

  private func plan(_ account: RecordedAccount, declared: Bool = true, planned: [SQLObject] = []) throws -> Change {
    let (reply, _) = try account.read(type, wanted: [declared ? .declared(identity) : .leaving(identity)])
    #expect(reply.unseen.isEmpty)
    return try RBACHost.plan(
      type, PlanItem(identity: identity, declared: declared ? [:] : nil, observed: reply.observed.first),
      planned: planned)
  }

  @Test func listsTheScopeOnceAndSharesTheGrants() throws {
    let (_, asked) = try account("A").read(
      type,
      wanted: [.declared(identity), .declared(["INSERT", "TABLE", "SCHEMA", "RAW.SALES", "ROLE", "SYSADMIN"])])
    #expect(asked == ["SHOW TABLES IN SCHEMA RAW.SALES", "SHOW GRANTS TO ROLE SYSADMIN"])
  }

  @Test func convergesWhenEveryObjectHasThePrivilege() throws {
    #expect(try plan(account("A", "b c", grants: "RAW.SALES.A", "RAW.SALES.\"b c\"")).action == .none)
  }

  @Test func saysHowManyAreMissing() throws {
    let change = try plan(account("A", "B", "C", grants: "RAW.SALES.B"))
    #expect(change.action == .update)
    #expect(change.note == "2 of 3 missing")
    #expect(
      change.statements.map(\.sql.description) == ["GRANT SELECT ON ALL TABLES IN SCHEMA RAW.SALES TO ROLE SYSADMIN"])
    #expect(change.statements[0].effects.count == 2)
  }

  @Test func nothingGrantedYetIsACreate() throws {
    let change = try plan(account("A", "B"))
    #expect(change.action == .create && change.note == "2 of 2 missing")
    // So that it can be taken back from just these.
    #expect(change.memory == ["granted": ["RAW.SALES.A", "RAW.SALES.B"]])
  }

  @Test func anEmptyScopeIsConverged() throws {
    let change = try plan(account())
    #expect(change.action == .none && change.note == "no tables there now")
  }

  @Test func countsWhatThePlanCreates() throws {
    let planned = [
      SQLObject("TABLE", "RAW.SALES.NEW"), SQLObject("TABLE", "RAW.SALESFORCE.X"), SQLObject("VIEW", "RAW.SALES.V"),
    ]
    let change = try plan(account("A", grants: "RAW.SALES.A"), planned: planned)
    #expect(change.action == .update)
    #expect(change.note == "1 of 2 missing")
    #expect(try plan(account("A", grants: "RAW.SALES.A"), planned: [planned[1]]).action == .none)
  }

  @Test func anEmptyScopeThatFillsUpIsACreate() throws {
    let change = try plan(account(), planned: [SQLObject("TABLE", "RAW.SALES.NEW")])
    #expect(change.action == .create && change.note == "1 of 1 missing")
  }

  @Test func otherKindsInTheListAreNotReached() throws {
    var account = account("A", grants: "RAW.SALES.A")
    account.answers["SHOW TABLES IN SCHEMA RAW.SALES"]?.rows.append(
      ["1", "DYN", "RAW", "SALES", "TABLE", "N", "Y"].map { Value.string($0) })
    #expect(try plan(account).action == .none)
  }

  @Test func removingItRevokesWhatItCovered() throws {
    let change = try plan(account("A", "B", "C", grants: "RAW.SALES.A", "RAW.SALES.C"), declared: false)
    #expect(
      change.statements.map(\.sql.description) == [
        "REVOKE SELECT ON TABLE RAW.SALES.A FROM ROLE SYSADMIN",
        "REVOKE SELECT ON TABLE RAW.SALES.C FROM ROLE SYSADMIN",
      ])
  }

  /// The REVOKEs of a grant that leaves while A and B of A, B and C have the privilege, A by a grant of snowmaker's.
  private func leaving(
    memory: Value, takesAdopted: Bool = false, related: [String: [ReadRequest.Wanted]] = [:]
  ) throws -> [String] {
    let account = account("A", "B", "C", grants: "RAW.SALES.A", "RAW.SALES.B")
    let (reply, _) = try account.read(type, wanted: [.leaving(identity)], related: related)
    var item = PlanItem(
      identity: identity, declared: nil, observed: reply.observed.first, remembered: ["$memory": memory])
    item.takesAdopted = takesAdopted
    return try RBACHost.plan(type, item).statements.map(\.sql.description)
  }

  private static let revokeA = "REVOKE SELECT ON TABLE RAW.SALES.A FROM ROLE SYSADMIN"
  private static let revokeB = "REVOKE SELECT ON TABLE RAW.SALES.B FROM ROLE SYSADMIN"

  @Test func whatWasThereBeforeStays() throws {
    #expect(try leaving(memory: ["granted": ["RAW.SALES.A", "RAW.SALES.C"]]) == [Self.revokeA])
    // As an earlier version remembered it.
    #expect(try leaving(memory: ["RAW.SALES.A"]) == [Self.revokeA])
    #expect(try leaving(memory: ["granted": ["RAW.SALES.C"]]) == [])
    #expect(try leaving(memory: ["granted": ["RAW.SALES.A"]], takesAdopted: true) == [Self.revokeA, Self.revokeB])
  }

  @Test func whatAFutureGrantGaveStaysWithIt() throws {
    let memory: Value = ["granted": ["RAW.SALES.A"], "created": ["RAW.SALES.B"]]
    #expect(try leaving(memory: memory) == [Self.revokeA, Self.revokeB])
    let future: [ReadRequest.Wanted] = [.declared(["SELECT", "TABLE", "DATABASE", "RAW", "ROLE", "SYSADMIN"])]
    #expect(try leaving(memory: memory, related: ["future_grant": future]) == [Self.revokeA])
    let other: [ReadRequest.Wanted] = [.declared(["SELECT", "VIEW", "DATABASE", "RAW", "ROLE", "SYSADMIN"])]
    #expect(try leaving(memory: memory, related: ["future_grant": other]) == [Self.revokeA, Self.revokeB])
  }

  @Test func whatALargerGrantOnAllGivesStays() throws {
    let all = ["ALL", "TABLE", "DATABASE", "RAW", "ROLE", "SYSADMIN"]
    var account = account("A", grants: "RAW.SALES.A")
    account.answer("SHOW TABLES IN DATABASE RAW", columns, [["1", "A", "RAW", "SALES", "TABLE", "N", "N"]])
    let (reply, _) = try account.read(type, wanted: [.leaving(identity), .declared(all)])
    let observed = try #require(reply.observed.first { $0.identity == identity })
    #expect(try RBACHost.sql(type, PlanItem(identity: identity, declared: nil, observed: observed)) == [])
  }

  @Test func theGrantOptionThatItAddedIsTakenBack() throws {
    var account = account("A", grants: "RAW.SALES.A")
    let (before, _) = try account.read(type, wanted: [.declared(identity)])
    let change = try RBACHost.plan(
      type, PlanItem(identity: identity, declared: ["grant_option": true], observed: before.observed.first))
    #expect(change.action == .update && change.memory == ["options": ["RAW.SALES.A"]])
    account.answers["SHOW GRANTS TO ROLE SYSADMIN"]?.rows[0][3] = "true"
    let (after, _) = try account.read(type, wanted: [.leaving(identity)])
    let memory: Value = .object([.init("$memory", change.memory ?? .null)])
    #expect(
      try RBACHost.sql(
        type, PlanItem(identity: identity, declared: nil, observed: after.observed.first, remembered: memory))
        == ["REVOKE GRANT OPTION FOR SELECT ON TABLE RAW.SALES.A FROM ROLE SYSADMIN"])
  }

  @Test func removingItKeepsWhatAnotherScopeCovers() throws {
    var account = RecordedAccount()
    account.answer(
      "SHOW TABLES IN DATABASE RAW", columns,
      [["1", "A", "RAW", "SALES", "TABLE", "N", "N"], ["1", "B", "RAW", "EVENTS", "TABLE", "N", "N"]])
    account.answer(
      "SHOW TABLES IN SCHEMA RAW.SALES", columns, [["1", "A", "RAW", "SALES", "TABLE", "N", "N"]])
    account.grants(to: "ROLE SYSADMIN", "SELECT|TABLE|RAW.SALES.A", "SELECT|TABLE|RAW.EVENTS.B")
    let leaving = ["SELECT", "TABLE", "DATABASE", "RAW", "ROLE", "SYSADMIN"]
    let (reply, _) = try account.read(type, wanted: [.leaving(leaving), .declared(identity)])
    let observed = try #require(reply.observed.first { $0.identity == leaving })
    #expect(
      try RBACHost.sql(type, PlanItem(identity: leaving, declared: nil, observed: observed))
        == ["REVOKE SELECT ON TABLE RAW.EVENTS.B FROM ROLE SYSADMIN"])
  }

  @Test func removingAllOfThemKeepsWhatSingleGrantsGive() throws {
    var account = account("A", "B", "C")
    let leaving = ["ALL", "TABLE", "SCHEMA", "RAW.SALES", "ROLE", "SYSADMIN"]
    let single: [ReadRequest.Wanted] = ["A", "B"].map {
      .declared(["SELECT", "TABLE", "RAW.SALES.\($0)", "ROLE", "SYSADMIN"])
    }
    let whole = ["DELETE", "INSERT", "REFERENCES", "SELECT", "TRUNCATE", "UPDATE"]
    account.grants(to: "ROLE SYSADMIN", "SELECT|TABLE|RAW.SALES.B")
    for table in ["A", "B", "C"] {
      account.answers["SHOW GRANTS TO ROLE SYSADMIN"]?.rows += whole.map { privilege in
        ["1", privilege, "TABLE", "RAW.SALES.\(table)", "ROLE", "SYSADMIN", "false", "SYSADMIN"].map(Value.string)
      }
    }
    let (reply, _) = try account.read(type, wanted: [.leaving(leaving)], related: ["grant": single])
    let observed = try #require(reply.observed.first)
    #expect(
      try RBACHost.sql(type, PlanItem(identity: leaving, declared: nil, observed: observed)) == [
        "REVOKE DELETE, INSERT, REFERENCES, TRUNCATE, UPDATE ON TABLE RAW.SALES.A FROM ROLE SYSADMIN",
        "REVOKE DELETE, INSERT, REFERENCES, TRUNCATE, UPDATE ON TABLE RAW.SALES.B FROM ROLE SYSADMIN",
        "REVOKE ALL PRIVILEGES ON TABLE RAW.SALES.C FROM ROLE SYSADMIN",
      ])
  }

  @Test func schemasLeaveOutTheInformationSchema() throws {
    var account = RecordedAccount()
    account.answer(
      "SHOW SCHEMAS IN DATABASE RAW", ["created_on", "name", "database_name"],
      [["1", "INFORMATION_SCHEMA", "RAW"], ["1", "SALES", "RAW"]])
    account.grants(to: "ROLE SYSADMIN", "USAGE|SCHEMA|RAW.SALES")
    let identity = ["USAGE", "SCHEMA", "DATABASE", "RAW", "ROLE", "SYSADMIN"]
    let (reply, _) = try account.read(type, wanted: [.declared(identity)])
    #expect(reply.observed.first?.attributes["missing"].list.isEmpty == true)
    #expect(reply.observed.first?.attributes["total"].int == 1)
  }

  @Test func functionsAreListedWithoutSnowflakesOwn() throws {
    var account = RecordedAccount()
    account.answer(
      "SHOW USER FUNCTIONS IN SCHEMA RAW.SALES", ["name", "schema_name", "arguments", "catalog_name"],
      [["AREA", "SALES", "AREA(NUMBER) RETURN NUMBER", "RAW"]])
    account.grants(to: "ROLE SYSADMIN", "USAGE|FUNCTION|RAW.SALES.\"AREA(R NUMBER):NUMBER(38,0)\"")
    let identity = ["USAGE", "FUNCTION", "SCHEMA", "RAW.SALES", "ROLE", "SYSADMIN"]
    let (reply, _) = try account.read(type, wanted: [.declared(identity)])
    #expect(reply.observed.first?.attributes["covered"].strings == ["RAW.SALES.AREA(NUMBER)"])
  }

  @Test func aScopeToBeCreatedHasNoGrantYet() throws {
    var account = RecordedAccount()
    account.grants(to: "ROLE SYSADMIN")
    let (reply, _) = try account.read(type, wanted: [.declared(identity)])
    #expect(reply.observed.isEmpty && reply.unseen.isEmpty)
  }

  @Test func aListThatFailsIsUnseen() throws {
    var account = account()
    account.fail("SHOW TABLES IN SCHEMA RAW.SALES", "090153", "result too large")
    let (reply, _) = try account.read(type, wanted: [.declared(identity)])
    #expect(reply.unseen.first?.reason.contains("090153") == true)
  }

  @Test func comesAfterWhatIsCreatedInItsScope() {
    #expect(type.schema.attribute("scope")?.edge == .afterCreatesIn)
    #expect(type.schema.wantsPlannedCreates)
  }
}
