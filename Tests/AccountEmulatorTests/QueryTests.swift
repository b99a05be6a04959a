import SnowmakerModel
import Testing

@testable import AccountEmulator

@Suite struct QueryTests {
  private func warehouses() throws -> TestAccount {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE WAREHOUSE A AUTO_SUSPEND = 60
      CREATE WAREHOUSE B AUTO_SUSPEND = 300
      CREATE WAREHOUSE C AUTO_SUSPEND = 5
      """)
    return account
  }

  @Test func resultsAreReadAgain() throws {
    let account = try warehouses()
    try account.run("SHOW WAREHOUSES")
    let result = try account.run(
      #"SELECT "name" AS N, "auto_suspend" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID())) WHERE "auto_suspend" > 9 ORDER BY 2 DESC"#
    )
    #expect(result.rows == [["B", "300"], ["A", "60"]])
    #expect(result.columns.map(\.name) == ["N", "auto_suspend"])
    #expect(result.columns[1].type == .fixed)
    #expect(account.failure("SELECT * FROM TABLE(RESULT_SCAN('nope'))")?.code == "000709")
    try account.run("SHOW WAREHOUSES")
    #expect(account.failure("SELECT name FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))")?.code == "000904")
  }

  @Test func rowsAreGenerated() throws {
    let account = try TestAccount()
    let result = try account.run(
      """
      SELECT SEQ4() AS ID, 'row ' || SEQ8(), SEQ1() FROM TABLE(GENERATOR(ROWCOUNT => 300)) ORDER BY SEQ4() DESC LIMIT 2
      """)
    #expect(result.rows == [["299", "row 299", "43"], ["298", "row 298", "42"]])
    #expect(result.columns.map(\.type) == [.fixed, .text, .fixed])
    #expect(result.columns[0].name == "ID")
    #expect(try account.run("SELECT COUNT(*) FROM TABLE(GENERATOR(ROWCOUNT => 7))").rows == [["7"]])
    #expect(try account.run("SELECT SEQ1(1) FROM TABLE(GENERATOR(ROWCOUNT => 129)) WHERE SEQ4() = 128").rows == [["0"]])
    #expect(account.failure("SELECT * FROM TABLE(GENERATOR(ROWCOUNT => 1))")?.code == "000002")
    #expect(account.failure("SELECT SEQ4() FROM TABLE(GENERATOR(TIMELIMIT => 1))")?.code == "000002")
    #expect(account.failure("SELECT SEQ4() FROM TABLE(GENERATOR(ROWCOUNT => -1))")?.code == "000002")
  }

  @Test func flowsReadWhatCameBefore() throws {
    let account = try warehouses()
    #expect(try account.run(#"SHOW WAREHOUSES ->> SELECT COUNT(*) FROM $1 WHERE "name" <> 'A'"#).rows == [["2"]])
    #expect(
      try account.run(#"SHOW WAREHOUSES ->> SELECT "name" FROM $1 ->> SELECT * FROM $1 ORDER BY 1 DESC LIMIT 1"#).rows
        == [["C"]])
    #expect(account.failure("SHOW WAREHOUSES ->> SELECT * FROM $2")?.code == "000904")
  }

  @Test func conditionsFollowThreeValuedLogic() throws {
    let account = try warehouses()
    func names(_ condition: String) throws -> [String?] {
      try account.run("SHOW WAREHOUSES ->> SELECT \"name\" FROM $1 WHERE \(condition) ORDER BY 1").rows.map { $0[0] }
    }
    #expect(try names("\"name\" IN ('A', 'C') AND NOT \"name\" = 'C'") == ["A"])
    #expect(try names("\"name\" LIKE '_' OR FALSE") == ["A", "B", "C"])
    #expect(try names("\"name\" ILIKE 'b%'") == ["B"])
    #expect(try names("NULL IS NULL AND \"name\" IS NOT NULL") == ["A", "B", "C"])
    #expect(try names("NULL = NULL") == [])
    #expect(try names("\"auto_suspend\" BETWEEN 5 AND 60") == ["A", "C"])
    #expect(try names("\"auto_suspend\"::VARCHAR = '5'") == ["C"])
  }

  @Test func informationSchemaListsWhatTheRoleSees() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE DATABASE D
      CREATE SCHEMA D.S
      CREATE TABLE D.S.T (A INT)
      CREATE TABLE D.S.U (A INT)
      CREATE ROLE R
      CREATE USER ANN PASSWORD = 'pw' DEFAULT_ROLE = R
      GRANT ROLE R TO USER ANN
      GRANT USAGE ON DATABASE D TO ROLE R
      GRANT USAGE ON SCHEMA D.S TO ROLE R
      GRANT SELECT ON TABLE D.S.T TO ROLE R
      """)
    let question = "SELECT TABLE_NAME FROM D.INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = 'S' ORDER BY TABLE_NAME"
    #expect(try account.run(question).rows == [["T"], ["U"]])
    #expect(try account.run(question, in: account.login("ANN")).rows == [["T"]])
    #expect(try account.run("SELECT COLUMN_NAME FROM D.INFORMATION_SCHEMA.COLUMNS").rows.count == 2)
    #expect(account.failure("SELECT * FROM D.S.T")?.code == "000002")
    #expect(account.failure("SELECT * FROM D.INFORMATION_SCHEMA.NOPE")?.code == "002003")
    #expect(account.failure("SELECT * FROM D.S.NOPE", in: try account.login("ANN"))?.code == "002003")
  }

  @Test func accountUsageLagsAndTakesAPrivilege() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE ROLE R
      CREATE USER ANN PASSWORD = 'pw' DEFAULT_ROLE = R
      GRANT ROLE R TO USER ANN
      """)
    let question =
      "SELECT ROLE, GRANTEE_NAME FROM SNOWFLAKE.ACCOUNT_USAGE.GRANTS_TO_USERS WHERE DELETED_ON IS NULL AND ROLE = 'R'"
    #expect(try account.run(question).rows == [["R", "ANN"]])
    account.engine.accountUsageLag = 60_000
    #expect(try account.run(question).rows.isEmpty)
    account.engine.accountUsageLag = 0
    let ann = try account.login("ANN")
    #expect(account.failure(question, in: ann)?.code == "002003")
    try account.run("GRANT IMPORTED PRIVILEGES ON DATABASE SNOWFLAKE TO ROLE R")
    #expect(try account.run(question, in: ann).rows.count == 1)
  }

  @Test func policyReferencesTellWhereANetworkPolicyIsSet() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE NETWORK POLICY P ALLOWED_IP_LIST = ('127.0.0.1')
      CREATE USER ANN
      ALTER USER ANN SET NETWORK_POLICY = 'P'
      """)
    let rows = try account.rows(
      "SELECT * FROM TABLE(SNOWFLAKE.INFORMATION_SCHEMA.POLICY_REFERENCES(POLICY_NAME => 'P', POLICY_KIND => 'NETWORK_POLICY'))"
    )
    #expect(rows.map { $0["REF_ENTITY_NAME"] } == ["ANN"])
  }

  @Test func theQueryHistoryHasStatementsWithTheirTagsAndNoPasswords() throws {
    let account = try warehouses()
    try account.run("ALTER SESSION SET QUERY_TAG = 'snowmaker:1'")
    try account.run("CREATE USER ANN PASSWORD = 'Very-Secret-9' MUST_CHANGE_PASSWORD = FALSE")
    #expect(account.failure("CREATE WAREHOUSE A")?.code == "002002")
    let sql =
      "SELECT QUERY_TEXT, EXECUTION_STATUS, ERROR_MESSAGE FROM "
      + "TABLE(SNOWFLAKE.INFORMATION_SCHEMA.QUERY_HISTORY(RESULT_LIMIT => 10000)) WHERE QUERY_TAG = 'snowmaker:1'"
    let rows = try account.run(sql).rows
    #expect(rows.map { $0[1] }.prefix(2) == ["FAILED_WITH_ERROR", "SUCCESS"])
    #expect(rows[0][2]?.contains("already exists") == true)
    #expect(rows[1][0]?.contains("PASSWORD = '********' MUST_CHANGE") == true)
    #expect(!rows.contains { $0[0]?.contains("Very-Secret") == true })
    // Others' statements are not everybody's to see.
    try account.run("ALTER USER ANN SET PASSWORD = 'pw'")
    let ann = try account.login("ANN")
    #expect(try account.run("SELECT * FROM TABLE(SNOWFLAKE.INFORMATION_SCHEMA.QUERY_HISTORY())", in: ann).rows.isEmpty)
  }
}
