import SnowmakerSDK
import Testing

@testable import Databases

@Suite struct ContainerSourceTests {
  @Test func aCloneIsCreatedBareAndThenSet() throws {
    let change = try planned(
      Database(), ["DEV"],
      [
        "clone": "PROD", "clone_at": ["offset": -60], "transient": true, "comment": "c", "owner": "DEVS",
        "data_retention_time_in_days": 1, "tags": ["G.T.COST": "dev"],
      ])
    #expect(
      change.sql == [
        "CREATE TRANSIENT DATABASE DEV CLONE PROD AT (OFFSET => -60)",
        "ALTER DATABASE DEV SET COMMENT = 'c' DATA_RETENTION_TIME_IN_DAYS = 1",
        "ALTER DATABASE DEV SET TAG G.T.COST = 'dev'",
        "GRANT OWNERSHIP ON DATABASE DEV TO ROLE DEVS COPY CURRENT GRANTS",
      ])
    #expect(change.action == .create)
  }

  @Test func everyMomentIsWritten() throws {
    func created(_ declared: Value) throws -> String { try planned(Schema(), ["D", "S2"], declared).sql[0] }
    #expect(
      try created(["clone": "D.S", "clone_at": ["timestamp": "2026-01-31 12:00:00 +0000"]])
        == "CREATE SCHEMA D.S2 CLONE D.S AT (TIMESTAMP => '2026-01-31 12:00:00 +0000'::TIMESTAMP_LTZ)")
    #expect(
      try created(["clone": "D.S", "clone_before": ["statement": "01b2"]])
        == "CREATE SCHEMA D.S2 CLONE D.S BEFORE (STATEMENT => '01b2')")
    #expect(
      try planned(Schema(), ["D", "S2"], ["clone": "D.S", "managed_access": true]).sql
        == ["CREATE SCHEMA D.S2 CLONE D.S", "ALTER SCHEMA D.S2 ENABLE MANAGED ACCESS"])
  }

  @Test func aCloneThatIsThereIsAnOrdinaryDatabase() throws {
    let change = try planned(Database(), ["DEV"], ["clone": "PROD", "comment": "new"], observed: ["comment": "old"])
    #expect(change.sql == ["ALTER DATABASE DEV SET COMMENT = 'new'"])
  }

  @Test func sharesAndPrimariesTakeTheirPropertiesInCreate() throws {
    let shared = try planned(
      Database(), ["S"], ["from_share": "ORG.ACC.SALES", "comment": "c", "tags": ["G.T.COST": "x"]])
    #expect(
      shared.sql == [
        "CREATE DATABASE S FROM SHARE ORG.ACC.SALES COMMENT = 'c'", "ALTER DATABASE S SET TAG G.T.COST = 'x'",
      ])
    #expect(
      shared.statements[0].authorities == [
        .all([.privilege("CREATE DATABASE", .account), .privilege("IMPORT SHARE", .account)])
      ])
    #expect(
      try planned(Database(), ["R"], ["replica_of": "ORG.ACC.RAW", "data_retention_time_in_days": 2]).sql
        == ["CREATE DATABASE R AS REPLICA OF ORG.ACC.RAW DATA_RETENTION_TIME_IN_DAYS = 2"])
    #expect(
      try planned(Database(), ["L"], ["from_listing": "GZ'1"]).sql == ["CREATE DATABASE L FROM LISTING 'GZ''1'"])
  }

  @Test func whatAnotherAccountOwnsIsNotChangedHere() throws {
    let change = try planned(
      Database(), ["R"], ["replica_of": "ORG.ACC.RAW", "comment": "new"], observed: ["comment": "old"])
    #expect(change.statements.isEmpty)
    #expect(change.diagnostics.map(\.code) == ["read-only"])
    #expect(change.diagnostics[0].detail == "Apply it on the primary ORG.ACC.RAW.")
    let owner = try planned(Database(), ["S"], ["from_share": "O.A.S", "owner": "BI"], observed: [:])
    #expect(owner.sql == ["GRANT OWNERSHIP ON DATABASE S TO ROLE BI COPY CURRENT GRANTS"])
  }

  @Test func sourcesThatExcludeEachOtherAreRefused() {
    func codes(_ declared: Value) -> [String] {
      Database().validate(DeclaredResource(identity: ["D"], attributes: declared), context: RequestContext())
        .map { $0.path.joined() }
    }
    #expect(codes(["clone": "A", "from_share": "B.C.D"]) == ["from_share"])
    #expect(codes(["clone_at": ["offset": 0]]) == ["clone_at"])
    #expect(codes(["clone": "A", "clone_at": ["offset": 0, "statement": "x"]]) == ["clone_at"])
    #expect(codes(["clone": "A", "clone_at": ["offset": 0], "clone_before": ["offset": 0]]) == ["clone_before"])
    #expect(codes(["clone": "A", "clone_at": ["offset": 0]]).isEmpty)
  }

  @Test func onlyWhatThisConfigurationImportsIsItsOwn() throws {
    let columns = ["name", "origin", "kind", "owner", "options", "comment"]
    let rows: [[Value]] = [
      ["MINE", "ORG.ACC.SALES", "IMPORTED DATABASE", "SYSADMIN", "", ""],
      ["THEIRS", "ORG.ACC.OTHER", "IMPORTED DATABASE", "ACCOUNTADMIN", "", ""],
      ["SNOWFLAKE", "SNOWFLAKE.ACCOUNT_USAGE", "IMPORTED DATABASE", "", "", ""],
    ]
    let wanted: [ReadRequest.Wanted] = [
      .init(identity: ["MINE"], attributes: ["from_share"], declared: ["from_share": "ORG.ACC.SALES"]),
      .init(identity: ["THEIRS"], attributes: ["comment"], declared: ["comment": "x"]),
      .init(identity: ["SNOWFLAKE"], attributes: ["from_share"], declared: ["from_share": "A.B.C"]),
    ]
    let first = try Database().read(ReadRequest(type: "database", wanted: wanted))
    let answer = ReadResult(sql: "SHOW DATABASES", columns: columns, rows: rows)
    let reply = try Database().read(
      ReadRequest(type: "database", wanted: wanted, round: 1, results: [answer], state: first.state))
    #expect(reply.observed.filter { $0.foreign == nil }.map(\.identity) == [["MINE"]])
  }
}
