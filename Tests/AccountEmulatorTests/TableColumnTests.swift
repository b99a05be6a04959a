import Testing

@testable import AccountEmulator

/// What is known of the columns of tables, views and queries without any table data.
@Suite struct TableColumnTests {
  private func account() throws -> TestAccount {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE DATABASE D
      CREATE SCHEMA D.S
      CREATE TABLE D.S.T (ID INT AUTOINCREMENT PRIMARY KEY, N VARCHAR(20) COMMENT 'c', X NUMBER(9,2) NOT NULL, V VARIANT)
      CREATE TABLE D.S.U (A INT REFERENCES D.S.T (ID), B INT IDENTITY (10, -5) ORDER)
      """)
    return account
  }

  private func describe(_ sql: String, _ account: TestAccount) throws -> StatementResult {
    try account.engine.execute(
      sql, bindings: [:], describeOnly: true, queryID: "03", parameters: [:], in: account.session)
  }

  @Test func describingAQueryTellsTheColumnsOfTables() throws {
    let account = try account()
    let all = try describe("SELECT * FROM D.S.T", account)
    #expect(all.rows.isEmpty)
    #expect(all.columns.map(\.name) == ["ID", "N", "X", "V"])
    #expect(all.columns.map(\.type) == [.fixed, .text, .fixed, .variant])
    #expect(all.columns.map(\.nullable) == [false, true, false, true])
    #expect(all.columns[1].length == 20 && all.columns[2].precision == 9 && all.columns[2].scale == 2)
    let some = try describe("SELECT COUNT(*), MAX(X) AS M, N || 'x' FROM D.S.T WHERE ID > 1 GROUP BY N", account)
    #expect(some.columns.map(\.type) == [.fixed, .fixed, .text])
    #expect(some.columns[1].scale == 2)
    #expect(throws: StatementFailure.self) { try describe("SELECT NOPE FROM D.S.T", account) }
    // Asked for its rows, it is refused as before.
    #expect(account.failure("SELECT * FROM D.S.T")?.code == "000002")
  }

  /// What no row can reach has a true answer without any data.
  @Test func queriesThatTakeNoRowAreAnswered() throws {
    let account = try account()
    let none = try account.run("SELECT * FROM (SELECT ID, N FROM D.S.T) AS q WHERE FALSE LIMIT 0")
    #expect(none.columns.map(\.name) == ["ID", "N"] && none.rows.isEmpty)
    #expect(try account.run("SELECT COUNT(*), MAX(ID) FROM D.S.T WHERE 1 = 0 AND N = 'x'").rows == [["0", nil]])
    #expect(try account.run("SELECT * FROM D.S.T LIMIT 0").columns.count == 4)
    #expect(account.failure("SELECT (SELECT COUNT(*) FROM D.S.T) FROM (SELECT 1 AS a WHERE FALSE)")?.code == "000002")
    #expect(account.failure("SELECT COUNT(*) FROM D.S.T WHERE FALSE OR N = 'x'")?.code == "000002")
    #expect(account.failure("SELECT COUNT(*) FROM D.S.T WHERE N IN (SELECT N FROM D.S.T LIMIT 0)")?.code == "000002")
  }

  @Test func describingNeedsSelect() throws {
    let account = try account()
    try account.runAll(
      """
      CREATE ROLE R
      CREATE USER OTHER PASSWORD = 'pw'
      GRANT ROLE R TO USER OTHER
      GRANT USAGE ON DATABASE D TO ROLE R
      GRANT USAGE ON SCHEMA D.S TO ROLE R
      GRANT INSERT ON TABLE D.S.T TO ROLE R
      """)
    let other = try account.login("OTHER", "R")
    #expect(account.failure("SELECT * FROM D.S.T", in: other)?.code == "003001")
    // A name without a type is that of a table or view.
    try account.run("GRANT SELECT ON D.S.T TO R")
    #expect(account.failure("SELECT * FROM D.S.T", in: other)?.code == "000002")
    try account.runAll("CREATE VIEW D.S.W AS SELECT 1 AS A\nGRANT SELECT ON D.S.W TO ROLE R")
    #expect(try account.column("granted_on", "SHOW GRANTS ON VIEW D.S.W") == ["VIEW", "VIEW"])
    #expect(account.failure("GRANT SELECT ON D.S.NOPE TO R")?.code == "002003")
  }

  @Test func tablesOfQueriesHaveTheirColumns() throws {
    let account = try account()
    try account.run("CREATE VIEW D.S.V1 AS SELECT ID, N AS NAME, 'x' AS L, 1.50 AS M, X::VARCHAR(5) AS C FROM D.S.T")
    try account.run(
      "CREATE TRANSIENT TABLE D.S.C AS (WITH q AS (SELECT * FROM D.S.V1) SELECT *, NULL::DATE AS E FROM q)")
    let rows = try account.rows("DESC TABLE D.S.C")
    #expect(rows.map { $0["name"] ?? nil } == ["ID", "NAME", "L", "M", "C", "E"])
    #expect(
      rows.map { $0["type"] ?? nil } == [
        "NUMBER(38,0)", "VARCHAR(20)", "VARCHAR(1)", "NUMBER(3,2)", "VARCHAR(5)", "DATE",
      ])
    #expect(try account.column("name", "DESC VIEW D.S.V1") == ["ID", "NAME", "L", "M", "C"])
    try account.run("CREATE TABLE D.S.C2 (A, B COMMENT 'b') AS SELECT 1, 'two'")
    #expect(try account.column("type", "DESC TABLE D.S.C2 TYPE = COLUMNS") == ["NUMBER(1,0)", "VARCHAR(3)"])
    #expect(account.failure("CREATE TABLE D.S.C3 (A) AS SELECT 1, 2")?.code == "002057")
    #expect(
      account.failure("CREATE VIEW D.S.C3 (A, B, C) AS SELECT 1, 2")
        == StatementFailure(
          code: "002057", sqlState: "42601",
          message: "SQL compilation error:\nView definition for 'D.S.C3' declared 3 column(s), but view query produces "
            + "2 column(s)."))
    #expect(account.failure("CREATE TABLE D.S.C3 AS SELECT 1 AS A, 2 AS A")?.code == "002025")
    #expect(account.failure("CREATE TABLE D.S.C3 AS SELECT * FROM D.S.NOPE")?.code == "002003")
    #expect(account.failure("DESC TABLE D.S.C TYPE = STAGE")?.code == "000002")
    #expect(try account.column("name", "SHOW TABLES IN SCHEMA D.S") == ["C", "C2", "T", "U"])
  }

  @Test func aViewOfWhatIsNotAnsweredHasNoKnownColumns() throws {
    let account = try account()
    try account.run("CREATE VIEW D.S.V2 AS SELECT * FROM D.S.T PIVOT (MAX(X) FOR N IN ('a'))")
    #expect(try account.run("DESC VIEW D.S.V2").rows.isEmpty)
    #expect(throws: StatementFailure.self) { try describe("SELECT * FROM D.S.V2", account) }
  }

  @Test func identityColumnsAreTold() throws {
    let account = try account()
    let rows = try account.rows(
      """
      SELECT column_name, is_identity, identity_start, identity_increment, identity_generation, identity_cycle,
        identity_ordered FROM D.INFORMATION_SCHEMA.COLUMNS WHERE is_identity = 'YES' ORDER BY 1
      """)
    #expect(rows.map { $0["COLUMN_NAME"] ?? nil } == ["B", "ID"])
    #expect(rows.map { $0["IDENTITY_START"] ?? nil } == ["10", "1"])
    #expect(rows.map { $0["IDENTITY_INCREMENT"] ?? nil } == ["-5", "1"])
    #expect(rows.map { $0["IDENTITY_ORDERED"] ?? nil } == ["YES", "NO"])
    let shown = try account.column("autoincrement", "SHOW COLUMNS IN TABLE D.S.U")
    #expect(shown == ["", "IDENTITY START 10 INCREMENT -5 ORDER"])
    let ddl = try account.run("SELECT GET_DDL('TABLE', 'D.S.U')").rows[0][0] ?? ""
    #expect(ddl.contains("B NUMBER(38,0) autoincrement start 10 increment -5 order"))
  }

  @Test func informationSchemaHasTheDocumentedColumnsInTheirOrder() throws {
    let account = try account()
    let columns = try account.run("SELECT * FROM D.INFORMATION_SCHEMA.COLUMNS WHERE table_name = 'T'")
    #expect(columns.columns.count == 47)
    #expect(
      columns.columns.map(\.name).prefix(5) == [
        "TABLE_CATALOG", "TABLE_SCHEMA", "TABLE_NAME", "COLUMN_NAME", "ORDINAL_POSITION",
      ])
    let rows = try account.rows(
      "SELECT * FROM D.INFORMATION_SCHEMA.COLUMNS WHERE table_name = 'T' ORDER BY ordinal_position")
    #expect(rows.map { $0["CHARACTER_OCTET_LENGTH"] ?? nil } == [nil, "80", nil, nil])
    #expect(rows.map { $0["NUMERIC_PRECISION_RADIX"] ?? nil } == ["10", nil, "10", nil])
    #expect(rows.map { $0["DATA_TYPE_ALIAS"] ?? nil } == ["INT", "VARCHAR", "NUMBER", "VARIANT"])
    try account.runAll("CREATE TEMPORARY TABLE D.S.TMP (A INT)\nALTER TABLE D.S.T SET DATA_RETENTION_TIME_IN_DAYS = 0")
    let tables = try account.rows(
      "SELECT * FROM D.INFORMATION_SCHEMA.TABLES WHERE table_schema = 'S' ORDER BY table_name")
    #expect(tables.map { $0["TABLE_TYPE"] ?? nil } == ["BASE TABLE", "TEMPORARY TABLE", "BASE TABLE"])
    #expect(tables.map { $0["RETENTION_TIME"] ?? nil } == ["0", "1", "1"])
    #expect(tables.map { $0["IS_HYBRID"] ?? nil } == ["NO", "NO", "NO"])
    #expect(tables.allSatisfy { $0["LAST_DDL"] == $0["CREATED"] ?? nil })
    for view in ["VIEWS", "SCHEMATA", "DATABASES", "SEQUENCES", "OBJECT_PRIVILEGES"] {
      let result = try account.run("SELECT * FROM D.INFORMATION_SCHEMA.\(view)")
      #expect(Set(result.columns.map(\.name)).count == result.columns.count, "\(view)")
      #expect(result.rows.allSatisfy { $0.count == result.columns.count }, "\(view)")
    }
  }

  @Test func keysAreInInformationSchema() throws {
    let account = try account()
    let keys = try account.rows(
      "SELECT * FROM D.INFORMATION_SCHEMA.TABLE_CONSTRAINTS ORDER BY table_name, constraint_type")
    #expect(keys.map { $0["CONSTRAINT_TYPE"] ?? nil } == ["PRIMARY KEY", "FOREIGN KEY"])
    #expect(keys.map { $0["ENFORCED"] ?? nil } == ["NO", "NO"])
    let foreign = try account.rows("SELECT * FROM D.INFORMATION_SCHEMA.REFERENTIAL_CONSTRAINTS")
    #expect(foreign.count == 1)
    #expect(foreign[0]["UNIQUE_CONSTRAINT_NAME"] == keys[0]["CONSTRAINT_NAME"])
    #expect(foreign[0]["CONSTRAINT_NAME"] == keys[1]["CONSTRAINT_NAME"])
  }

  @Test func theSelectListsNamesStandForItsItems() throws {
    let account = try account()
    #expect(
      try account.run("SELECT 1 + a AS b, b * 2 AS c FROM (VALUES (1), (2)) v(a) WHERE b > 2").rows == [["3", "6"]])
    // A column goes before a name of the list.
    #expect(try account.run("SELECT 5 AS a FROM (VALUES (1), (2)) v(a) WHERE a = 1").rows == [["5"]])
    #expect(account.failure("SELECT b + 1 AS b FROM (VALUES (1)) v(a)")?.code == "000904")
  }

  @Test func objectsAreTablesWhateverTheirLife() throws {
    let account = try account()
    try account.runAll("CREATE TRANSIENT TABLE D.S.TT (A INT)\nCREATE VIEW D.S.W AS SELECT 1 AS A")
    #expect(try account.column("kind", "SHOW OBJECTS IN SCHEMA D.S") == ["TABLE", "TABLE", "TABLE", "VIEW"])
    #expect(try account.column("is_dynamic", "SHOW OBJECTS IN SCHEMA D.S") == ["N", "N", "N", "N"])
  }

  @Test func indexesAreOfHybridTablesOnly() throws {
    let account = try account()
    #expect(try account.run("SHOW INDEXES IN TABLE D.S.T").rows.isEmpty)
    #expect(try account.run("SHOW INDEXES IN SCHEMA D.S").columns.count == 10)
    #expect(account.failure("SHOW INDEXES IN TABLE D.S.NOPE")?.code == "002003")
  }

  /// A qualified column is that of the table so called, also beside one of the same name in what has no name.
  @Test func columnsOfNamelessTablesDoNotMakeQualifiedOnesAmbiguous() throws {
    let account = try account()
    try account.run("SHOW TERSE SCHEMAS IN DATABASE D")
    let rows = try account.run(
      """
      WITH t AS (SELECT 'S' AS "name", 1 AS n)
      SELECT t."name", t.n FROM TABLE(RESULT_SCAN(LAST_QUERY_ID())) r LEFT JOIN t ON r."name" = t."name" WHERE t.n = 1
      """
    ).rows
    #expect(rows == [["S", "1"]])
    try account.run("SHOW TERSE SCHEMAS IN DATABASE D")
    #expect(
      try account.run(
        """
        WITH t AS (SELECT 'S' AS "name", 'y' AS "schema_name") SELECT t."schema_name"
        FROM TABLE(RESULT_SCAN(LAST_QUERY_ID())) JOIN t ON "kind" IS NULL AND t."name" = 'S' LIMIT 1
        """
      ).rows == [["y"]])
  }
}
