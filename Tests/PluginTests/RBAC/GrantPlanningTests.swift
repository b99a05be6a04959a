import SnowmakerSDK
import Testing

@testable import RBAC

@Suite struct GrantPlanningTests {
  private let type = PrivilegeGrant(.object)
  private let identity = ["USAGE", "WAREHOUSE", "LOADING", "ROLE", "LOADER"]

  @Test func grantsAndTheWayBack() throws {
    let change = try RBACHost.plan(type, PlanItem(identity: identity, declared: [:], observed: nil))
    #expect(change.action == .create)
    #expect(change.statements.map(\.sql.description) == ["GRANT USAGE ON WAREHOUSE LOADING TO ROLE LOADER"])
    #expect(change.statements[0].undo?.description == "REVOKE USAGE ON WAREHOUSE LOADING FROM ROLE LOADER")
    #expect(change.statements[0].authorities == [.granting("USAGE", SQLObject("WAREHOUSE", "LOADING"))])
    #expect(
      change.statements[0].effects == [
        .granted(
          "USAGE", on: SQLObject("WAREHOUSE", "LOADING"), to: SQLObject("ROLE", "LOADER"), withGrantOption: false)
      ])
  }

  @Test func writingToAStageNeedsReadingFirst() throws {
    let write = ["WRITE", "STAGE", "D.S.G", "ROLE", "R"]
    let read = ["READ", "STAGE", "D.S.G", "ROLE", "R"]
    let statements = try RBACHost.plan(type, PlanItem(identity: write, declared: [:], observed: nil)).statements
    #expect(
      statements.map(\.sql.description)
        == ["GRANT READ ON STAGE D.S.G TO ROLE R", "GRANT WRITE ON STAGE D.S.G TO ROLE R"])
    let other = try RBACHost.plan(type, PlanItem(identity: read, declared: [:], observed: nil)).statements
    #expect(other.map(\.once) == [statements[0].once] && other[0].once != nil)
  }

  @Test func whatAGrantOnAllGivesStaysWhenTheSingleGrantLeaves() throws {
    var account = RecordedAccount()
    account.grants(to: "ROLE R", "SELECT|TABLE|D.S.T", "INSERT|TABLE|D.S.T", "SELECT|TABLE|D.S2.T")
    let single = [
      ["SELECT", "TABLE", "D.S.T", "ROLE", "R"], ["INSERT", "TABLE", "D.S.T", "ROLE", "R"],
      ["SELECT", "TABLE", "D.S2.T", "ROLE", "R"],
    ]
    let onAll = ["SELECT", "TABLE", "SCHEMA", "D.S", "ROLE", "R"]
    let (reply, _) = try account.read(
      type, wanted: single.map { .leaving($0) }, related: ["grant_on_all": [.declared(onAll)]])
    #expect(reply.observed.map(\.identity) == Array(single.dropFirst()))
    let (without, _) = try account.read(
      type, wanted: single.map { .leaving($0) }, related: ["grant_on_all": [.leaving(onAll)]])
    #expect(without.observed.map(\.identity) == single)
  }

  @Test func readingOfAStageLeavesAfterWriting() throws {
    func items(_ rest: [String]) -> [PlanItem] {
      ["READ", "WRITE"].map {
        let identity = [$0] + rest
        return PlanItem(
          identity: identity, declared: nil,
          observed: Observation(identity: identity, attributes: ["grant_option": false, "covered": ["D.S.G"]]))
      }
    }
    func statements(_ type: some ObjectType, _ rest: [String]) throws -> [[String]] {
      let items = items(rest)
      return try items.map { item in
        let change = try type.plan(item, request: PlanRequest(type: type.schema.type, items: items))
        #expect(change.statements.filter { $0.sql.description.contains("WRITE") }.allSatisfy { $0.once != nil })
        return change.sql
      }
    }
    let write = "REVOKE WRITE ON STAGE D.S.G FROM ROLE R"
    let read = "REVOKE READ ON STAGE D.S.G FROM ROLE R"
    #expect(try statements(type, ["STAGE", "D.S.G", "ROLE", "R"]) == [[write, read], [write]])
    #expect(try statements(GrantOnAll(), ["STAGE", "SCHEMA", "D.S", "ROLE", "R"]) == [[write, read], [write]])
    #expect(
      try statements(FutureGrant(), ["STAGE", "SCHEMA", "D.S", "ROLE", "R"])
        == ["WRITE, READ", "WRITE"].map { words in
          words.split(separator: ", ").map { "REVOKE \($0) ON FUTURE STAGES IN SCHEMA D.S FROM ROLE R" }
        })
    let alone = items(["STAGE", "D.S.G", "ROLE", "R"])[0]
    #expect(try RBACHost.sql(type, alone) == [read], "WRITE is not managed, or stays")
  }

  @Test(
    arguments: [
      (true, false, ["GRANT USAGE ON WAREHOUSE LOADING TO ROLE LOADER WITH GRANT OPTION"]),
      (false, true, ["REVOKE GRANT OPTION FOR USAGE ON WAREHOUSE LOADING FROM ROLE LOADER"]),
      (true, true, []), (nil, true, []),
    ] as [(Bool?, Bool, [String])])
  func theGrantOptionChangesInPlace(declared: Bool?, observed: Bool, expected: [String]) throws {
    let item = PlanItem(
      identity: identity, declared: declared.map { ["grant_option": .bool($0)] } ?? [:],
      observed: Observation(identity: identity, attributes: ["grant_option": .bool(observed)]))
    #expect(try RBACHost.sql(type, item) == expected)
  }

  @Test func revokesWhatLeft() throws {
    let item = PlanItem(
      identity: identity, declared: nil, observed: Observation(identity: identity, attributes: ["grant_option": true]))
    let change = try RBACHost.plan(type, item)
    #expect(change.action == .drop && change.risk == .reversible)
    #expect(change.statements.map(\.sql.description) == ["REVOKE USAGE ON WAREHOUSE LOADING FROM ROLE LOADER"])
    #expect(
      change.statements[0].undo?.description == "GRANT USAGE ON WAREHOUSE LOADING TO ROLE LOADER WITH GRANT OPTION")
  }

  @Test func aPrivilegeThatGivesWayToAllIsNotRevoked() throws {
    var account = RecordedAccount()
    account.roles("R")
    account.grants(to: "ROLE R", "USAGE|WAREHOUSE|W", "MONITOR|WAREHOUSE|W", "USAGE|WAREHOUSE|OTHER")
    let leaving = [["USAGE", "WAREHOUSE", "W", "ROLE", "R"], ["USAGE", "WAREHOUSE", "OTHER", "ROLE", "R"]]
    let (reply, _) = try account.read(
      type,
      wanted: [.declared([Privileges.everything, "WAREHOUSE", "W", "ROLE", "R"])]
        + leaving.map { ReadRequest.Wanted(identity: $0, attributes: ["privilege"]) })
    #expect(reply.observed.map(\.identity).contains(leaving[1]))
    #expect(!reply.observed.map(\.identity).contains(leaving[0]))
  }

  @Test func revokingAllKeepsWhatIsDeclaredByItself() throws {
    var account = RecordedAccount()
    account.grants(to: "ROLE SYSADMIN", "USAGE|WAREHOUSE|W", "OPERATE|WAREHOUSE|W", "MONITOR|WAREHOUSE|W")
    let all = ["ALL", "WAREHOUSE", "W", "ROLE", "SYSADMIN"]
    let (reply, _) = try account.read(
      type, wanted: [.leaving(all), .declared(["USAGE", "WAREHOUSE", "W", "ROLE", "SYSADMIN"])])
    let observed = try #require(reply.observed.first { $0.identity == all })
    #expect(
      try RBACHost.sql(type, PlanItem(identity: all, declared: nil, observed: observed))
        == ["REVOKE MONITOR, OPERATE ON WAREHOUSE W FROM ROLE SYSADMIN"])
  }

  @Test(
    arguments: [
      (PrivilegeGrant.Shape.account, ["CREATE DATABASE", "ROLE", "R"], "GRANT CREATE DATABASE ON ACCOUNT TO ROLE R"),
      (
        .routine, ["USAGE", "FUNCTION", "D.S.F", "(NUMBER)", "DATABASE ROLE", "D.R"],
        "GRANT USAGE ON FUNCTION D.S.F(NUMBER) TO DATABASE ROLE D.R"
      ),
      (.object, ["ALL", "SCHEMA", "D.S", "ROLE", "R"], "GRANT ALL PRIVILEGES ON SCHEMA D.S TO ROLE R"),
      (.object, ["USAGE", "DATABASE", "D", "SHARE", "S"], "GRANT USAGE ON DATABASE D TO SHARE S"),
    ])
  func everyShapeIsWritten(shape: PrivilegeGrant.Shape, identity: [String], expected: String) throws {
    #expect(
      try RBACHost.sql(PrivilegeGrant(shape), PlanItem(identity: identity, declared: [:], observed: nil)) == [expected])
  }
}
