import SnowmakerSDK
import Testing

@testable import Account

@Suite struct AccountPolicyTests {
  private let type = AccountPolicy()
  private let columns = ["created_on", "name", "database_name", "schema_name", "kind", "owner"]

  @Test func onePolicyOfAKindIsSet() throws {
    let set = try planned(type, ["PASSWORD"], ["kind": "PASSWORD", "policy": "D.S.P"])
    #expect(set.sql == ["ALTER ACCOUNT SET PASSWORD POLICY D.S.P FORCE"])
    #expect(set.statements[0].undo?.description == "ALTER ACCOUNT UNSET PASSWORD POLICY")
    #expect(
      set.statements[0].authorities == [.privilege("APPLY PASSWORD POLICY", .account), .ownership(.account)])
    let changed = try planned(type, ["SESSION"], ["policy": "D.S.Q"], observed: ["policy": "D.S.P"])
    #expect(changed.sql == ["ALTER ACCOUNT SET SESSION POLICY D.S.Q FORCE"] && changed.action == .update)
    #expect(try planned(type, ["SESSION"], ["policy": "D.S.P"], observed: ["policy": "D.S.P"]).action == .none)
    #expect(
      try planned(type, ["SESSION"], nil, observed: ["policy": "D.S.P"]).sql == ["ALTER ACCOUNT UNSET SESSION POLICY"])
  }

  private func read(_ wanted: [ReadRequest.Wanted], _ results: [ReadResult]) throws -> ReadReply {
    let first = try type.read(ReadRequest(type: "account_policy", wanted: wanted))
    let answers = first.queries.map { query in
      results.first { $0.sql == query.sql } ?? ReadResult(sql: query.sql, columns: columns, rows: [])
    }
    return try type.read(
      ReadRequest(type: "account_policy", wanted: wanted, round: 1, results: answers, state: first.state))
  }

  @Test func whatTheAccountHasIsReadByKind() throws {
    let wanted: [ReadRequest.Wanted] = [
      .init(identity: ["PASSWORD"], attributes: ["policy"], declared: ["policy": "X"])
    ]
    #expect(
      try type.read(ReadRequest(type: "account_policy", wanted: wanted)).queries.map(\.sql) == [
        "SHOW PASSWORD POLICIES ON ACCOUNT", "SHOW PASSWORD POLICIES IN ACCOUNT",
      ])
    let row: [Value] = ["1", "p 1", "D", "S", "PASSWORD_POLICY", "R"]
    let builtIn: [Value] = ["1", "BUILT-IN", .null, .null, "PASSWORD_POLICY", ""]
    let found = try read(
      wanted, [ReadResult(sql: "SHOW PASSWORD POLICIES ON ACCOUNT", columns: columns, rows: [builtIn, row])])
    #expect(found.observed.map { $0.attributes["policy"] } == ["D.S.\"p 1\""])
    #expect(try read(wanted, []).observed.isEmpty)
    // What was set once and may be hidden is not taken for gone.
    let leaving: [ReadRequest.Wanted] = [.init(identity: ["PASSWORD"], attributes: ["policy"])]
    #expect(try read(leaving, []).unseen.map(\.identity) == [["PASSWORD"]])
    let others = [ReadResult(sql: "SHOW PASSWORD POLICIES IN ACCOUNT", columns: columns, rows: [row])]
    #expect(try read(leaving, others).unseen.isEmpty)
    let refused = ReadResult(
      sql: "SHOW PASSWORD POLICIES ON ACCOUNT", failure: .init(code: "003001", message: "Insufficient privileges"))
    #expect(try read(wanted, [refused]).unseen.map(\.identity) == [["PASSWORD"]])
  }

  @Test func theResourceMonitorIsNoParameter() {
    let found = AccountParameter().validate(
      DeclaredResource(identity: ["RESOURCE_MONITOR"], attributes: ["name": "RESOURCE_MONITOR", "value": "M"]),
      context: RequestContext())
    #expect(found.map(\.code) == ["not-supported"])
  }
}
