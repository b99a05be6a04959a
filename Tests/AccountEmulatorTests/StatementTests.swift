import SnowmakerModel
import Testing

@testable import AccountEmulator

@Suite struct StatementTests {
  private func shop() throws -> TestAccount {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE DATABASE SHOP
      CREATE SCHEMA SHOP.CORE
      CREATE TABLE SHOP.CORE.ORDERS (ID NUMBER(38,0) NOT NULL, NOTE VARCHAR COMMENT 'free text')
      CREATE ROLE READER
      GRANT SELECT ON TABLE SHOP.CORE.ORDERS TO ROLE READER
      """)
    return account
  }

  @Test func columnsAreAddedChangedAndDropped() throws {
    let account = try shop()
    try account.runAll(
      """
      ALTER TABLE ORDERS ADD COLUMN PRICE NUMBER(10,2) DEFAULT 0, COLUMN IF_ANY VARCHAR
      ALTER TABLE ORDERS ALTER COLUMN NOTE SET DATA TYPE VARCHAR(200), COLUMN ID DROP NOT NULL
      ALTER TABLE ORDERS RENAME COLUMN IF_ANY TO EXTRA
      ALTER TABLE ORDERS DROP COLUMN IF EXISTS GONE
      ALTER TABLE ORDERS MODIFY COLUMN NOTE COMMENT 'short'
      """)
    let rows = try account.rows("DESC TABLE ORDERS")
    #expect(rows.map { $0["name"] } == ["ID", "NOTE", "PRICE", "EXTRA"])
    #expect(rows.map { $0["type"] } == ["NUMBER(38,0)", "VARCHAR(200)", "NUMBER(10,2)", "VARCHAR(16777216)"])
    #expect(rows[0]["null?"] == "Y")
    #expect(rows[1]["comment"] == "short")
    #expect(account.failure("ALTER TABLE ORDERS DROP COLUMN NOPE")?.code == "002003")
    #expect(account.failure("ALTER TABLE ORDERS ADD COLUMN ID INT")?.code == "002025")
    try account.run("ALTER TABLE ORDERS DROP COLUMN PRICE, EXTRA")
    #expect(try account.rows("DESC TABLE ORDERS").count == 2)
  }

  @Test func droppedObjectsComeBackWithTheirContentsAndGrants() throws {
    let account = try shop()
    try account.runAll("DROP DATABASE SHOP\nUNDROP DATABASE SHOP")
    #expect(try account.column("privilege", "SHOW GRANTS TO ROLE READER") == ["SELECT"])
    #expect(try account.rows("DESC TABLE SHOP.CORE.ORDERS").count == 2)
    #expect(account.failure("UNDROP DATABASE SHOP")?.code == "002002")
    #expect(account.failure("UNDROP TABLE SHOP.CORE.NEVER")?.code == "002003")
    #expect(account.failure("UNDROP WAREHOUSE X")?.code == "000002")
  }

  @Test func clonesHaveTheContentsButNotTheGrantsOfTheirSource() throws {
    let account = try shop()
    try account.run("CREATE DATABASE COPY CLONE SHOP")
    #expect(try account.rows("DESC TABLE COPY.CORE.ORDERS").count == 2)
    #expect(try account.rows("SHOW GRANTS ON TABLE COPY.CORE.ORDERS").count == 2)
    try account.run("CREATE TABLE SHOP.CORE.TWIN CLONE SHOP.CORE.ORDERS")
    #expect(try account.rows("SHOW GRANTS ON TABLE SHOP.CORE.TWIN").count == 1)
    #expect(account.failure("CREATE TABLE SHOP.CORE.X CLONE SHOP.CORE.NOPE")?.code == "002003")
  }

  @Test func swapExchangesWhatTheNamesStandFor() throws {
    let account = try shop()
    try account.runAll(
      """
      CREATE TABLE SHOP.CORE.FRESH (ONLY_ONE INT)
      ALTER TABLE SHOP.CORE.ORDERS SWAP WITH SHOP.CORE.FRESH
      """)
    #expect(try account.column("name", "DESC TABLE SHOP.CORE.ORDERS") == ["ONLY_ONE"])
    #expect(try account.column("name", "SHOW GRANTS TO ROLE READER") == ["SHOP.CORE.FRESH"])
  }

  @Test func createOrAlterKeepsGrantsAndResetsWhatIsNotSaid() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE ROLE R
      CREATE OR ALTER WAREHOUSE W AUTO_SUSPEND = 60 COMMENT = 'x'
      GRANT USAGE ON WAREHOUSE W TO ROLE R
      CREATE OR ALTER WAREHOUSE W AUTO_SUSPEND = 30
      """)
    #expect(try account.column("auto_suspend", "SHOW WAREHOUSES") == ["30"])
    #expect(try account.column("comment", "SHOW WAREHOUSES") == [""])
    #expect(try account.rows("SHOW GRANTS ON WAREHOUSE W").count == 2)
  }

  @Test func routinesAreToldApartByTheirArguments() throws {
    let account = try shop()
    try account.runAll(
      """
      CREATE FUNCTION SHOP.CORE.TWICE(X NUMBER) RETURNS NUMBER LANGUAGE SQL AS 'x * 2'
      CREATE FUNCTION SHOP.CORE.TWICE(X VARCHAR(10)) RETURNS VARCHAR COMMENT = 'text' AS $$ x || x $$
      CREATE PROCEDURE SHOP.CORE.TIDY() RETURNS VARCHAR LANGUAGE SQL EXECUTE AS CALLER AS 'begin return 1; end'
      GRANT USAGE ON FUNCTION SHOP.CORE.TWICE(INT) TO ROLE READER
      DROP FUNCTION SHOP.CORE.TWICE(STRING)
      """)
    #expect(
      try account.column("arguments", "SHOW USER FUNCTIONS IN SCHEMA SHOP.CORE") == []
        || account.column("arguments", "SHOW FUNCTIONS IN SCHEMA SHOP.CORE") == ["TWICE(NUMBER) RETURN NUMBER"])
    #expect(try account.column("name", "SHOW PROCEDURES IN SCHEMA SHOP.CORE") == ["TIDY"])
    #expect(account.failure("DESC FUNCTION SHOP.CORE.TWICE(FLOAT)")?.code == "002003")
    #expect(try account.rows("DESC FUNCTION SHOP.CORE.TWICE(NUMBER)").count >= 4)
  }

  @Test func tasksStreamsSequencesTagsAndPoliciesAreKept() throws {
    let account = try shop()
    try account.runAll(
      """
      CREATE TASK SHOP.CORE.NIGHTLY SCHEDULE = '60 MINUTE' AS SELECT 1
      CREATE TASK SHOP.CORE.LATER AFTER SHOP.CORE.NIGHTLY WHEN SYSTEM$STREAM_HAS_DATA('S') AS SELECT 2
      ALTER TASK SHOP.CORE.NIGHTLY RESUME
      CREATE STREAM SHOP.CORE.CHANGES ON TABLE SHOP.CORE.ORDERS APPEND_ONLY = TRUE
      CREATE SEQUENCE SHOP.CORE.IDS START = 10 INCREMENT BY 5 ORDER
      CREATE TAG SHOP.CORE.COST ALLOWED_VALUES 'a', 'b' COMMENT = 'who pays'
      ALTER TABLE SHOP.CORE.ORDERS SET TAG SHOP.CORE.COST = 'a'
      CREATE MASKING POLICY SHOP.CORE.HIDE AS (V STRING) RETURNS STRING -> '***' COMMENT = 'hides'
      """)
    #expect(try account.column("state", "SHOW TASKS IN SCHEMA SHOP.CORE") == ["suspended", "started"])
    #expect(try account.column("mode", "SHOW STREAMS IN SCHEMA SHOP.CORE") == ["APPEND_ONLY"])
    #expect(try account.column("next_value", "SHOW SEQUENCES IN SCHEMA SHOP.CORE") == ["10"])
    #expect(try account.column("interval", "SHOW SEQUENCES IN SCHEMA SHOP.CORE") == ["5"])
    #expect(try account.column("comment", "SHOW TAGS IN SCHEMA SHOP.CORE") == ["who pays"])
    #expect(try account.column("comment", "SHOW MASKING POLICIES IN SCHEMA SHOP.CORE") == ["hides"])
    #expect(
      try account.column("body", "DESC MASKING POLICY SHOP.CORE.HIDE") == ["(V STRING) RETURNS STRING -> '***'"])
    #expect(account.failure("ALTER TABLE SHOP.CORE.ORDERS SET TAG SHOP.CORE.COST = 'z'")?.code == "001422")
    #expect(account.failure("CREATE STREAM SHOP.CORE.S2 ON TABLE SHOP.CORE.NOPE")?.code == "002003")
  }

  @Test func definitionsCanBeRunAgain() throws {
    let account = try shop()
    try account.run("CREATE OR REPLACE WAREHOUSE W AUTO_SUSPEND = 60 COMMENT = 'it''s'")
    let table = try #require(try account.run("SELECT GET_DDL('TABLE', 'SHOP.CORE.ORDERS', TRUE)").rows[0][0])
    #expect(table.hasPrefix("create or replace TABLE SHOP.CORE.ORDERS (\n\tID NUMBER(38,0) NOT NULL,"))
    try account.run(table)
    let schema = try #require(try account.run("SELECT GET_DDL('SCHEMA', 'SHOP.CORE')").rows[0][0])
    #expect(try account.engine.split(schema).count == 2)
    let warehouse = try #require(try account.run("SELECT GET_DDL('WAREHOUSE', 'W')").rows[0][0])
    try account.run(warehouse)
    #expect(try account.column("comment", "SHOW WAREHOUSES") == ["it's"])
    #expect(account.failure("SELECT GET_DDL('TABLE', 'NOPE.A.B')")?.code == "002003")
  }

  @Test func networkPoliciesStopLogins() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE NETWORK POLICY AWAY ALLOWED_IP_LIST = ('10.0.0.0/8')
      CREATE NETWORK POLICY HERE ALLOWED_IP_LIST = ('127.0.0.0/8') BLOCKED_IP_LIST = ('127.0.0.9')
      CREATE USER ANN PASSWORD = 'pw'
      ALTER USER ANN SET NETWORK_POLICY = 'AWAY'
      """)
    #expect(throws: LoginFailure.self) { try account.login("ANN") }
    try account.run("ALTER USER ANN SET NETWORK_POLICY = 'HERE'")
    _ = try account.login("ANN")
  }
}
