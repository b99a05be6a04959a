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

  @Test func whatIsInACloneKeepsItsOwnerAndRests() throws {
    let account = try shop()
    try account.runAll(
      """
      CREATE ROLE KEEPER
      GRANT OWNERSHIP ON TABLE SHOP.CORE.ORDERS TO ROLE KEEPER COPY CURRENT GRANTS
      CREATE STAGE SHOP.CORE.INSIDE
      CREATE STAGE SHOP.CORE.OUTSIDE URL = 's3://bucket/'
      CREATE PIPE SHOP.CORE.P AS COPY INTO SHOP.CORE.ORDERS FROM @SHOP.CORE.OUTSIDE
      ALTER SCHEMA SHOP.CORE SET PIPE_EXECUTION_PAUSED = TRUE
      GRANT OWNERSHIP ON PIPE SHOP.CORE.P TO ROLE KEEPER
      CREATE TASK SHOP.CORE.WORK SCHEDULE = '1 MINUTE' AS SELECT 1
      ALTER TASK SHOP.CORE.WORK RESUME
      CREATE SCHEMA SHOP.COPY CLONE SHOP.CORE
      CREATE SCHEMA SHOP.FULL CLONE SHOP.CORE IGNORE HYBRID TABLES INCLUDE INTERNAL STAGES
      """)
    #expect(try account.column("owner", "SHOW TABLES LIKE 'ORDERS' IN SCHEMA SHOP.COPY") == ["KEEPER"])
    #expect(try account.column("grantee_name", "SHOW GRANTS ON PIPE SHOP.COPY.P") == ["ACCOUNTADMIN"])
    #expect(try account.column("name", "SHOW STAGES IN SCHEMA SHOP.COPY") == ["OUTSIDE"])
    #expect(try account.column("name", "SHOW STAGES IN SCHEMA SHOP.FULL") == ["INSIDE", "OUTSIDE"])
    #expect(try account.column("state", "SHOW TASKS IN SCHEMA SHOP.COPY") == ["suspended"])
    #expect(try account.column("state", "SHOW TASKS IN SCHEMA SHOP.CORE") == ["started"])
    for statement in [
      "CREATE STAGE SHOP.CORE.TWO CLONE SHOP.CORE.INSIDE", "CREATE VIEW SHOP.CORE.W CLONE SHOP.CORE.V",
      "CREATE ROLE OTHER CLONE KEEPER",
    ] {
      #expect(account.failure(statement)?.code == "000002", "\(statement)")
    }
  }

  @Test func copyGrantsIsFromTheRoleThatRunsTheStatement() throws {
    let account = try shop()
    try account.runAll(
      """
      CREATE ROLE OTHER
      CREATE TABLE SHOP.CORE.REPLACED (A INT)
      GRANT INSERT ON TABLE SHOP.CORE.REPLACED TO ROLE OTHER
      CREATE TABLE SHOP.CORE.TWIN CLONE SHOP.CORE.ORDERS COPY GRANTS
      CREATE TABLE SHOP.CORE.ALIKE LIKE SHOP.CORE.ORDERS COPY GRANTS
      CREATE OR REPLACE TABLE SHOP.CORE.REPLACED CLONE SHOP.CORE.ORDERS COPY GRANTS
      """)
    for name in ["TWIN", "ALIKE"] {
      #expect(try account.column("privilege", "SHOW GRANTS ON TABLE SHOP.CORE.\(name)") == ["OWNERSHIP", "SELECT"])
      #expect(
        try account.column("granted_by", "SHOW GRANTS ON TABLE SHOP.CORE.\(name)") == ["ACCOUNTADMIN", "ACCOUNTADMIN"])
    }
    // What is replaced comes before what is cloned.
    #expect(try account.column("privilege", "SHOW GRANTS ON TABLE SHOP.CORE.REPLACED") == ["INSERT", "OWNERSHIP"])
  }

  @Test func pipesOfInternalStagesAreNotCloned() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE DATABASE D
      CREATE STAGE D.PUBLIC.INSIDE
      CREATE STAGE D.PUBLIC.OUTSIDE URL = 's3://b/p/'
      CREATE PIPE D.PUBLIC.P1 AS COPY INTO T FROM @INSIDE FILE_FORMAT = (TYPE = CSV)
      CREATE PIPE D.PUBLIC.P2 AS COPY INTO T FROM @D.PUBLIC.OUTSIDE/x
      CREATE PIPE D.PUBLIC.P3 AS COPY INTO T FROM (SELECT $1 FROM @%T)
      CREATE DATABASE E CLONE D
      CREATE DATABASE F CLONE D INCLUDE INTERNAL STAGES
      """)
    #expect(try account.column("name", "SHOW PIPES IN DATABASE E") == ["P2"])
    #expect(try account.column("name", "SHOW PIPES IN DATABASE F") == ["P1", "P2", "P3"])
  }

  @Test func aDefaultIsKeptWhole() throws {
    let account = try TestAccount()
    try account.run("CREATE DATABASE D")
    try account.run(
      "CREATE TABLE T (A INT DEFAULT -1 NOT NULL, B INT DEFAULT D.PUBLIC.S.NEXTVAL, C DATE DEFAULT '2020-01-01'::DATE, "
        + "E INT DEFAULT (1 + 2) COMMENT 'e', F TIMESTAMP_LTZ DEFAULT CURRENT_TIMESTAMP())")
    #expect(
      try account.column("default", "DESC TABLE T")
        == ["-1", "D.PUBLIC.S.NEXTVAL", "'2020-01-01'::DATE", "(1 + 2)", "CURRENT_TIMESTAMP()"])
    #expect(try account.column("null?", "DESC TABLE T") == ["N", "Y", "Y", "Y", "Y"])
    #expect(account.failure("CREATE TABLE U (A INT DEFAULT)")?.code == "001003")
  }

  @Test func createOrAlterKeepsWhetherChangesAreTracked() throws {
    let account = try TestAccount()
    try account.run("CREATE DATABASE D")
    try account.run("CREATE TABLE T (A INT DEFAULT 1, B INT) CHANGE_TRACKING = TRUE COMMENT = 'c'")
    try account.run("CREATE OR ALTER TABLE T (A INT DEFAULT 1, B INT DEFAULT S.NEXTVAL)")
    #expect(try account.column("change_tracking", "SHOW TABLES") == ["ON"])
    #expect(try account.column("comment", "SHOW TABLES") == [""])
    try account.run("CREATE OR ALTER TABLE T (A INT, B INT) CHANGE_TRACKING = FALSE")
    #expect(try account.column("change_tracking", "SHOW TABLES") == ["OFF"])
    #expect(account.failure("CREATE OR ALTER TABLE T (A INT DEFAULT 2, B INT)")?.code == "000002")
  }

  @Test func aClusteringKeyIsKeptAndShown() throws {
    let account = try TestAccount()
    try account.run("CREATE DATABASE D")
    try account.run("CREATE TABLE T (A DATE, \"b b\" VARCHAR) CLUSTER BY (a, substring(\"b b\", 0, 10)) COMMENT = 'c'")
    func shown(_ name: String = "T") throws -> [String?] {
      let row = try #require(account.rows("SHOW TABLES LIKE '\(name)'").first)
      return [row["cluster_by"] ?? nil, row["automatic_clustering"] ?? nil]
    }
    let key = "LINEAR(A, SUBSTRING(\"b b\", 0, 10))"
    #expect(try shown() == [key, "ON"])
    #expect(try account.column("comment", "SHOW TABLES") == ["c"])
    #expect(
      try account.run("SELECT CLUSTERING_KEY, AUTO_CLUSTERING_ON FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME = 'T'")
        .rows
        == [[key, "YES"]])
    #expect(
      try account.run("SELECT GET_DDL('TABLE', 'T')").rows[0][0]?.hasPrefix(
        "create or replace TABLE T cluster by (a, substring(\"b b\", 0, 10)) (\n") == true)
    try account.run("CREATE TABLE L LIKE T")
    #expect(try shown("L") == [key, "ON"])
    try account.run("ALTER TABLE T CLUSTER BY LINEAR(A)")
    #expect(try shown() == ["LINEAR(A)", "ON"])
    try account.run("ALTER TABLE T DROP CLUSTERING KEY")
    #expect(try shown() == ["", "OFF"])
    #expect(account.failure("ALTER TABLE T CLUSTER BY")?.code == "001003")
  }

  @Test func tablesAndViewsStandForEachOtherInGetDDL() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE DATABASE D
      CREATE TABLE T (A INT)
      CREATE VIEW V AS SELECT A FROM T
      """)
    func text(_ type: String, _ name: String) throws -> String? {
      try account.run("SELECT GET_DDL('\(type)', '\(name)')").rows[0][0]
    }
    #expect(try text("VIEW", "T") == text("TABLE", "T") && text("TABLE", "V") == text("VIEW", "V"))
    // And in DESCRIBE, which tells what the object is by its columns.
    #expect(try account.run("DESC TABLE V").columns.last?.name == "privacy domain")
    #expect(try account.run("DESC VIEW T").columns.last?.name == "schema evolution record")
    #expect(account.failure("DESC VIEW NOTHING")?.code == "002003")
    #expect(account.failure("SELECT GET_DDL('ICEBERG_TABLE', 'T')")?.code == "002003")
    #expect(account.failure("SELECT GET_DDL('USER', 'SNOWMAKER')")?.code == "002140")
  }

  @Test func whatCopiesGrantsHasNoFutureOnes() throws {
    let account = try shop()
    try account.runAll(
      """
      CREATE ROLE OTHER
      CREATE TABLE SHOP.CORE.OLD (A INT)
      GRANT INSERT ON TABLE SHOP.CORE.OLD TO ROLE OTHER
      GRANT UPDATE ON FUTURE TABLES IN SCHEMA SHOP.CORE TO ROLE OTHER
      """)
    func privileges(_ sql: String, _ name: String) throws -> [String?] {
      try account.run(sql)
      return try account.column("privilege", "SHOW GRANTS ON TABLE SHOP.CORE.\(name)")
    }
    let old = "CREATE OR REPLACE TABLE SHOP.CORE.OLD (A INT) COPY GRANTS"
    #expect(try privileges(old, "OLD") == ["INSERT", "OWNERSHIP"])
    #expect(
      try privileges("CREATE TABLE SHOP.CORE.L LIKE SHOP.CORE.OLD COPY GRANTS", "L") == ["INSERT", "OWNERSHIP"])
    #expect(
      try privileges("CREATE TABLE SHOP.CORE.C CLONE SHOP.CORE.OLD COPY GRANTS", "C") == ["INSERT", "OWNERSHIP"])
    #expect(try privileges("CREATE TABLE SHOP.CORE.D CLONE SHOP.CORE.OLD", "D") == ["OWNERSHIP", "UPDATE"])
    #expect(try privileges("CREATE OR REPLACE TABLE SHOP.CORE.OLD (A INT)", "OLD") == ["OWNERSHIP", "UPDATE"])
  }

  @Test func createOrAlterKeepsTheOrderOfColumns() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE ROLE R
      CREATE DATABASE D
      CREATE OR ALTER TABLE D.PUBLIC.T (A INT, B VARCHAR(5) COMMENT 'b', C INT) COMMENT = 'x'
      GRANT SELECT ON TABLE D.PUBLIC.T TO ROLE R
      CREATE OR ALTER TABLE D.PUBLIC.T (A INT NOT NULL, B VARCHAR(9), D DATE)
      """)
    #expect(try account.column("name", "DESC TABLE D.PUBLIC.T") == ["A", "B", "D"])
    #expect(try account.column("null?", "DESC TABLE D.PUBLIC.T") == ["N", "Y", "Y"])
    #expect(try account.column("type", "DESC TABLE D.PUBLIC.T") == ["NUMBER(38,0)", "VARCHAR(9)", "DATE"])
    #expect(try account.column("comment", "SHOW TABLES IN SCHEMA D.PUBLIC") == [""], "what is not said is unset")
    #expect(try account.column("privilege", "SHOW GRANTS TO ROLE R") == ["SELECT"])
    for columns in ["B VARCHAR(9), A INT", "A INT, X INT, B VARCHAR(9), D DATE"] {
      #expect(account.failure("CREATE OR ALTER TABLE D.PUBLIC.T (\(columns))")?.code == "000002", "\(columns)")
    }
    #expect(account.failure("CREATE OR ALTER TABLE D.PUBLIC.T (A DATE)")?.code == "002108")
    #expect(account.failure("CREATE OR ALTER TRANSIENT TABLE D.PUBLIC.T (A INT)")?.code == "000002")
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
    // What it has no statement of is left out of a schema's, and refused by itself.
    try account.runAll(
      """
      CREATE STAGE SHOP.CORE.BOX
      CREATE FUNCTION SHOP.CORE.TWICE(N NUMBER) RETURNS NUMBER AS 'N * 2'
      CREATE PASSWORD POLICY SHOP.CORE.STRICT
      """)
    let contents = try #require(try account.run("SELECT GET_DDL('SCHEMA', 'SHOP.CORE', TRUE)").rows[0][0])
    #expect(!contents.contains("BOX"))
    #expect(contents.contains("SHOP.CORE.TWICE(N NUMBER)"), "\(contents)")
    let function = try #require(try account.run("SELECT GET_DDL('FUNCTION', 'SHOP.CORE.TWICE(NUMBER)')").rows[0][0])
    #expect(function.contains("FUNCTION TWICE(N NUMBER)"), "\(function)")
    #expect(try account.run("SELECT GET_DDL('POLICY', 'SHOP.CORE.STRICT')").rows[0][0]?.contains("STRICT") == true)
    for type in ["STAGE", "ROLE", "USER", "DATABASE_ROLE", "NONSENSE"] {
      #expect(account.failure("SELECT GET_DDL('\(type)', 'X')")?.message.contains("Invalid object type") == true)
    }
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
