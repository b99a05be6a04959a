import SnowmakerModel
import Testing

@testable import AccountEmulator

/// What is nested, or put in a row, as deep as a statement of 64 MiB can have it: a syntax error, never the end of the
/// stack.
struct NestingTests {
  @Test(arguments: [
    "SELECT (", "SELECT * FROM (SELECT ", "SELECT NOT ", "SELECT CASE WHEN ", "SELECT 1 WHERE (SELECT ", "(",
    "SELECT -", "SELECT [", "SELECT {'a': ", "SELECT COALESCE(", "WITH A AS (SELECT ",
    "SELECT SUM(1) OVER (PARTITION BY ", "SELECT 1 IN (SELECT ", "SELECT EXISTS (SELECT ", "SELECT * FROM VALUES ((",
    "SELECT 1 QUALIFY (SELECT ",
  ])
  func whatIsNeverClosedIsASyntaxError(_ unit: String) throws {
    let account = try TestAccount()
    for count in [20, 70, 20_000] {
      let failure = account.failure(String(repeating: unit, count: count) + "1")
      #expect(failure?.code == "001003")
    }
  }

  /// A construct around another: what comes before and behind it.
  struct Construct: CustomTestStringConvertible {
    var before: String
    var behind: String
    /// How often it can be nested.
    var limit: Int

    init(_ before: String, _ behind: String, _ limit: Int = 0) {
      (self.before, self.behind, self.limit) = (before, behind, limit)
    }

    var testDescription: String { before + "…" + behind }
    func nested(_ count: Int) -> String {
      String(repeating: before, count: count) + "1" + String(repeating: behind, count: count)
    }
  }

  private static let expressions = [
    Construct("(", ")", 62), Construct("NOT ", "", 62), Construct("- ", "", 63), Construct("+ ", "", 63),
    Construct("CASE WHEN ", " THEN 1 END", 62), Construct("CASE ", " WHEN 1 THEN 1 END", 62),
    Construct("CASE WHEN TRUE THEN ", " END", 62), Construct("CASE WHEN FALSE THEN 1 ELSE ", " END", 62),
    Construct("COALESCE(1, ", ")", 62), Construct("[", "]", 62), Construct("{'a': ", "}", 62),
    Construct("CAST(", " AS VARCHAR)", 62), Construct("TRY_CAST(", "::VARCHAR AS VARCHAR)", 62),
    Construct("1 IN (", ")", 62),
    Construct("1 LIKE ANY ((", "))", 62),
    Construct("1 = (", ")", 62), Construct("1 + (", ") + 1", 62), Construct("(1 OR ", ")", 62),
    Construct("(1 BETWEEN 0 AND ", ")", 62), Construct("(", ")::VARCHAR", 62),
    Construct("(SELECT ", ")", 15), Construct("EXISTS (SELECT ", ")", 15),
    Construct("1 IN (SELECT ", ")", 15), Construct("(SELECT 1 FROM (SELECT 1 AS A) WHERE ", " = 1)", 14),
    Construct("(SELECT MAX(A) FROM (SELECT 1 AS A) GROUP BY A HAVING ", " = 1)", 14),
    Construct("(SELECT 1 FROM (SELECT 1 AS A) ORDER BY ", ")", 14),
    Construct("(SELECT A FROM (SELECT 1 AS A) GROUP BY ", ", A)", 14),
    Construct("(SELECT SUM(A) OVER (PARTITION BY ", ") FROM (SELECT 1 AS A))", 14),
    Construct("(SELECT ROW_NUMBER() OVER (ORDER BY ", ") FROM (SELECT 1 AS A))", 14),
    Construct("(SELECT A FROM (SELECT 1 AS A) QUALIFY ROW_NUMBER() OVER (ORDER BY 1) = ", ")", 14),
    Construct("(SELECT 1 FROM (SELECT 1 AS A) X JOIN (SELECT 1 AS A) Y ON ", " = 1)", 14),
    Construct("(SELECT * FROM VALUES (", "))", 15),
    Construct("(SELECT COUNT(*) FROM TABLE(GENERATOR(ROWCOUNT => ", ")))", 15),
  ]

  @Test(arguments: expressions)
  func anExpressionIsNestedUpToItsLimit(_ construct: Construct) throws {
    let account = try TestAccount()
    func code(_ count: Int) -> String? { account.failure("SELECT " + construct.nested(count) + " AS X")?.code }
    // What is evaluated may still fail, such as a scalar query that is no number, but not for being nested.
    #expect(code(construct.limit) != "001003")
    for count in [construct.limit + 1, 2_000] { #expect(code(count) == "001003") }
  }

  private static let sources = [
    Construct("(SELECT * FROM ", ")", 14), Construct("(", ")", 14),
    Construct("(SELECT * FROM (SELECT 1 AS A) X JOIN ", " Y ON TRUE)", 14),
    Construct("((SELECT 1 AS A) X CROSS JOIN ", ")", 14),
    Construct("(WITH W AS (SELECT * FROM ", ") SELECT * FROM W)", 7),
  ]

  @Test(arguments: sources)
  func aSourceIsNestedUpToItsLimit(_ construct: Construct) throws {
    let account = try TestAccount()
    func code(_ count: Int) -> String? {
      let before = String(repeating: construct.before, count: count) + "(SELECT 1 AS A)"
      return account.failure("SELECT COUNT(*) FROM " + before + String(repeating: construct.behind, count: count))?.code
    }
    #expect(code(construct.limit) != "001003")
    for count in [construct.limit + 1, 2_000] { #expect(code(count) == "001003") }
  }

  @Test(arguments: [
    Construct("SELECT 1", " + 1"), Construct("SELECT 1", " - 1"), Construct("SELECT 1", " * 1"),
    Construct("SELECT 'a'", " || 'b'"), Construct("SELECT 1", "::VARCHAR"),
    Construct("SELECT TRUE", " AND TRUE"), Construct("SELECT TRUE", " OR TRUE"),
    Construct("SELECT 1 LIKE ANY ('a'", ", 'a'"), Construct("SELECT 1 AS A", " UNION SELECT 1"),
    Construct("SELECT 1 AS A", " UNION ALL SELECT 1"), Construct("SELECT 1 AS A", " INTERSECT SELECT 1"),
    Construct("SELECT COUNT(*) FROM (SELECT 1 AS A)", " CROSS JOIN (SELECT 1 AS B)"),
    Construct("SELECT COUNT(*) FROM (SELECT 1 AS A)", ", (SELECT 1 AS B)"),
    Construct("SELECT COUNT(*) FROM (SELECT 1 AS A)", " JOIN (SELECT 1 AS B) ON TRUE"),
  ])
  func whatStandsInARowIsBounded(_ construct: Construct) throws {
    let account = try TestAccount()
    let closing = construct.before.hasSuffix("('a'") ? ")" : ""
    func failure(_ count: Int) -> StatementFailure? {
      account.failure(construct.before + String(repeating: construct.behind, count: count) + closing)
    }
    #expect(failure(100)?.code != "001003")
    #expect(failure(20_000)?.code == "001003")
  }

  /// Each name of the list stands for the item before it.
  @Test func namesThatStandForOneAnotherAreBounded() throws {
    let account = try TestAccount()
    func list(_ count: Int) -> String {
      "SELECT 1 AS A0, " + (1...count).map { "A\($0 - 1) AS A\($0)" }.joined(separator: ", ")
    }
    #expect(try account.run(list(100)).rows[0].last == "1")
    for count in [1_000, 5_000] { #expect(account.failure(list(count))?.code == "000002") }
    #expect(account.failure(list(5_000) + " ORDER BY A5000")?.code == "000002")
    // Each stands twice for the one before: work that doubles is not done without end.
    func doubling(_ count: Int) -> String {
      "SELECT 1 AS A0, " + (1...count).map { "A\($0 - 1) + A\($0 - 1) AS A\($0)" }.joined(separator: ", ")
    }
    #expect(try account.run(doubling(10)).rows[0].last == "1024")
    #expect(account.failure(doubling(60))?.code == "000002")
  }

  /// The deepest tree there can be, in the places that go through it more than once.
  @Test func theDeepestTreeIsEvaluated() throws {
    let account = try TestAccount()
    let row = "A" + String(repeating: " + 1", count: 800)
    let from = " FROM (SELECT 1 AS A)"
    #expect(try account.run("SELECT \(row) AS B\(from)").rows == [["801"]])
    #expect(try account.run("SELECT MAX(\(row)) AS B\(from) GROUP BY A ORDER BY 1").rows == [["801"]])
    #expect(try account.run("SELECT \(row) AS B\(from) GROUP BY \(row)").rows == [["801"]])
    let sum = "SUM(\(row)) OVER (PARTITION BY \(row))"
    #expect(try account.run("SELECT \(sum) AS B\(from) QUALIFY B > 1").rows == [["801"]])
    let deep = String(repeating: "(", count: 60) + row + String(repeating: " + 1)", count: 60)
    #expect(try account.run("SELECT \(deep) AS B\(from)").rows == [["861"]])
    let tooDeep = String(repeating: "(", count: 60) + row + String(repeating: " + 1 + 1 + 1)", count: 60)
    #expect(account.failure("SELECT \(tooDeep)\(from)")?.code == "001003")
    // Columns of views and tables are told without evaluating.
    try account.run("CREATE DATABASE D")
    try account.run("CREATE TABLE D.PUBLIC.T (A INT)")
    try account.run("CREATE VIEW D.PUBLIC.V AS SELECT \(deep) AS B FROM D.PUBLIC.T")
    #expect(try account.run("DESCRIBE VIEW D.PUBLIC.V").rows.count == 1)
  }

  @Test func documentsAndTypesAreBounded() throws {
    let account = try TestAccount()
    let brackets = String(repeating: "[", count: 100_000)
    #expect(account.failure("SELECT PARSE_JSON('\(brackets)')") != nil)
    #expect(account.failure("SELECT 1::\(String(repeating: "ARRAY(", count: 100_000))") != nil)
    #expect(account.failure("CREATE TABLE T (A \(String(repeating: "ARRAY(", count: 100_000)))") != nil)
    #expect(account.failure("CREATE WAREHOUSE W COMMENT = \(String(repeating: "(", count: 5_000))")?.code == "001003")
  }
}
