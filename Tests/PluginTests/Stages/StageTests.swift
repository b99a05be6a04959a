import SnowmakerSDK
import Testing

@testable import Stages

@Suite struct StageTests {
  private let name = ["D", "S", "G"]

  @Test func theDirectoryTableHasAnAlterOfItsOwn() throws {
    let change = try planned(
      Stage(), name, ["comment": .null, "directory": ["enable": true, "refresh_on_create": true], "owner": "BI"],
      observed: ["comment": "old", "directory": ["enable": false]])
    #expect(
      change.sql == [
        "ALTER STAGE D.S.G SET COMMENT = ''", "ALTER STAGE D.S.G SET DIRECTORY = (ENABLE = TRUE)",
        "GRANT OWNERSHIP ON STAGE D.S.G TO ROLE BI COPY CURRENT GRANTS",
      ])
    #expect(
      try planned(Stage(), name, ["directory": .null], observed: ["directory": ["enable": true]]).sql
        == ["ALTER STAGE D.S.G SET DIRECTORY = (ENABLE = FALSE)"])
    #expect(
      try planned(
        Stage(), name, ["directory": ["enable": true, "refresh_on_create": true]],
        observed: ["directory": ["enable": true]]
      ).action == .none)
  }

  @Test func createTakesAllOfIt() throws {
    #expect(
      try planned(
        Stage(), name,
        [
          "directory": ["enable": true, "refresh_on_create": true], "file_format": ["format_name": "D.S.F"],
          "tags": ["D.S.T": "x"], "comment": "c",
        ]
      ).sql == [
        "CREATE STAGE D.S.G COMMENT = 'c' DIRECTORY = (ENABLE = TRUE REFRESH_ON_CREATE = TRUE) "
          + "FILE_FORMAT = (FORMAT_NAME = 'D.S.F')", "ALTER STAGE D.S.G SET TAG D.S.T = 'x'",
      ])
  }

  /// DESCRIBE prints the strings that mean NULL without quotes.
  @Test(
    arguments: [
      (["", "\\N", "a'b", "x,y"], "[, \\\\N, a'b, x,y]"), ([""], "[]"), ([], "[]"), (["a, b"], "[a, b]"),
      (["\\N", ""], "[\"\\\\N\",\"\"]"),
    ] as [(Value, String)])
  func nullIfIsTheSameAsItIsPrinted(declared: Value, shown: String) throws {
    let observed = FormatOptions.shownNullIf(shown)
    #expect(
      try planned(
        FileFormat(), name, ["type": "CSV", "null_if": declared], observed: ["type": "CSV", "null_if": observed]
      )
      .action == .none)
    #expect(
      try planned(
        Stage(), name, ["file_format": ["null_if": declared, "type": "CSV"]],
        observed: ["file_format": ["null_if": observed, "type": "CSV"]]
      ).action == .none)
    #expect(
      try planned(
        FileFormat(), name, ["type": "CSV", "null_if": ["z"]], observed: ["type": "CSV", "null_if": observed]
      )
      .sql == ["ALTER FILE FORMAT D.S.G SET NULL_IF = ('z')"])
  }
}
