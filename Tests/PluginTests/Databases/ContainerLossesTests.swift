import SnowmakerSDK
import Testing

@testable import Databases

/// What a drop of a database or a schema takes along is said: creating it again does not bring that back.
@Suite struct ContainerLossesTests {
  @Test func aDropLosesAllThatIsInItAndSaysForHowLongItCanBeUndone() throws {
    let change = try planned(Database(), ["RAW"], nil, observed: ["data_retention_time_in_days": 7])
    #expect(change.risk == .irreversible)
    #expect(
      change.losses == [
        "all that is in DATABASE RAW, data included, managed or not: UNDROP DATABASE brings that back for 7 days "
          + "(Time Travel), nothing after that"
      ])
    let schema = try planned(Schema(), ["RAW", "S"], nil, observed: ["data_retention_time_in_days": 0])
    #expect(schema.risk == .irreversible && schema.losses.last?.hasSuffix("so nothing brings that back") == true)
    let unknown = try planned(Schema(), ["RAW", "S"], nil, observed: [:])
    #expect(unknown.losses.last?.contains("UNDROP SCHEMA brings that back while Time Travel keeps it") == true)
  }

  @Test func soDoesAReplacement() throws {
    let change = try planned(
      Database(), ["RAW"], ["transient": true], observed: ["transient": false, "data_retention_time_in_days": 1])
    #expect(change.action == .replace && change.risk == .irreversible)
    #expect(change.losses.last?.hasPrefix("all that is in DATABASE RAW") == true)
    #expect(try planned(Database(), ["RAW"], ["comment": "x"], observed: ["comment": "y"]).losses.isEmpty)
  }
}
