import SnowmakerModel
import Testing

@testable import AccountEmulator

@Suite struct ConstraintTests {
  private func account() throws -> TestAccount {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE DATABASE D
      CREATE TABLE P (ID INT, "code" INT UNIQUE, X INT, CONSTRAINT PK PRIMARY KEY (ID, X) RELY COMMENT 'c')
      CREATE TABLE C (ID INT PRIMARY KEY, A INT, B INT, FOREIGN KEY (A, B) REFERENCES P ON DELETE CASCADE)
      """)
    return account
  }

  @Test func keysAreListedByColumn() throws {
    let account = try account()
    let keys = try account.rows("SHOW PRIMARY KEYS IN TABLE P")
    #expect(keys.map { $0["column_name"] } == ["ID", "X"])
    #expect(keys.map { $0["key_sequence"] } == ["1", "2"])
    #expect(keys.map { $0["constraint_name"] } == ["PK", "PK"])
    #expect(keys.map { $0["rely"] } == ["true", "true"] && keys[0]["comment"] == "c")
    #expect(try account.column("table_name", "SHOW PRIMARY KEYS IN DATABASE D") == ["C", "P", "P"])
    #expect(try account.column("table_name", "SHOW PRIMARY KEYS IN C") == ["C"])
    #expect(try account.column("column_name", "SHOW UNIQUE KEYS IN SCHEMA D.PUBLIC") == ["code"])
    let generated = try account.column("constraint_name", "SHOW UNIQUE KEYS IN ACCOUNT")[0]
    // A UUID follows, which the calibration's report leaves out.
    #expect(generated?.hasPrefix("SYS_CONSTRAINT_") == true && generated?.split(separator: "-").count == 5)
    let described = try account.rows("DESC TABLE P")
    #expect(described.map { $0["primary key"] } == ["Y", "N", "Y"])
    #expect(described.map { $0["unique key"] } == ["N", "Y", "N"])
    #expect(described.map { $0["null?"] } == ["N", "Y", "N"], "a primary key's columns are not null")
  }

  @Test func foreignKeysFollowTheirTables() throws {
    let account = try account()
    let names = [
      "pk_database_name", "pk_table_name", "pk_column_name", "fk_table_name", "fk_column_name", "delete_rule",
      "pk_name",
    ]
    func shown(_ scope: String = "ACCOUNT") throws -> [[String?]] {
      try account.rows("SHOW IMPORTED KEYS IN \(scope)").map { row in names.map { row[$0] ?? nil } }
    }
    let expected = [["D", "P", "ID", "C", "A", "CASCADE", "PK"], ["D", "P", "X", "C", "B", "CASCADE", "PK"]]
    #expect(try shown() == expected)
    try account.run("ALTER TABLE P RENAME TO Q")
    #expect(try shown().map { $0[1] } == ["Q", "Q"])
    try account.run("ALTER TABLE Q RENAME COLUMN ID TO NR")
    #expect(try shown().map { $0[2] } == ["NR", "X"])
    try account.run("CREATE DATABASE E CLONE D")
    #expect(try shown("DATABASE E").map { $0[0] } == ["E", "E"], "within a clone the clone is meant")
    #expect(try shown("DATABASE D").map { $0[0] } == ["D", "D"])
    try account.run("DROP DATABASE E")
    try account.run("USE SCHEMA D.PUBLIC")
    #expect(account.failure("ALTER TABLE Q DROP PRIMARY KEY RESTRICT")?.code == "003018")
    try account.run("DROP TABLE Q")
    try account.run("CREATE TABLE Q (NR INT, X INT, PRIMARY KEY (NR, X))")
    #expect(try shown().isEmpty, "another key of the same name is not the one that was meant")
  }

  @Test func constraintsAreAddedRenamedAndDropped() throws {
    let account = try account()
    try account.runAll(
      """
      CREATE TABLE T (A INT, B INT, CONSTRAINT CH CHECK (A > 0))
      ALTER TABLE T ADD CONSTRAINT U UNIQUE (B)
      ALTER TABLE T ADD PRIMARY KEY (A)
      ALTER TABLE T ADD COLUMN F INT CONSTRAINT FK REFERENCES C (ID)
      ALTER TABLE T RENAME CONSTRAINT U TO V
      """)
    #expect(try account.column("constraint_name", "SHOW UNIQUE KEYS IN TABLE T") == ["V"])
    #expect(try account.column("fk_name", "SHOW IMPORTED KEYS IN TABLE T") == ["FK"])
    #expect(account.failure("ALTER TABLE T ADD PRIMARY KEY (B)")?.code == "002002")
    #expect(account.failure("ALTER TABLE T ADD UNIQUE (NOPE)")?.code == "000904")
    #expect(account.failure("ALTER TABLE T DROP CONSTRAINT NOPE")?.code == "002003")
    #expect(account.failure("ALTER TABLE T ADD FOREIGN KEY (A) REFERENCES P (X)") != nil, "no key over X alone")
    #expect(account.failure("ALTER TABLE T ADD FOREIGN KEY (A) REFERENCES NOPE (X)")?.code == "002003")
    try account.runAll(
      """
      ALTER TABLE T DROP PRIMARY KEY
      ALTER TABLE T DROP UNIQUE (B)
      ALTER TABLE T DROP COLUMN F
      """)
    #expect(try account.rows("SHOW PRIMARY KEYS IN TABLE T").isEmpty)
    #expect(try account.rows("SHOW UNIQUE KEYS IN TABLE T").isEmpty)
    #expect(try account.rows("SHOW IMPORTED KEYS IN TABLE T").isEmpty)
  }

  @Test func createOrAlterKeepsWhatIsSaidAgain() throws {
    let account = try account()
    let before = try account.column("constraint_name", "SHOW UNIQUE KEYS IN TABLE P")
    try account.run("CREATE OR ALTER TABLE P (ID INT, \"code\" INT UNIQUE, X INT, CONSTRAINT PK PRIMARY KEY (ID, X))")
    #expect(try account.column("constraint_name", "SHOW UNIQUE KEYS IN TABLE P") == before)
    #expect(try account.rows("SHOW IMPORTED KEYS IN TABLE C").count == 2)
    try account.run("CREATE OR ALTER TABLE P (ID INT, \"code\" INT, X INT)")
    #expect(try account.rows("SHOW PRIMARY KEYS IN TABLE P").isEmpty)
    #expect(try account.rows("SHOW IMPORTED KEYS IN TABLE C").isEmpty)
  }

  @Test func tablesLikeOthersHaveColumnsAndKeys() throws {
    let account = try account()
    try account.run("CREATE TABLE L LIKE P COMMENT = 'x'")
    #expect(try account.rows("DESC TABLE L") == account.rows("DESC TABLE P"))
    #expect(try account.column("constraint_name", "SHOW PRIMARY KEYS IN TABLE L") == ["PK", "PK"])
    #expect(
      try account.column("constraint_name", "SHOW UNIQUE KEYS IN TABLE L")
        != account.column("constraint_name", "SHOW UNIQUE KEYS IN TABLE P"))
    #expect(try account.column("comment", "SHOW TABLES LIKE 'L'") == ["x"])
    #expect(account.failure("CREATE TABLE M LIKE NOPE")?.code == "002003")
  }

  @Test func definitionsTellKeys() throws {
    let account = try account()
    let text = try account.run("SELECT GET_DDL('TABLE', 'P')").rows[0][0] ?? ""
    #expect(text.contains("\tconstraint PK primary key (ID, X)"))
    #expect(text.contains("\tunique (\"code\")"))
    try account.run("DROP TABLE P")
    try account.run(text)
    #expect(try account.column("constraint_name", "SHOW PRIMARY KEYS IN TABLE P") == ["PK", "PK"])
  }

  @Test func aForeignKeyTakesReferences() throws {
    let account = try account()
    try account.runAll(
      """
      CREATE ROLE R
      GRANT ROLE R TO USER SNOWMAKER
      GRANT USAGE ON DATABASE D TO ROLE R
      GRANT USAGE, CREATE TABLE ON SCHEMA D.PUBLIC TO ROLE R
      GRANT SELECT ON TABLE D.PUBLIC.C TO ROLE R
      USE ROLE R
      """)
    #expect(account.failure("CREATE TABLE N (A INT REFERENCES C)")?.code == "003001")
    try account.runAll("USE ROLE ACCOUNTADMIN\nGRANT REFERENCES ON TABLE C TO ROLE R\nUSE ROLE R")
    try account.run("CREATE TABLE N (A INT REFERENCES C)")
  }

  @Test(arguments: ["FOREIGN", "PRIMARY", "FOREIGN \"x\" KEY (A)", "CONSTRAINT F FOREIGN", "CONSTRAINT K PRIMARY (A)"])
  func halfAKeyIsASyntaxError(_ key: String) throws {
    let account = try TestAccount()
    try account.run("CREATE DATABASE D")
    #expect(account.failure("CREATE TABLE D.PUBLIC.T (A INT \(key))")?.code == "001003")
    #expect(account.failure("CREATE TABLE D.PUBLIC.T (A INT, \(key))")?.code == "001003")
    #expect(account.failure("CREATE TABLE D.PUBLIC.T (A INT \(key)")?.code == "001003")
  }
}
