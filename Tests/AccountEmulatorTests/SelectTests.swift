import Testing

@testable import AccountEmulator

@Suite struct SelectTests {
  private func account() throws -> TestAccount {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE DATABASE D
      CREATE SCHEMA D.S
      CREATE TABLE D.S.T1 (A INT, B VARCHAR)
      CREATE TABLE D.S.T2 (A INT)
      CREATE TABLE D.PUBLIC.T3 (A INT)
      """)
    return account
  }

  private func expect(_ sql: String, _ rows: [[String?]], _ account: TestAccount) throws {
    #expect(try account.run(sql).rows == rows, "\(sql)")
  }

  @Test func groupsJoinsAndOrders() throws {
    let account = try account()
    let tables = "D.INFORMATION_SCHEMA.TABLES"
    try expect(
      """
      SELECT table_schema, COUNT(*) AS n, MIN(table_name), LISTAGG(table_name, '+') WITHIN GROUP (ORDER BY table_name DESC)
      FROM \(tables) WHERE table_schema <> 'INFORMATION_SCHEMA' GROUP BY table_schema ORDER BY n DESC
      """, [["S", "2", "T1", "T2+T1"], ["PUBLIC", "1", "T3", "T3"]], account)
    try expect(
      """
      SELECT t.table_name, COUNT(c.column_name) FROM \(tables) t
      LEFT JOIN D.INFORMATION_SCHEMA.COLUMNS AS c ON t.table_name = c.table_name AND c.column_name = 'B'
      GROUP BY 1 HAVING COUNT(*) >= 1 ORDER BY t.table_name
      """, [["T1", "1"], ["T2", "0"], ["T3", "0"]], account)
    try expect(
      "SELECT x.a, y.b FROM (VALUES (1), (2), (3)) x(a) FULL JOIN (VALUES (2, 'two'), (4, 'four')) y(a, b) ON x.a = y.a "
        + "ORDER BY x.a NULLS FIRST", [[nil, "four"], ["1", nil], ["2", "two"], ["3", nil]], account)
    try expect(
      "SELECT * FROM (VALUES (1, 'a')) x(k, v) JOIN (VALUES (1, 'b')) y(k, w) USING (k)", [["1", "a", "b"]], account)
    try expect("SELECT COUNT(*) FROM (VALUES (1), (2)) a, (VALUES (1), (2), (3)) b", [["6"]], account)
  }

  @Test func setsAndNamedQueries() throws {
    let account = try account()
    try expect("SELECT 1 UNION SELECT 1 UNION ALL SELECT 2 ORDER BY 1 DESC", [["2"], ["1"]], account)
    try expect("SELECT 1 INTERSECT SELECT 2", [], account)
    try expect("SELECT * FROM (VALUES (1), (2)) EXCEPT SELECT 2", [["1"]], account)
    try expect(
      "WITH a AS (SELECT 1 AS x UNION ALL SELECT 2), b(y) AS (SELECT x + 1 FROM a) SELECT SUM(y), AVG(y) FROM b",
      [["5", "2.500000"]], account)
    #expect(account.failure("SELECT 1 UNION SELECT 1, 2")?.code == "001789")
  }

  @Test func queriesWithinQueries() throws {
    let account = try account()
    let tables = "D.INFORMATION_SCHEMA.TABLES"
    try expect(
      "SELECT table_name FROM \(tables) t WHERE EXISTS (SELECT 1 FROM D.INFORMATION_SCHEMA.COLUMNS c WHERE "
        + "c.table_name = t.table_name AND c.column_name = 'B')", [["T1"]], account)
    try expect(
      "SELECT 2 IN (SELECT * FROM (VALUES (1), (2))), (SELECT MAX(a) FROM (VALUES (3)) v(a))", [["1", "3"]], account)
    #expect(account.failure("SELECT (SELECT * FROM (VALUES (1), (2)))")?.code == "090150")
  }

  @Test func expressionsComeOutRight() throws {
    let account = try account()
    try expect("SELECT 7 / 2, 6 / 2, 7 % 4, 2 + 3 * 4, -(3)", [["3.500000", "3.000000", "3", "14", "-3"]], account)
    try expect("SELECT CASE WHEN 1 = 2 THEN 'a' ELSE 'b' END, CASE 3 WHEN 3 THEN 'c' END", [["b", "c"]], account)
    try expect(
      "SELECT IFF(TRUE, 1, 2), NULLIF(1, 1), NVL(NULL, 'x'), DECODE(2, 1, 'a', 2, 'b')", [["1", nil, "x", "b"]], account
    )
    try expect(
      "SELECT SPLIT_PART('a.b.c', '.', -1), REPLACE('aXb', 'X', '-'), SUBSTR('hello', 2, 3)", [["c", "a-b", "ell"]],
      account)
    try expect(
      "SELECT DATEDIFF(day, '2026-01-31', DATEADD(month, 1, '2026-01-31')), '2026-02-28'::date < '2026-03-01'::date",
      [["28", "1"]], account)
    try expect("SELECT NULL AND FALSE, NULL OR TRUE, NOT NULL, 1 IN (2, NULL)", [["0", "1", nil, nil]], account)
    #expect(account.failure("SELECT 1 / 0")?.code == "100051")
    #expect(account.failure("SELECT 'x' + 1")?.code == "100038")
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let account = try account()
    let tables = "D.INFORMATION_SCHEMA.TABLES"
    #expect(account.failure("SELECT table_name, COUNT(*) FROM \(tables)")?.code == "000979")
    #expect(account.failure("SELECT table_name FROM \(tables) WHERE COUNT(*) > 1")?.code == "002035")
    #expect(account.failure("SELECT table_name FROM \(tables) a, \(tables) b")?.code == "002028")
    #expect(account.failure("SELECT nope FROM \(tables)")?.code == "000904")
    #expect(account.failure("SELECT x.* FROM \(tables) t")?.code == "000904")
    #expect(account.failure("SELECT LAG(1) IGNORE NULLS OVER (ORDER BY 1) FROM \(tables)")?.code == "000002")
    #expect(account.failure("SELECT * FROM D.S.T1")?.code == "000002", "there is no table data")
  }

  @Test func resultsOfShowCanBeGrouped() throws {
    let account = try account()
    try account.run("SHOW TABLES IN ACCOUNT")
    try expect(
      #"SELECT "schema_name", COUNT(*) FROM TABLE(RESULT_SCAN(LAST_QUERY_ID())) GROUP BY ALL ORDER BY 2"#,
      [["PUBLIC", "1"], ["S", "2"]], account)
    try expect(#"SHOW TABLES IN ACCOUNT ->> SELECT COUNT(DISTINCT "schema_name") AS n FROM $1"#, [["2"]], account)
  }
}
