import EmulatedTypes
import SnowmakerModel
import Testing

@testable import AccountEmulator

/// Alerts, whose CREATE and ALTER have clauses of their own, and types whose descriptions have such clauses.
struct AlertTests {
  private func schemaAccount(_ types: [TypeSchema] = []) throws -> TestAccount {
    let account = try TestAccount(types: TestTypes.all + types)
    try account.run("CREATE DATABASE D")
    return account
  }

  private func alert(_ account: TestAccount, _ name: String) throws -> [String: String?] {
    try #require(account.rows("SHOW ALERTS LIKE '\(name)' IN ACCOUNT").first)
  }

  @Test func anAlertLives() throws {
    let account = try schemaAccount()
    try account.run("CREATE WAREHOUSE W")
    let condition = "SELECT ')' FROM T\n WHERE F((1), \"a)\") > 0 -- )\n"
    try account.run(
      "create alert D.PUBLIC.A warehouse = w schedule = 'USING CRON 0 9 * * * UTC' comment = 'c' IF( EXISTS(\n"
        + condition + "))\nTHEN begin insert into t values (1); call p(); end;")
    var row = try alert(account, "A")
    #expect(row["condition"] == "SELECT ')' FROM T\n WHERE F((1), \"a)\") > 0")
    #expect(row["action"] == "begin insert into t values (1); call p(); end")
    #expect(row["warehouse"] == "W" && row["schedule"] == "USING CRON 0 9 * * * UTC" && row["comment"] == "c")
    #expect(row["state"] == "suspended" && row["owner"] == "ACCOUNTADMIN")
    #expect(try account.run("DESC ALERT D.PUBLIC.A").rows == account.run("SHOW ALERTS IN SCHEMA D.PUBLIC").rows)

    try account.run("ALTER ALERT D.PUBLIC.A RESUME")
    try account.run("ALTER ALERT D.PUBLIC.A MODIFY CONDITION EXISTS (SHOW TABLES)")
    try account.run("ALTER ALERT IF EXISTS D.PUBLIC.A MODIFY ACTION CALL SYSTEM$SEND_EMAIL('x', (1))")
    try account.run("ALTER ALERT D.PUBLIC.A SET SCHEDULE = '5 MINUTE' COMMENT = 'd'")
    row = try alert(account, "A")
    #expect(row["condition"] == "SHOW TABLES" && row["action"] == "CALL SYSTEM$SEND_EMAIL('x', (1))")
    #expect(row["state"] == "started" && row["schedule"] == "5 MINUTE" && row["comment"] == "d")
    try account.run("ALTER ALERT D.PUBLIC.A UNSET WAREHOUSE, COMMENT")
    try account.run("ALTER ALERT D.PUBLIC.A SUSPEND")
    row = try alert(account, "A")
    #expect(row["warehouse"] == .some(nil) && row["comment"] == "" && row["state"] == "suspended")

    // A clone is suspended and takes the clauses along; a replaced alert has none of its own past.
    try account.run("ALTER ALERT D.PUBLIC.A RESUME")
    try account.run("CREATE ALERT D.PUBLIC.B CLONE D.PUBLIC.A")
    row = try alert(account, "B")
    #expect(row["condition"] == "SHOW TABLES" && row["state"] == "suspended")
    try account.run("CREATE OR REPLACE ALERT D.PUBLIC.A IF (EXISTS (SELECT 1)) THEN SELECT 2")
    row = try alert(account, "A")
    #expect(row["schedule"] == .some(nil) && row["state"] == "suspended" && row["action"] == "SELECT 2")
    #expect(
      try account.run("SELECT GET_DDL('ALERT', 'D.PUBLIC.A')").rows[0][0]
        == "create or replace ALERT A\n\tIF (EXISTS (SELECT 1))\n\tTHEN SELECT 2;")
    try account.run("DROP ALERT D.PUBLIC.B")
    #expect(try account.rows("SHOW ALERTS IN ACCOUNT").count == 1)
  }

  @Test(arguments: [
    "CREATE ALERT A", "CREATE ALERT A SCHEDULE = '1 MINUTE'", "CREATE ALERT A IF (EXISTS (SELECT 1))",
    "CREATE ALERT A THEN SELECT 1", "CREATE ALERT A IF (EXISTS ()) THEN SELECT 1",
    "CREATE ALERT A IF (EXISTS (SELECT (1)) THEN SELECT 1", "CREATE ALERT A IF (EXISTS (SELECT 1))) THEN SELECT 1",
    "CREATE ALERT A IF (NOT EXISTS (SELECT 1)) THEN SELECT 1", "CREATE ALERT A IF (EXISTS (SELECT 1)) THEN",
    "CREATE ALERT A IF (EXISTS (SELECT 1)) THEN;", "ALTER ALERT A MODIFY ACTION",
    "ALTER ALERT A MODIFY CONDITION EXISTS SELECT 1", "ALTER ALERT A MODIFY CONDITION EXISTS (SELECT 1) x",
    "ALTER ALERT A SET IF (EXISTS (SELECT 1))", "CREATE ALERT A IF (EXISTS \(String(repeating: "(", count: 50_000))",
  ])
  func whatIsNoAlertIsASyntaxError(_ sql: String) throws {
    let account = try schemaAccount()
    try account.run("CREATE ALERT A IF (EXISTS (SELECT 1)) THEN SELECT 1")
    #expect(account.failure(sql)?.code == "001003")
  }

  @Test func aClauseThatComesTwiceIsADuplicateAndUNSETKnowsNone() throws {
    let account = try schemaAccount()
    #expect(
      account.failure("CREATE ALERT A IF (EXISTS (SELECT 1)) IF (EXISTS (SELECT 2)) THEN SELECT 1")?.code == "001422")
    try account.run("CREATE ALERT A IF (EXISTS (SELECT 1)) THEN SELECT 1")
    #expect(account.failure("ALTER ALERT A UNSET CONDITION")?.code == "001420")
    #expect(account.failure("ALTER ALERT A SET CONDITION = 'SELECT 2'")?.code == "001420")
  }

  @Test func privilegesOfAlertsBite() throws {
    let account = try schemaAccount()
    try account.runAll(
      """
      CREATE ALERT A IF (EXISTS (SELECT 1)) THEN SELECT 1
      CREATE ROLE R
      CREATE USER U PASSWORD = 'pw' MUST_CHANGE_PASSWORD = FALSE
      GRANT ROLE R TO USER U
      GRANT USAGE ON DATABASE D TO ROLE R
      GRANT USAGE ON SCHEMA D.PUBLIC TO ROLE R
      """)
    let other = try account.login("U", "R")
    #expect(account.failure("DESC ALERT D.PUBLIC.A", in: other)?.code == "002003")
    try account.run("GRANT OPERATE ON ALERT D.PUBLIC.A TO ROLE R")
    try account.run("ALTER ALERT D.PUBLIC.A RESUME", in: other)
    #expect(try account.rows("SHOW ALERTS IN ACCOUNT", in: other).count == 1)
    #expect(account.failure("ALTER ALERT D.PUBLIC.A MODIFY ACTION SELECT 2", in: other)?.code == "003001")
    let sql = "CREATE ALERT D.PUBLIC.B IF (EXISTS (SELECT 1)) THEN SELECT 1"
    #expect(account.failure(sql, in: other)?.code == "003001")
    try account.run("GRANT CREATE ALERT ON SCHEMA D.PUBLIC TO ROLE R")
    try account.run(sql, in: other)
  }

  /// A third party's type: an alert with a description of its own, and one that is no object of Snowflake.
  @Test func aDescriptionHasClauses() throws {
    var alert = TypeSchema(
      "acme_alert", plural: "acme_alerts", sqlName: "ALERT", identity: [.database, .schema, .name],
      attributes: [
        AttributeSchema("name", .identifier),
        AttributeSchema("test", .sql, column: "condition").clause(
          "IF (EXISTS ({}))", alter: "MODIFY CONDITION EXISTS ({})"
        ).required(),
        AttributeSchema("deed", .sql, column: "action").clause("THEN {}", alter: "MODIFY ACTION {}").required(),
      ])
    alert.emulation = Emulation(
      showColumns: [
        EmulatedColumn("name", .fact("name")), EmulatedColumn("state", .fact("state")),
        EmulatedColumn("condition", .attribute("test")), EmulatedColumn("action", .attribute("deed")),
      ], describeShape: .row, describeColumns: [EmulatedColumn("action", .attribute("deed"))])
    var gate = TypeSchema(
      "gate", plural: "gates", sqlName: "ACME GATE", identity: [.name],
      attributes: [
        AttributeSchema("name", .identifier),
        AttributeSchema("keepers", .list(.identifier), column: "keepers").clause(
          "KEPT BY {} AT NIGHT", alter: "HAND OVER TO {}"
        ).rendered(.listed),
        AttributeSchema("height", .integer(minimum: 1), column: "height").clause("[ {} FEET ]"),
        AttributeSchema("story", .sql, property: "AS", column: "story"),
      ])
    gate.emulation = Emulation(
      showColumns: ["keepers", "height", "story"].map { EmulatedColumn($0, .attribute($0)) })
    let account = try schemaAccount([alert, gate])
    try account.run("CREATE ALERT A IF (EXISTS (SELECT 1)) THEN SELECT 2")
    try account.run("ALTER ALERT A MODIFY ACTION SELECT 3")
    #expect(try account.run("SHOW ALERTS IN ACCOUNT").rows == [["A", "suspended", "SELECT 1", "SELECT 3"]])
    #expect(try account.run("DESCRIBE ALERT A").rows == [["SELECT 3"]])

    try account.run("CREATE ACME GATE G KEPT BY ann, \"b b\" AT NIGHT [ 7 FEET ] AS once upon a time")
    #expect(try account.run("SHOW ACME GATES").rows == [["ANN,\"b b\"", "7", "once upon a time"]])
    try account.run("ALTER ACME GATE G HAND OVER TO carl")
    #expect(try account.column("keepers", "SHOW ACME GATES") == ["CARL"])
    #expect(account.failure("CREATE ACME GATE H [ 0 FEET ]")?.code == "001422")
    #expect(account.failure("CREATE ACME GATE H [ 1 INCH ]")?.code == "001003")
  }
}
