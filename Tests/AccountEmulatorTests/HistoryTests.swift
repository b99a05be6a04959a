import Testing

@testable import AccountEmulator

@Suite struct HistoryTests {
  @Test func droppedObjectsStandInHistoryUntilTheyAreRestored() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE DATABASE D
      CREATE SCHEMA D.S
      CREATE TABLE D.S.T (A INT)
      CREATE OR REPLACE TABLE D.S.T (A INT, B INT)
      DROP TABLE D.S.T
      """)
    let rows = try account.rows("SHOW TABLES HISTORY IN SCHEMA D.S")
    #expect(rows.count == 2, "the replaced one and the dropped one")
    #expect(rows.allSatisfy { ($0["dropped_on"] ?? nil) != nil })
    #expect(try account.rows("SHOW TABLES IN SCHEMA D.S").isEmpty)
    try account.run("UNDROP TABLE D.S.T")
    #expect(try account.column("name", "DESC TABLE D.S.T") == ["A", "B"], "the latest comes back")
    #expect(account.failure("UNDROP TABLE D.S.T")?.code == "002002")
    try account.run("ALTER TABLE D.S.T RENAME TO D.S.NEW")
    try account.run("UNDROP TABLE D.S.T")
    #expect(try account.column("name", "DESC TABLE D.S.T") == ["A"])
    #expect(try account.rows("SHOW TABLES HISTORY IN SCHEMA D.S").count == 2)
  }

  @Test func databasesAndSchemasHaveAHistoryToo() throws {
    let account = try TestAccount()
    try account.runAll("CREATE DATABASE D\nCREATE SCHEMA D.S\nDROP SCHEMA D.S\nCREATE DATABASE E\nDROP DATABASE E")
    let schema = try account.rows("SHOW SCHEMAS HISTORY LIKE 'S' IN DATABASE D")
    #expect(schema.count == 1 && (schema[0]["dropped_on"] ?? nil) != nil)
    let columns = try account.run("SHOW DATABASES HISTORY LIKE 'E'").columns.map(\.name)
    #expect(columns.firstIndex(of: "dropped_on") == (columns.firstIndex(of: "retention_time") ?? 0) + 1)
    #expect(account.failure("SHOW WAREHOUSES HISTORY")?.code == "001003")
  }

  @Test func onlyTheOwnerSeesWhatWasDropped() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE DATABASE D
      CREATE TABLE D.PUBLIC.T (A INT)
      DROP TABLE D.PUBLIC.T
      CREATE ROLE R
      CREATE USER U PASSWORD = 'pw'
      GRANT ROLE R TO USER U
      GRANT USAGE ON DATABASE D TO ROLE R
      GRANT USAGE ON SCHEMA D.PUBLIC TO ROLE R
      """)
    #expect(try account.rows("SHOW TABLES HISTORY IN SCHEMA D.PUBLIC", in: account.login("U", "R")).isEmpty)
  }
}

@Suite struct TransactionTests {
  @Test func definitionsCommitAnOpenTransaction() throws {
    let account = try TestAccount()
    func current() throws -> String? { try account.run("SELECT CURRENT_TRANSACTION()").rows[0][0] }
    #expect(try current() == nil)
    try account.run("BEGIN TRANSACTION NAME t1")
    let id = try #require(try current())
    try account.run("BEGIN")
    #expect(try current() == id, "BEGIN within a transaction does nothing")
    #expect(try account.column("name", "SHOW TRANSACTIONS") == ["T1"])
    try account.run("CREATE ROLE R")
    #expect(try current() == nil)
    #expect(try account.run("SELECT LAST_TRANSACTION()").rows == [[id]])
    try account.run("ROLLBACK")
    #expect(try account.rows("SHOW ROLES LIKE 'R'").count == 1, "what a definition did stays")
  }

  @Test func questionsDoNotEndIt() throws {
    let account = try TestAccount()
    try account.run("START TRANSACTION")
    for sql in ["SHOW ROLES", "SELECT 1", "USE ROLE PUBLIC", "SET A = 1", "ALTER SESSION SET QUERY_TAG = 'x'"] {
      try account.run(sql)
      #expect(try account.run("SELECT CURRENT_TRANSACTION()").rows[0][0] != nil, "\(sql)")
    }
    try account.run("COMMIT WORK")
    #expect(try account.rows("SHOW TRANSACTIONS").isEmpty)
  }
}

/// ACCOUNT_USAGE keeps what was dropped and revoked, and the history of statements outlives the emulator.
@Suite struct PastTests {
  @Test func accountUsageKeepsWhatWasDropped() throws {
    let storage = try EmulatorStorage()
    let account = try TestAccount(storage: storage)
    try account.runAll(
      """
      CREATE ROLE R
      CREATE ROLE GONE
      CREATE USER U
      CREATE DATABASE D
      CREATE TABLE D.PUBLIC.T (A INT)
      CREATE TABLE D.PUBLIC.KEPT (A INT)
      GRANT SELECT ON TABLE D.PUBLIC.T TO ROLE R
      GRANT INSERT ON TABLE D.PUBLIC.KEPT TO ROLE R
      GRANT USAGE ON DATABASE D TO ROLE GONE
      GRANT ROLE GONE TO USER U
      GRANT ROLE GONE TO ROLE R
      DROP TABLE D.PUBLIC.T
      REVOKE INSERT ON TABLE D.PUBLIC.KEPT FROM ROLE R
      DROP ROLE GONE
      """)
    let usage = "SNOWFLAKE.ACCOUNT_USAGE"
    let questions = [
      ("SELECT table_name FROM \(usage).TABLES WHERE deleted IS NOT NULL", [["T"]]),
      ("SELECT table_name FROM \(usage).TABLES WHERE deleted IS NULL", [["KEPT"]]),
      ("SELECT name FROM \(usage).ROLES WHERE deleted_on IS NOT NULL", [["GONE"]]),
      (
        "SELECT privilege, name, grantee_name FROM \(usage).GRANTS_TO_ROLES WHERE deleted_on IS NOT NULL ORDER BY 1, 2",
        [["INSERT", "KEPT", "R"], ["SELECT", "T", "R"], ["USAGE", "D", "GONE"], ["USAGE", "GONE", "R"]]
      ),
      ("SELECT role, grantee_name FROM \(usage).GRANTS_TO_USERS WHERE deleted_on IS NOT NULL", [["GONE", "U"]]),
      ("SELECT COUNT(*) FROM D.INFORMATION_SCHEMA.TABLES WHERE table_name = 'T'", [["0"]]),
    ]
    for (sql, rows) in questions { #expect(try account.run(sql).rows == rows, "\(sql)") }
    let again = try TestAccount(storage: storage)
    for (sql, rows) in questions { #expect(try again.run(sql).rows == rows, "after a restart: \(sql)") }
    // What is restored is there again.
    try account.run("UNDROP TABLE D.PUBLIC.T")
    #expect(try account.run("SELECT COUNT(*) FROM \(usage).TABLES WHERE deleted IS NOT NULL").rows == [["0"]])
    // A lag keeps it from being known.
    account.engine.accountUsageLag = 3_600_000
    #expect(try account.run("SELECT COUNT(*) FROM \(usage).ROLES WHERE deleted_on IS NOT NULL").rows == [["0"]])
  }

  @Test func theHistoryOfStatementsOutlivesTheEmulator() throws {
    let storage = try EmulatorStorage()
    let account = try TestAccount(storage: storage)
    try account.run("CREATE DATABASE D")
    try account.run("ALTER USER SNOWMAKER SET PASSWORD = 'very secret'")
    #expect(account.failure("DROP DATABASE NOPE") != nil)
    try account.run("SHOW DATABASES")
    account.engine.close(account.session)
    let again = try TestAccount(storage: storage)
    let rows = try again.run(
      "SELECT query_text, execution_status FROM TABLE(D.INFORMATION_SCHEMA.QUERY_HISTORY()) ORDER BY start_time"
    ).rows
    #expect(rows.map { $0[0] }.contains("DROP DATABASE NOPE"))
    #expect(rows.first { $0[0] == "DROP DATABASE NOPE" }?[1] == "FAILED_WITH_ERROR")
    #expect(rows.map { $0[0] }.contains("SHOW DATABASES"))
    #expect(!rows.contains { $0[0]?.contains("very secret") == true })
    let mine = try again.run("SELECT query_text FROM TABLE(D.INFORMATION_SCHEMA.QUERY_HISTORY_BY_SESSION())").rows
    #expect(!mine.map { $0[0] }.contains("SHOW DATABASES"), "sessions after a restart have numbers of their own")
  }
}

/// What a real account answers otherwise than a first guess: found with the connector, by hand.
@Suite struct DetailTests {
  @Test func aWarehouseIsNotSuspendedOrResumedTwice() throws {
    let account = try TestAccount()
    try account.run("CREATE WAREHOUSE W INITIALLY_SUSPENDED = TRUE")
    let twice = account.failure("ALTER WAREHOUSE W SUSPEND")
    #expect(twice?.code == "090064")
    #expect(twice?.message == "Invalid state. Warehouse 'W' cannot be suspended.")
    try account.run("ALTER WAREHOUSE W RESUME")
    #expect(account.failure("ALTER WAREHOUSE W RESUME")?.code == "090063")
    try account.run("ALTER WAREHOUSE W RESUME IF SUSPENDED")
    #expect(try account.run("DESC WAREHOUSE W").rows.map { Array($0.dropFirst()) } == [["W", "WAREHOUSE"]])
  }

  @Test func variablesKeepTheirTypes() throws {
    let account = try TestAccount()
    try account.run("SET (A, B) = (1 + 1, 'x')")
    #expect(try account.run("SELECT $A, $B").columns.map(\.type) == [.fixed, .text])
    #expect(try account.column("type", "SHOW VARIABLES") == ["fixed", "text"])
  }

  @Test func whatIsNotPlayedIsNoSyntaxError() throws {
    let account = try TestAccount()
    for sql in ["SHOW LOCKS", "SHOW BUILTIN FUNCTIONS", "SHOW REPLICATION ACCOUNTS"] {
      #expect(account.failure(sql)?.code == "000002", "\(sql)")
    }
    #expect(account.failure("SHOW NONSENSE")?.code == "001003")
  }

  @Test func theHistoryHasTimes() throws {
    let account = try TestAccount()
    try account.run("CREATE ROLE R")
    for source in ["SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY", "TABLE(SNOWFLAKE.INFORMATION_SCHEMA.QUERY_HISTORY())"] {
      let result = try account.run(
        "SELECT start_time, total_elapsed_time FROM \(source) WHERE query_text = 'CREATE ROLE R' "
          + "AND start_time > DATEADD(HOUR, -1, CURRENT_TIMESTAMP())")
      #expect(result.columns.map(\.type) == [.timestamp_ltz, .fixed])
      #expect(result.rows.count == 1, "\(source)")
    }
  }
}
