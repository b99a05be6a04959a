import Glibc
import Testing

/// A third party's type whose statements have clauses of their own, in the emulator that loads its plugin.
struct DescribedClauseTests {
  @Test(.needsCompiler) func anAlertOfAThirdPartyIsRehearsed() async throws {
    let place = try Workplace()
    _ = try Misfit.build("alerting", in: place)
    let emulator = try await ServedEmulator(for: place, "--plugin-dir", "plugins")
    func query(_ sql: String) async throws -> RunningTool.Ending {
      try await place.run("query", sql, "-c", "served", "--format", "csv", "--quiet")
    }
    for sql in [
      "CREATE DATABASE D",
      "CREATE ALERT D.PUBLIC.A SCHEDULE = '5 MINUTE' IF( EXISTS(SELECT ')' FROM T WHERE F(1)) ) THEN "
        + "CALL SYSTEM$SEND_EMAIL('x')",
      "ALTER ALERT D.PUBLIC.A MODIFY ACTION CALL P(1)", "ALTER ALERT D.PUBLIC.A RESUME",
    ] {
      let ending = try await query(sql)
      #expect(ending.status == 0, Comment(rawValue: ending.all))
    }
    // The columns are the plugin's: the last is no column of Snowflake's.
    let shown = try await query("SHOW ALERTS IN ACCOUNT")
    let expected = "name,schedule,condition,action,by\r\nA,5 MINUTE,SELECT ')' FROM T WHERE F(1),CALL P(1),ACME\r\n"
    #expect(shown.out == expected, Comment(rawValue: shown.all))
    let open = try await query("CREATE ALERT D.PUBLIC.B IF (EXISTS (SELECT 1) THEN SELECT 1")
    #expect(open.status != 0 && open.err.contains("001003"), Comment(rawValue: open.all))
    withExtendedLifetime(emulator) {}
  }
}
