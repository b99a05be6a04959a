import SnowmakerModel
import Testing

@testable import AccountEmulator

@Suite struct ObjectTests {
  @Test func createdWarehouseIsShownAsSnowflakeSpellsIt() throws {
    let account = try TestAccount()
    let answer = try account.run(
      "create warehouse if not exists load WAREHOUSE_SIZE='x-small' auto_suspend = 60 COMMENT = $$it's$$;")
    #expect(answer.rows == [["Warehouse LOAD successfully created."]])
    let row = try #require(try account.rows("SHOW WAREHOUSES").first)
    #expect(row["name"] == "LOAD")
    #expect(row["size"] == "X-Small")
    #expect(row["auto_suspend"] == "60")
    #expect(row["auto_resume"] == "true")
    #expect(row["owner"] == "ACCOUNTADMIN")
    #expect(row["comment"] == "it's")
    #expect(row["resource_monitor"] == "null")
    #expect(row["is_current"] == "Y")
    #expect(account.session.current.warehouse == "LOAD")
  }

  @Test func columnsOfShowHaveTheirTypes() throws {
    let result = try TestAccount().run("SHOW WAREHOUSES")
    let types = Dictionary(uniqueKeysWithValues: result.columns.map { ($0.name, $0.type) })
    #expect(types["created_on"] == .timestamp_ltz)
    #expect(types["auto_suspend"] == .fixed)
    #expect(types["auto_resume"] == .text)
    #expect(result.statementTypeID == 0x4400)
  }

  @Test func existingNamesAreRefusedAndIfNotExistsIsNot() throws {
    let account = try TestAccount()
    try account.run("CREATE WAREHOUSE W")
    #expect(account.failure("CREATE WAREHOUSE w")?.code == "002002")
    #expect(account.failure("CREATE WAREHOUSE w")?.sqlState == "42710")
    #expect(try account.run("CREATE WAREHOUSE IF NOT EXISTS w").rows == [["W already exists, statement succeeded."]])
    try account.run("CREATE WAREHOUSE \"w\"")
    #expect(try account.rows("SHOW WAREHOUSES").count == 2)
  }

  @Test func orReplaceForgetsGrantsAndAttributes() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE WAREHOUSE W COMMENT = 'old'
      CREATE ROLE R
      GRANT USAGE ON WAREHOUSE W TO ROLE R
      CREATE OR REPLACE WAREHOUSE W
      """)
    #expect(try account.column("comment", "SHOW WAREHOUSES") == [""])
    #expect(try account.column("privilege", "SHOW GRANTS ON WAREHOUSE W") == ["OWNERSHIP"])
  }

  @Test func alterSetsUnsetsRenamesAndSuspends() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE WAREHOUSE W AUTO_SUSPEND = 60 COMMENT = 'x'
      ALTER WAREHOUSE W SET WAREHOUSE_SIZE = SMALL, AUTO_RESUME = FALSE
      ALTER WAREHOUSE W UNSET COMMENT
      ALTER WAREHOUSE W UNSET AUTO_SUSPEND
      ALTER WAREHOUSE W SUSPEND
      ALTER WAREHOUSE W RENAME TO V
      """)
    let row = try #require(try account.rows("SHOW WAREHOUSES LIKE 'v'").first)
    #expect(row["size"] == "Small")
    #expect(row["auto_resume"] == "false")
    #expect(row["comment"] == "")
    #expect(row["auto_suspend"] == "0", "UNSET AUTO_SUSPEND means never")
    #expect(row["state"] == "SUSPENDED")
    #expect(account.session.current.warehouse == "V")
    try account.run("ALTER WAREHOUSE IF EXISTS NOPE SET COMMENT = 'x'")
    #expect(account.failure("ALTER WAREHOUSE NOPE SET COMMENT = 'x'")?.code == "002003")
  }

  @Test func invalidPropertiesAndValuesAreRefusedAndNothingIsCreated() throws {
    let account = try TestAccount()
    #expect(account.failure("CREATE WAREHOUSE W NONSENSE = 1")?.code == "001420")
    #expect(account.failure("CREATE WAREHOUSE W WAREHOUSE_SIZE = 'HUGE'")?.code == "001422")
    #expect(account.failure("CREATE WAREHOUSE W AUTO_SUSPEND = -1")?.code == "001422")
    #expect(account.failure("CREATE WAREHOUSE W AUTO_RESUME = maybe")?.code == "001422")
    #expect(account.failure("CREATE WAREHOUSE W COMMENT = bare")?.code == "001422")
    #expect(account.failure("CREATE WAREHOUSE W COMMENT = 'a' COMMENT = 'b'")?.code == "001422")
    #expect(try account.rows("SHOW WAREHOUSES").isEmpty)
  }

  @Test func dropSaysWhatIsGone() throws {
    let account = try TestAccount()
    try account.run("CREATE WAREHOUSE W")
    #expect(try account.run("DROP WAREHOUSE W").rows == [["W successfully dropped."]])
    #expect(account.session.current.warehouse == nil)
    let failure = account.failure("DROP WAREHOUSE W")
    #expect(failure?.code == "002003")
    #expect(failure?.message == "SQL compilation error:\nWarehouse 'W' does not exist or not authorized.")
    #expect(
      try account.run("DROP WAREHOUSE IF EXISTS W").rows == [
        ["Drop statement executed successfully (W already dropped)."]
      ])
  }

  @Test func databasesBringSchemasAndBecomeCurrent() throws {
    let account = try TestAccount()
    try account.run("CREATE TRANSIENT DATABASE \"my db\" DATA_RETENTION_TIME_IN_DAYS = 0")
    #expect(try account.column("name", "SHOW SCHEMAS IN DATABASE \"my db\"") == ["INFORMATION_SCHEMA", "PUBLIC"])
    #expect(account.session.current.database == "\"my db\"")
    #expect(account.session.current.schema == "PUBLIC")
    try account.run("CREATE SCHEMA s WITH MANAGED ACCESS COMMENT = 'c'")
    let row = try #require(try account.rows("SHOW SCHEMAS LIKE 'S' IN ACCOUNT").first)
    #expect(row["options"] == "MANAGED ACCESS")
    #expect(row["database_name"] == "my db")
    #expect(row["retention_time"] == "0")
    let database = try #require(try account.rows("SHOW DATABASES LIKE 'my%'").first)
    #expect(database["options"] == "TRANSIENT")
    #expect(database["is_current"] == "Y")
    #expect(try account.run("SELECT CURRENT_DATABASE(), CURRENT_SCHEMA()").rows == [["my db", "S"]])
  }

  @Test func droppingADatabaseDropsWhatIsInIt() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE DATABASE D
      CREATE SCHEMA S
      CREATE STAGE ST
      CREATE DATABASE ROLE D.R
      CREATE ROLE A
      GRANT DATABASE ROLE D.R TO ROLE A
      GRANT USAGE ON SCHEMA D.S TO ROLE A
      DROP DATABASE D
      """)
    #expect(try account.rows("SHOW STAGES IN ACCOUNT").isEmpty)
    #expect(try account.rows("SHOW GRANTS TO ROLE A").isEmpty)
    #expect(account.session.current.database == nil)
    try account.run("CREATE DATABASE D")
    #expect(try account.rows("SHOW DATABASE ROLES IN DATABASE D").isEmpty)
    #expect(try account.column("name", "SHOW SCHEMAS IN DATABASE D") == ["INFORMATION_SCHEMA", "PUBLIC"])
  }

  @Test func renamingADatabaseTakesItsContentsAlong() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE DATABASE D
      CREATE STAGE D.PUBLIC.ST DIRECTORY = (ENABLE = TRUE)
      CREATE ROLE R
      GRANT USAGE ON SCHEMA D.PUBLIC TO ROLE R
      GRANT READ ON FUTURE STAGES IN SCHEMA D.PUBLIC TO ROLE R
      ALTER DATABASE D RENAME TO E
      """)
    #expect(try account.column("database_name", "SHOW STAGES IN ACCOUNT") == ["E"])
    #expect(try account.column("name", "SHOW GRANTS TO ROLE R") == ["E.PUBLIC"])
    #expect(try account.column("name", "SHOW FUTURE GRANTS TO ROLE R") == ["E.PUBLIC.<STAGE>"])
    #expect(account.session.current.database == "E")
    #expect(account.failure("DROP STAGE D.PUBLIC.ST")?.code == "002003")
  }

  @Test func namesNeedADatabaseAndASchema() throws {
    let account = try TestAccount()
    #expect(account.failure("CREATE STAGE S")?.code == "090105")
    #expect(account.failure("CREATE STAGE NOPE.X.S")?.code == "002003")
    try account.run("CREATE DATABASE D")
    try account.run("DROP SCHEMA PUBLIC")
    #expect(account.failure("CREATE STAGE S")?.code == "090106")
    #expect(account.failure("CREATE STAGE D.X.S")?.code == "002003")
    #expect(account.failure("CREATE STAGE IDENTIFIER('D.INFORMATION_SCHEMA.S')")?.code == "003001")
  }

  @Test func recordsAreStoredAndDescribedByProperty() throws {
    let account = try TestAccount()
    try account.run("CREATE DATABASE D")
    try account.run(
      "CREATE STAGE ST DIRECTORY = (ENABLE = TRUE) FILE_FORMAT = (TYPE = 'json' FIELD_DELIMITER = '\\t')")
    let rows = try account.run("DESC STAGE ST").rows
    #expect(rows.contains(["DIRECTORY", "ENABLE", "Boolean", "true", ""]))
    #expect(rows.contains(["STAGE_FILE_FORMAT", "TYPE", "String", "JSON", "CSV"]))
    #expect(rows.contains(["STAGE_FILE_FORMAT", "FIELD_DELIMITER", "String", "\\t", ","]))
    #expect(try account.column("directory_enabled", "SHOW STAGES") == ["Y"])
    #expect(account.failure("ALTER STAGE ST SET DIRECTORY = (NOPE = TRUE)")?.code == "001420")
    try account.run("ALTER STAGE ST SET FILE_FORMAT = (FORMAT_NAME = D.PUBLIC.F)")
    #expect(try account.run("DESC STAGE ST").rows.contains { $0[1] == "FORMAT_NAME" && $0[3] == "D.PUBLIC.F" })
  }

  @Test func bodiesAreKeptAsWritten() throws {
    let account = try TestAccount()
    try account.run("CREATE DATABASE D")
    try account.run("CREATE PIPE P AUTO_INGEST = TRUE AS copy into  T\n from @S  -- all\n ;")
    #expect(try account.column("definition", "SHOW PIPES") == ["copy into  T\n from @S"])
    #expect(account.failure("CREATE PIPE Q AUTO_INGEST = TRUE")?.message.contains("Missing option(s): [AS]") == true)
  }

  @Test func listsAreChangedByElement() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE NETWORK POLICY P ALLOWED_IP_LIST = ('10.0.0.0/8', '1.2.3.4') BLOCKED_IP_LIST = ()
      ALTER NETWORK POLICY P ADD ALLOWED_IP_LIST = ('5.6.7.8')
      ALTER NETWORK POLICY P REMOVE ALLOWED_IP_LIST = ('1.2.3.4')
      """)
    #expect(try account.run("DESC NETWORK POLICY P").rows == [["ALLOWED_IP_LIST", "10.0.0.0/8,5.6.7.8"]])
    #expect(try account.column("entries_in_allowed_ip_list", "SHOW NETWORK POLICIES") == ["2"])
  }

  @Test func typesWithoutEmulationAreListedWithTheUsualColumns() throws {
    let account = try TestAccount()
    try account.run("CREATE RESOURCE MONITOR M COMMENT = 'x' CREDIT_QUOTA = 5")
    #expect(try account.column("comment", "SHOW RESOURCE MONITORS") == ["x"])
    #expect(account.failure("DESCRIBE RESOURCE MONITOR M")?.code == "000002")
  }

  @Test func tablesAndViewsShareNames() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE DATABASE D
      CREATE TABLE T (ID NUMBER(38,0) NOT NULL COMMENT 'key', "n" VARCHAR(10) DEFAULT 'x', PRIMARY KEY (ID))
      CREATE SECURE VIEW V COMMENT = 'v' AS SELECT 1 AS ONE FROM T
      """)
    #expect(account.failure("CREATE VIEW T AS SELECT 1")?.code == "002002")
    let columns = try account.rows("DESCRIBE TABLE T")
    #expect(columns.map { $0["name"] } == ["ID", "n"])
    #expect(columns.map { $0["null?"] } == ["N", "Y"])
    #expect(columns[0]["type"] == "NUMBER(38,0)")
    #expect(try account.column("text", "SHOW VIEWS") == ["CREATE VIEW V AS SELECT 1 AS ONE FROM T"])
    #expect(try account.column("is_secure", "SHOW VIEWS") == ["true"])
    #expect(try account.column("name", "SHOW TERSE OBJECTS") == ["T", "V"])
    #expect(try account.rows("SHOW SEQUENCES IN SCHEMA D.PUBLIC").isEmpty)
  }
}
