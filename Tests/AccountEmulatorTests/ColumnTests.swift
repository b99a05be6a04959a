import Testing

@testable import AccountEmulator

@Suite struct ColumnTests {
  @Test(arguments: [
    ("INT", "NUMBER(38,0)"), ("decimal(10, 2)", "NUMBER(10,2)"), ("NUMERIC(5)", "NUMBER(5,0)"),
    ("STRING", "VARCHAR(16777216)"),
    ("VARCHAR(20)", "VARCHAR(20)"), ("CHAR", "VARCHAR(1)"), ("DOUBLE PRECISION", "FLOAT"),
    ("TIMESTAMP", "TIMESTAMP_NTZ(9)"),
    ("TIMESTAMP_LTZ(3)", "TIMESTAMP_LTZ(3)"), ("VARBINARY", "BINARY(8388608)"), ("VARIANT", "VARIANT"),
    ("VECTOR(FLOAT, 256)", "VECTOR(FLOAT, 256)"),
  ])
  func typesAreToldAsSnowflakeTellsThem(_ written: String, _ told: String) throws {
    let account = try TestAccount()
    try account.runAll("CREATE DATABASE D\nCREATE TABLE D.PUBLIC.T (A \(written))")
    #expect(try account.column("type", "DESC TABLE D.PUBLIC.T") == [told])
  }

  @Test func aTypeChangesItsSizeOnly() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE DATABASE D
      CREATE TABLE D.PUBLIC.T (A VARCHAR(10), N NUMBER(10,2))
      ALTER TABLE D.PUBLIC.T ALTER COLUMN A SET DATA TYPE VARCHAR(20), COLUMN N TYPE NUMBER(12,2)
      """)
    #expect(try account.column("type", "DESC TABLE D.PUBLIC.T") == ["VARCHAR(20)", "NUMBER(12,2)"])
    try account.run("ALTER TABLE D.PUBLIC.T ALTER A SET DATA TYPE VARCHAR(5)")
    #expect(account.failure("ALTER TABLE D.PUBLIC.T ALTER N SET DATA TYPE NUMBER(12,3)")?.code == "002108")
    #expect(account.failure("ALTER TABLE D.PUBLIC.T ALTER N SET DATA TYPE VARCHAR")?.code == "002108")
    #expect(account.failure("ALTER TABLE D.PUBLIC.T ADD COLUMN X NONSENSE")?.code == "002040")
    #expect(account.failure("CREATE TABLE D.PUBLIC.U (X NONSENSE)")?.code == "002040")
  }

  @Test func commentsOnColumnsAreKept() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE DATABASE D
      CREATE TABLE D.PUBLIC.T (A INT)
      COMMENT ON COLUMN D.PUBLIC.T.A IS 'the first'
      """)
    #expect(try account.column("comment", "DESC TABLE D.PUBLIC.T") == ["the first"])
    #expect(account.failure("COMMENT ON COLUMN D.PUBLIC.T.NOPE IS 'x'")?.code == "002003")
    let row = try #require(
      try account.rows("SELECT * FROM D.INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'T'").first)
    #expect(row["DATA_TYPE"] == "NUMBER")
    #expect(row["NUMERIC_PRECISION"] == "38")
  }
}

@Suite struct ShowColumnTests {
  @Test func columnsOfTablesAndViewsAreListed() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE DATABASE D
      CREATE TABLE D.PUBLIC.T (A INT NOT NULL, B VARCHAR(5) COMMENT 'b')
      CREATE TABLE D.PUBLIC.U (C DATE)
      """)
    let rows = try account.rows("SHOW COLUMNS IN TABLE D.PUBLIC.T")
    #expect(rows.map { $0["column_name"] } == ["A", "B"])
    #expect(rows[0]["data_type"] == #"{"type":"FIXED","precision":38,"scale":0,"nullable":false}"#)
    #expect(rows[0]["null?"] == "NOT_NULL")
    #expect(rows[1]["comment"] == "b")
    #expect(try account.column("column_name", "SHOW COLUMNS LIKE 'c' IN SCHEMA D.PUBLIC") == ["C"])
    #expect(try account.column("table_name", "SHOW COLUMNS IN ACCOUNT") == ["T", "T", "U"])
    #expect(try account.column("column_name", "SHOW COLUMNS IN D.PUBLIC.U") == ["C"])
    #expect(account.failure("SHOW COLUMNS IN TABLE D.PUBLIC.NOPE")?.code == "002003")
  }

  @Test func grantsAreLimited() throws {
    let account = try TestAccount()
    #expect(try account.rows("SHOW GRANTS TO ROLE ACCOUNTADMIN LIMIT 3").count == 3)
    #expect(try account.rows("SHOW GRANTS LIMIT 0").isEmpty)
  }

  @Test func snowflakesDatabaseHasItsRoles() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE ROLE R
      CREATE USER U PASSWORD = 'pw'
      GRANT ROLE R TO USER U
      GRANT DATABASE ROLE SNOWFLAKE.OBJECT_VIEWER TO ROLE R
      """)
    #expect(try account.column("name", "SHOW DATABASES", in: account.login("U", "R")) == ["SNOWFLAKE"])
  }
}
