import SnowmakerSDK
import Testing

@testable import Databases

@Suite struct ReplicationTests {
  private let type = Database()
  private let columns = [
    "snowflake_region", "created_on", "account_name", "name", "comment", "is_primary", "primary",
    "replication_allowed_to_accounts", "failover_allowed_to_accounts", "organization_name", "account_locator",
  ]
  private let whoami = "SELECT CURRENT_ORGANIZATION_NAME(), CURRENT_ACCOUNT_NAME()"

  @Test func accountsAreAddedAndTakenAwayEachByAStatement() throws {
    let created = try planned(
      type, ["D"],
      ["replication_accounts": ["O.A", "O.B"], "failover_accounts": ["O.A"], "ignore_edition_check": true])
    #expect(
      created.sql == [
        "CREATE DATABASE D", "ALTER DATABASE D ENABLE REPLICATION TO ACCOUNTS O.A, O.B IGNORE EDITION CHECK",
        "ALTER DATABASE D ENABLE FAILOVER TO ACCOUNTS O.A",
      ])
    #expect(created.statements[1].authorities == [.ownership(.account)])
    let changed = try planned(
      type, ["D"], ["replication_accounts": ["O.B", "O.C"], "failover_accounts": ["O.C"]],
      observed: ["replication_accounts": ["O.A", "O.B"], "failover_accounts": ["O.A"]])
    #expect(
      changed.sql == [
        "ALTER DATABASE D DISABLE FAILOVER TO ACCOUNTS O.A", "ALTER DATABASE D DISABLE REPLICATION TO ACCOUNTS O.A",
        "ALTER DATABASE D ENABLE REPLICATION TO ACCOUNTS O.C", "ALTER DATABASE D ENABLE FAILOVER TO ACCOUNTS O.C",
      ])
    #expect(changed.action == .update)
    #expect(changed.attributes.map(\.name) == ["replication_accounts", "failover_accounts"])
    #expect(
      changed.statements[1].undo?.description == "ALTER DATABASE D ENABLE REPLICATION TO ACCOUNTS O.A")
  }

  @Test func nullTakesAllAway() throws {
    let change = try planned(
      type, ["D"], ["replication_accounts": .null, "failover_accounts": .null, "comment": "c"],
      observed: ["replication_accounts": ["O.A"], "failover_accounts": [], "comment": "c"])
    #expect(change.sql == ["ALTER DATABASE D DISABLE REPLICATION TO ACCOUNTS O.A"])
  }

  @Test func thisAccountIsNoDifference() throws {
    let observed: Value = ["replication_accounts": ["O.B"], "$account": "O.ME"]
    #expect(try planned(type, ["D"], ["replication_accounts": ["O.B", "O.ME"]], observed: observed).action == .none)
    #expect(try planned(type, ["D"], ["comment": .null], observed: observed).action == .none)
  }

  @Test func aClonedDatabaseIsReplicatedToo() throws {
    #expect(
      try planned(type, ["D"], ["clone": "P", "replication_accounts": ["O.B"], "owner": "DEVS"]).sql == [
        "CREATE DATABASE D CLONE P", "GRANT OWNERSHIP ON DATABASE D TO ROLE DEVS COPY CURRENT GRANTS",
        "ALTER DATABASE D ENABLE REPLICATION TO ACCOUNTS O.B",
      ])
  }

  private func read(
    _ wanted: [ReadRequest.Wanted], _ rows: [[Value]], failure: ReadResult.Failure? = nil
  ) throws -> (reply: ReadReply, asked: [String]) {
    let first = try type.read(ReadRequest(type: "database", wanted: wanted))
    let databases = ReadResult(
      sql: "SHOW DATABASES", columns: ["name", "owner", "comment"],
      rows: [["RAW", "SYSADMIN", ""], ["my.db", "SYSADMIN", ""], ["OTHER", "SYSADMIN", ""]])
    let replication = ReadResult(
      sql: "SHOW REPLICATION DATABASES", columns: columns, rows: rows, failure: failure)
    let own = ReadResult(sql: whoami, columns: ["a", "b"], rows: [["ORG", "ME"]])
    let all = [databases, replication, own]
    let answers = first.queries.compactMap { query in all.first { $0.sql == query.sql } }
    let reply = try type.read(
      ReadRequest(type: "database", wanted: wanted, round: 1, results: answers, state: first.state))
    return (reply, first.queries.map(\.sql))
  }

  private func row(_ account: String, _ name: String, primary: Bool, _ replicas: Value, _ successors: Value) -> [Value]
  {
    [
      "AWS_US_WEST_2", "1", .string(account), .string(name), "", primary ? "true" : "false",
      .string("ORG.\(account).\(name)"), replicas, successors, "ORG", "XY1",
    ]
  }

  @Test func itIsReadOnceAndOnlyWhenItIsDeclared() throws {
    let plain: [ReadRequest.Wanted] = [.init(identity: ["RAW"], attributes: ["comment"], declared: ["comment": "x"])]
    #expect(try read(plain, []).asked == ["SHOW DATABASES"])
    let wanted: [ReadRequest.Wanted] = ["RAW", "\"my.db\"", "OTHER"].map {
      .init(identity: [$0], attributes: ["replication_accounts"], declared: ["replication_accounts": []])
    }
    let (reply, asked) = try read(
      wanted,
      [
        row("ME", "RAW", primary: true, "ORG.ME, ORG.A, ORG.B", "ORG.A"),
        row("THEM", "OTHER", primary: true, "ORG.ME, ORG.THEM", .null),
        row("ME", "OTHER", primary: false, .null, .null),
        row("ME", "my.db", primary: true, "ORG.ME, ORG.C", .null),
      ])
    #expect(asked == ["SHOW DATABASES", "SHOW REPLICATION DATABASES", whoami])
    let found = Dictionary(uniqueKeysWithValues: reply.observed.map { ($0.identity[0], $0.attributes) })
    #expect(found["RAW"]?["replication_accounts"] == ["ORG.A", "ORG.B"])
    #expect(found["RAW"]?["failover_accounts"] == ["ORG.A"])
    #expect(found["\"my.db\""]?["replication_accounts"] == ["ORG.C"])
    #expect(found["OTHER"]?["replication_accounts"] == [])
  }

  @Test func whatCannotBeReadIsUnknown() throws {
    let wanted: [ReadRequest.Wanted] = [
      .init(identity: ["RAW"], attributes: ["failover_accounts"], declared: ["failover_accounts": ["ORG.A"]]),
      .init(identity: ["OTHER"], attributes: ["comment"], declared: ["comment": "x"]),
    ]
    let (reply, _) = try read(wanted, [], failure: .init(code: "003001", message: "Insufficient privileges"))
    #expect(reply.unseen.map(\.identity) == [["RAW"]])
    #expect(reply.observed.map(\.identity) == [["OTHER"]])
  }

  @Test(
    arguments: [
      (["replication_accounts": ["A"]], ["replication_accounts", "0"]),
      (["replication_accounts": ["O.A.B"]], ["replication_accounts", "0"]),
      (["replication_accounts": ["O.A", "O.\"a b\""]], ["replication_accounts", "1"]),
      (["replication_accounts": ["O.A"], "failover_accounts": ["O.B"]], ["failover_accounts", "0"]),
      (["replica_of": "O.A.D", "replication_accounts": ["O.B"]], ["replication_accounts"]),
      (["failover_accounts": ["O.B"]], []), (["replication_accounts": .null], []),
    ] as [(Value, [String])])
  func whatMakesNoSenseIsRefused(declared: Value, path: [String]) {
    let found = type.validate(DeclaredResource(identity: ["D"], attributes: declared), context: RequestContext())
    #expect(found.flatMap(\.path) == path)
  }
}
