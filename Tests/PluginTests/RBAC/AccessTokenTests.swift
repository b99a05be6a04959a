import SnowmakerSDK
import Testing

@testable import RBAC

@Suite struct AccessTokenTests {
  private let type = AccessToken()
  private let columns = [
    "name", "user_name", "role_restriction", "expires_at", "status", "comment", "created_on", "created_by",
    "mins_to_bypass_network_policy_requirement", "rotated_to",
  ]
  private let declared: Value = [
    "secret_file": "etl.token", "role_restriction": "LOADER", "days_to_expiry": 90, "comment": "It's CI",
    "rotation": "2026-01",
  ]

  @Test func theSecretOfANewTokenGoesToAFile() throws {
    let change = try planned(type, ["ETL", "CI"], declared)
    #expect(
      change.sql == [
        "ALTER USER ETL ADD PROGRAMMATIC ACCESS TOKEN CI ROLE_RESTRICTION = 'LOADER' DAYS_TO_EXPIRY = 90 "
          + "COMMENT = 'It''s CI'"
      ])
    #expect(change.statements[0].keeps == KeptAnswer(column: "token_secret", file: "etl.token"))
    #expect(change.statements[0].undo?.description == "ALTER USER ETL REMOVE PROGRAMMATIC ACCESS TOKEN CI")
    #expect(
      change.statements[0].authorities == [
        .ownership(SQLObject("USER", "ETL")),
        .privilege("MODIFY PROGRAMMATIC AUTHENTICATION METHODS", SQLObject("USER", "ETL")),
      ])
    #expect(change.note == "its secret goes to etl.token" && change.memory == "kept")
    // Across the boundary it is still there.
    let document = try Statement(document: change.statements[0].document)
    #expect(document.keeps == change.statements[0].keeps)
    let disabled = try planned(type, ["ETL", "\"c i\""], ["secret_file": "a", "disabled": true])
    #expect(
      disabled.sql == [
        "ALTER USER ETL ADD PROGRAMMATIC ACCESS TOKEN \"c i\"",
        "ALTER USER ETL MODIFY PROGRAMMATIC ACCESS TOKEN \"c i\" SET DISABLED = TRUE",
      ])
  }

  private let there: Value = [
    "role_restriction": "LOADER", "disabled": false, "comment": "It's CI", "expired": false,
  ]

  @Test func whatIsThereIsNoChange() throws {
    let change = try planned(type, ["ETL", "CI"], declared, observed: there)
    #expect(change.action == .none && change.sql.isEmpty)
    #expect(change.note == "made elsewhere; its secret is not in etl.token")
    let known: Value = ["rotation": "2026-01", "$memory": "kept"]
    #expect(try planned(type, ["ETL", "CI"], declared, observed: there, remembered: known).note.isEmpty)
  }

  @Test func changesInPlaceAndUnsets() throws {
    let change = try planned(
      type, ["ETL", "CI"],
      [
        "secret_file": "etl.token", "comment": .null, "disabled": true,
        "mins_to_bypass_network_policy_requirement": 10,
      ], observed: there, remembered: ["$memory": "kept"])
    #expect(
      change.sql == [
        "ALTER USER ETL MODIFY PROGRAMMATIC ACCESS TOKEN CI SET MINS_TO_BYPASS_NETWORK_POLICY_REQUIREMENT = 10",
        "ALTER USER ETL MODIFY PROGRAMMATIC ACCESS TOKEN CI SET DISABLED = TRUE",
        "ALTER USER ETL MODIFY PROGRAMMATIC ACCESS TOKEN CI UNSET COMMENT",
      ])
    #expect(change.statements.allSatisfy { $0.keeps == nil })
    let back = try planned(
      type, ["ETL", "CI"], ["disabled": .null, "mins_to_bypass_network_policy_requirement": .null],
      observed: ["disabled": true], remembered: ["mins_to_bypass_network_policy_requirement": 10])
    #expect(
      back.sql == [
        "ALTER USER ETL MODIFY PROGRAMMATIC ACCESS TOKEN CI UNSET MINS_TO_BYPASS_NETWORK_POLICY_REQUIREMENT",
        "ALTER USER ETL MODIFY PROGRAMMATIC ACCESS TOKEN CI UNSET DISABLED",
      ])
  }

  @Test func anotherRotationMakesANewSecret() throws {
    let change = try planned(
      type, ["ETL", "CI"],
      ["secret_file": "etl.token", "rotation": "2026-02", "expire_rotated_token_after_hours": 0], observed: there,
      remembered: ["rotation": "2026-01", "$memory": "kept"])
    #expect(
      change.sql == ["ALTER USER ETL ROTATE PROGRAMMATIC ACCESS TOKEN CI EXPIRE_ROTATED_TOKEN_AFTER_HOURS = 0"])
    #expect(change.statements[0].keeps == KeptAnswer(column: "token_secret", file: "etl.token"))
    #expect(change.attributes == [AttributeChange("rotation", before: "2026-01", after: "2026-02")])
    // One that was never applied is no change of it.
    #expect(try planned(type, ["ETL", "CI"], declared, observed: there).sql.isEmpty)
  }

  @Test func anExpiredTokenIsSaidAndMadeAnewByARotation() throws {
    let expired: Value = ["role_restriction": "LOADER", "disabled": false, "comment": "It's CI", "expired": true]
    let known: Value = ["rotation": "2026-01", "$memory": "kept"]
    let change = try planned(type, ["ETL", "CI"], declared, observed: expired, remembered: known)
    #expect(change.sql.isEmpty && change.diagnostics.map(\.severity) == [.warning])
    let anew = try planned(
      type, ["ETL", "CI"], declared, observed: expired, remembered: ["rotation": "old", "$memory": "kept"])
    #expect(anew.action == .replace)
    #expect(anew.sql.map { $0.prefix(21) } == ["ALTER USER ETL REMOVE", "ALTER USER ETL ADD PR"])
  }

  @Test func anotherRoleTakesAnotherToken() throws {
    let change = try planned(
      type, ["ETL", "CI"], ["secret_file": "t", "role_restriction": "READER"], observed: there)
    #expect(change.action == .replace && change.risk == .recreatable)
    #expect(
      change.sql == [
        "ALTER USER ETL REMOVE PROGRAMMATIC ACCESS TOKEN CI",
        "ALTER USER ETL ADD PROGRAMMATIC ACCESS TOKEN CI ROLE_RESTRICTION = 'READER'",
      ])
    #expect(try planned(type, ["ETL", "CI"], nil, observed: there).sql == [change.sql[0]])
  }

  @Test func oneStatementReadsTheTokensOfAUser() throws {
    var account = RecordedAccount()
    account.answer("SHOW USERS", ["name"], [["ETL"], ["OTHER"]])
    account.answer(
      "SHOW USER PROGRAMMATIC ACCESS TOKENS FOR USER ETL", columns,
      [
        ["CI", "ETL", "LOADER", "2027", "ACTIVE", "", "2026", "ADMIN", nil, nil],
        ["c i", "ETL", nil, "2027", "DISABLED", "x", "2026", "ADMIN", nil, nil],
        ["CI_1", "ETL", "LOADER", "2027", "EXPIRED", "", "2026", "ADMIN", nil, "CI"],
      ])
    let (reply, asked) = try account.read(
      type, wanted: [.declared(["ETL", "CI"]), .declared(["ETL", "\"c i\""]), .declared(["GONE", "CI"])])
    #expect(asked == ["SHOW USERS", "SHOW USER PROGRAMMATIC ACCESS TOKENS FOR USER ETL"])
    #expect(reply.observed.map(\.identity) == [["ETL", "CI"], ["ETL", "\"c i\""]])
    #expect(reply.observed[0].attributes["role_restriction"] == "LOADER")
    #expect(reply.observed[0].attributes.find("comment") == .null)
    #expect(reply.observed[1].attributes["disabled"] == true)
    account.fail("SHOW USER PROGRAMMATIC ACCESS TOKENS FOR USER ETL", "003001", "Insufficient privileges")
    #expect(
      try account.read(type, wanted: [.declared(["ETL", "CI"])]).reply.unseen.map(\.identity) == [["ETL", "CI"]])
  }

  @Test(arguments: ["", "a/", "a.yml", "B.YAML"]) func theFileMustBeOne(file: String) {
    let found = type.validate(
      DeclaredResource(identity: ["U", "T"], attributes: ["secret_file": .string(file)]), context: RequestContext())
    #expect(found.map(\.path) == [["secret_file"]])
  }
}
