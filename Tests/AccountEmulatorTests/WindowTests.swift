import Testing

@testable import AccountEmulator

@Suite struct WindowTests {
  private static let rows = "(VALUES ('a', 1), ('a', 3), ('b', 2), ('a', 3), ('b', NULL)) AS T(K, N)"

  /// The cells of one column of a query over the rows.
  private func column(_ what: String, _ rest: String = "ORDER BY K, N") throws -> [String?] {
    try TestAccount().run("SELECT \(what) FROM \(Self.rows) \(rest)").rows.map { $0[0] }
  }

  @Test func rowsAreNumberedAndRanked() throws {
    #expect(try column("ROW_NUMBER() OVER (ORDER BY N DESC NULLS LAST, K)", "ORDER BY 1") == ["1", "2", "3", "4", "5"])
    #expect(try column("RANK() OVER (PARTITION BY K ORDER BY N)") == ["1", "2", "2", "1", "2"])
    #expect(try column("DENSE_RANK() OVER (ORDER BY N)") == ["1", "3", "3", "2", "4"])
    #expect(try column("NTILE(2) OVER (ORDER BY K, N)") == ["1", "1", "1", "2", "2"])
    #expect(try column("CUME_DIST() OVER (PARTITION BY K ORDER BY N)", "ORDER BY K, N LIMIT 3").last == "1.0")
  }

  @Test func aggregatesAreOverTheFrame() throws {
    #expect(try column("COUNT(*) OVER ()") == ["5", "5", "5", "5", "5"])
    #expect(try column("COUNT(N) OVER (PARTITION BY K)") == ["3", "3", "3", "1", "1"])
    // Equal rows count together.
    #expect(try column("SUM(N) OVER (PARTITION BY K ORDER BY N)") == ["1", "7", "7", "2", "2"])
    #expect(
      try column("SUM(N) OVER (ORDER BY K, N ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)")
        == ["1", "4", "7", "9", "9"])
    #expect(
      try column("SUM(N) OVER (ORDER BY K, N ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING)") == ["4", "7", "8", "5", "2"])
    #expect(try column("MAX(N) OVER (ORDER BY K)") == ["3", "3", "3", "3", "3"])
    #expect(try column("COUNT(DISTINCT N) OVER (PARTITION BY K)") == ["2", "2", "2", "1", "1"])
    #expect(try column("AVG(N) OVER (PARTITION BY K ORDER BY N)", "ORDER BY K, N LIMIT 1") == ["1.000000"])
  }

  @Test func neighboursAndValuesOfTheFrame() throws {
    #expect(try column("LAG(N) OVER (ORDER BY K, N)") == [nil, "1", "3", "3", "2"])
    #expect(try column("LEAD(N, 2, -1) OVER (ORDER BY K, N)") == ["3", "2", nil, "-1", "-1"])
    #expect(try column("FIRST_VALUE(N) OVER (PARTITION BY K ORDER BY N DESC NULLS LAST)") == ["3", "3", "3", "2", "2"])
    #expect(
      try column(
        "LAST_VALUE(N) OVER (PARTITION BY K ORDER BY N ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)")
        == ["3", "3", "3", nil, nil])
  }

  @Test func qualifyLooksAtWhatTheyComeTo() throws {
    let account = try TestAccount()
    func rows(_ sql: String) throws -> [[String?]] { try account.run(sql).rows }
    #expect(
      try rows("SELECT K, N FROM \(Self.rows) QUALIFY ROW_NUMBER() OVER (PARTITION BY K ORDER BY N) = 1 ORDER BY K")
        == [["a", "1"], ["b", "2"]])
    #expect(
      try rows(
        "SELECT K, ROW_NUMBER() OVER (PARTITION BY K ORDER BY N) AS R FROM \(Self.rows) QUALIFY R = 2 ORDER BY K")
        == [["a", "2"], ["b", "2"]])
    #expect(
      try rows("SELECT K, COUNT(*) C, RANK() OVER (ORDER BY COUNT(*) DESC) FROM \(Self.rows) GROUP BY K ORDER BY K")
        == [["a", "3", "1"], ["b", "2", "2"]])
    #expect(
      try rows("SELECT K, SUM(COUNT(*)) OVER () FROM \(Self.rows) GROUP BY K ORDER BY K") == [["a", "5"], ["b", "5"]])
    #expect(try rows("SELECT 1 FROM \(Self.rows) WHERE N > 9 QUALIFY COUNT(*) OVER () > 0").isEmpty)
  }

  @Test func resultsOfShowAndSystemViews() throws {
    let account = try TestAccount()
    try account.runAll("CREATE DATABASE D\nCREATE SCHEMA D.A\nCREATE SCHEMA D.B\nCREATE TABLE D.A.T (X INT)")
    #expect(
      try account.run(
        "SHOW SCHEMAS IN DATABASE D ->> SELECT \"name\", ROW_NUMBER() OVER (ORDER BY \"name\") FROM $1 "
          + "QUALIFY ROW_NUMBER() OVER (ORDER BY \"name\") <= 2"
      ).rows == [["A", "1"], ["B", "2"]])
    #expect(
      try account.run(
        "SELECT TABLE_SCHEMA FROM D.INFORMATION_SCHEMA.TABLES QUALIFY COUNT(*) OVER (PARTITION BY TABLE_SCHEMA) = 1"
      ).rows == [["A"]])
  }

  @Test func whatIsNotPlayedIsRefusedByName() throws {
    let account = try TestAccount()
    for (sql, part) in [
      ("SELECT ROW_NUMBER() OVER () FROM \(Self.rows)", "requires ORDER BY"),
      ("SELECT K FROM \(Self.rows) QUALIFY K = 'a'", "window function"),
      ("SELECT K FROM \(Self.rows) WHERE ROW_NUMBER() OVER (ORDER BY K) = 1", "Window function"),
      ("SELECT K FROM \(Self.rows) GROUP BY ROW_NUMBER() OVER (ORDER BY K)", "group by"),
      ("SELECT LAG(N) IGNORE NULLS OVER (ORDER BY K) FROM \(Self.rows)", "IGNORE NULLS"),
      ("SELECT RATIO_TO_REPORT(N) OVER () FROM \(Self.rows)", "RATIO_TO_REPORT"),
      ("SELECT SUM(N) OVER (ORDER BY K RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) FROM \(Self.rows)", "frame"),
      ("SELECT SUM(ROW_NUMBER() OVER (ORDER BY K)) OVER () FROM \(Self.rows)", "Window function"),
      ("SELECT K, RANK() OVER (ORDER BY N) FROM \(Self.rows) GROUP BY K", "group by"),
    ] {
      let failure = account.failure(sql)
      #expect(failure?.message.contains(part) == true, "\(sql): \(failure?.message ?? "it ran")")
    }
  }
}
