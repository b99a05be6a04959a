import Testing

@testable import AccountEmulator

/// The corpus's rules, which protect the account of whoever runs it, and the comparison of answers.
@Suite struct CalibrationTests {
  private let statements = CalibrationCorpus.statements

  @Test func theCorpusCoversWhatItShall() {
    #expect(statements.count > 400)
    #expect(Set(statements.map(\.section)).count > 10)
    #expect(statements.map(\.number) == Array(1...statements.count))
    for start in ["CREATE", "ALTER", "DROP", "UNDROP", "SHOW", "DESC", "GRANT", "REVOKE", "USE", "SELECT", "COMMENT"] {
      #expect(statements.contains { $0.template.hasPrefix(start) }, "\(start)")
    }
    #expect(statements.contains { $0.template.contains(" UNSET ") })
  }

  /// The words of a statement, in capitals and without what is quoted.
  private func words(_ template: String) -> [String] {
    template.uppercased().split { !($0.isLetter || $0.isNumber || "_{}$.\"%'@".contains($0)) }.map(String.init)
  }

  @Test func everythingThatIsMadeIsTheRunsOwn() {
    for statement in statements {
      let words = words(statement.template)
      guard let verb = words.first, ["CREATE", "ALTER", "DROP", "UNDROP", "COMMENT", "GRANT", "REVOKE"].contains(verb),
        words.count > 2
      else { continue }
      // Sessions are the run's own too; what is left are texts that cannot be parsed.
      let isSession = words[1] == "SESSION"
      #expect(
        statement.template.contains("{p}") || isSession || statement.section == "syntax",
        "\(statement.number): \(statement.template)")
      #expect(!words.contains("ACCOUNT") && !words.contains("USER") || statement.template.contains("TO USER {"))
    }
  }

  @Test func noWarehouseEverRuns() {
    for statement in statements {
      let text = statement.template.uppercased()
      if text.hasPrefix("CREATE"), text.contains("WAREHOUSE {") || text.contains("WAREHOUSE \"{") {
        #expect(
          text.contains("INITIALLY_SUSPENDED = TRUE") && text.contains("AUTO_RESUME = FALSE"), "\(statement.template)")
        #expect(
          !text.contains("WAREHOUSE_SIZE") || text.contains("XSMALL") || text.contains("X-SMALL")
            || text.contains("HUGE"))
      }
      #expect(!text.contains("RESUME") || text.contains("AUTO_RESUME = FALSE"), "\(statement.template)")
      #expect(!text.contains("EXECUTE"))
      // Only what the service answers by itself: no tables are read.
      #expect(!(text.hasPrefix("SELECT") && text.contains(" FROM ")), "\(statement.template)")
      #expect(!["INSERT", "COPY", "CALL", "MERGE", "UPDATE", "DELETE"].contains { text.hasPrefix($0) })
    }
  }

  @Test func onlyTheRunsOwnObjectsAreListed() {
    for statement in statements where statement.template.hasPrefix("SHOW ") && statement.section != "syntax" {
      let isOfSession =
        statement.template.hasPrefix("SHOW PARAMETERS") || statement.template.hasPrefix("SHOW VARIABLES")
      #expect(statement.template.contains("{p}") || isOfSession, "\(statement.template)")
    }
  }

  @Test func namesAreTakenOutOfAnswers() {
    let normaliser = CalibrationNormaliser(
      prefix: "SNOWMAKER_CAL_00000001", facts: ["user": "SNOWMAKER", "role": "SYS", "account": "AB"])
    #expect(
      normaliser.normalise("'SNOWMAKER_CAL_00000001_DB' of SNOWMAKER, SNOWMAKERS, SYS.X, SYS_Y, AB, XSYS")
        == "'<prefix>_DB' of <user>, SNOWMAKERS, <role>.X, SYS_Y, AB, XSYS")
    #expect(
      normaliser.normalise("id 01b2c3d4-0000-1111-2222-333344445555 and 01b2c3d4-0000") == "id <id> and 01b2c3d4-0000")
    let rows = CalibrationAnswer.Rows(
      columns: [.init(name: "created_on", type: "timestamp_ltz"), .init(name: "id", type: "text")],
      cells: [["17.0", nil], [nil, "x"]])
    #expect(
      normaliser.normalise(.rows(rows))
        == .rows(.init(columns: rows.columns, cells: [["<volatile>", nil], [nil, "<volatile>"]])))
  }

  private func rows(_ columns: [String], _ cells: [[String?]], type: String = "text") -> CalibrationAnswer {
    .rows(.init(columns: columns.map { .init(name: $0, type: type) }, cells: cells))
  }

  @Test func rowsAreComparedByTheirNames() {
    let one = rows(["name", "size", "comment"], [["A", "1", "x"], ["B", "2", nil], ["C", "3", ""]])
    #expect(CalibrationDifference.between(one, one) == [])
    let other = rows(["name", "size", "comment"], [["A", "1", "x"], ["C", "4", ""], ["D", "2", nil]])
    #expect(
      CalibrationDifference.between(one, other) == [
        .init(kind: .rows, account: "3 rows, only here: B", emulator: "3 rows, only here: D"),
        .init(kind: .value, column: "size", account: "'3' in row C", emulator: "'4'"),
      ])
    let turned = rows(["name", "size", "comment"], [["C", "3", ""], ["A", "1", "x"], ["B", "2", nil]])
    #expect(CalibrationDifference.between(one, turned).map(\.kind) == [.rowOrder])
    let moved = rows(["size", "name", "comment"], [["1", "A", "x"], ["2", "B", nil], ["3", "C", ""]])
    #expect(CalibrationDifference.between(one, moved).map(\.kind) == [.columnOrder])
    let nulls = rows(["name", "size", "comment"], [["A", "1", nil], ["B", "2", ""], ["C", "3", nil]])
    #expect(
      CalibrationDifference.between(one, nulls) == [
        .init(kind: .value, column: "comment", account: "'x' in row A", emulator: "NULL", count: 3)
      ])
  }

  @Test func successAndFailureAreDifferent() {
    let failure = CalibrationAnswer.failure(.init(code: "002003", sqlState: "02000", message: "gone"))
    #expect(CalibrationDifference.between(failure, failure) == [])
    #expect(
      CalibrationDifference.between(rows(["status"], [["done"]]), failure) == [
        .init(kind: .outcome, account: "succeeded: done", emulator: "failed: 002003 (02000) gone")
      ])
    #expect(CalibrationDifference.between(.unknown("no net"), failure).map(\.kind) == [.outcome])
  }
}
