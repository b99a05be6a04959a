import SnowmakerSDK
import Testing

@testable import Databases

@Suite struct TagTests {
  private let name = ["G", "T", "COST"]

  @Test func listsItsValuesInOrderWithoutParentheses() throws {
    let change = try planned(
      Tag(), name,
      [
        "allowed_values": ["z", "it's"], "propagate": "ON_DEPENDENCY", "on_conflict": "ALLOWED_VALUES_SEQUENCE",
        "comment": "c",
      ])
    #expect(
      change.sql == [
        "CREATE TAG G.T.COST COMMENT = 'c' ALLOWED_VALUES 'z', 'it''s' PROPAGATE = ON_DEPENDENCY "
          + "ON_CONFLICT = ALLOWED_VALUES_SEQUENCE"
      ])
  }

  @Test func changesAndUnsets() throws {
    let change = try planned(
      Tag(), name, ["allowed_values": .null, "on_conflict": "mixed"],
      observed: ["allowed_values": ["a"], "on_conflict": .null])
    #expect(
      change.sql == ["ALTER TAG G.T.COST SET ON_CONFLICT = 'mixed'", "ALTER TAG G.T.COST UNSET ALLOWED_VALUES"])
  }

  @Test func saysWhatADropTakesAlong() throws {
    let change = try planned(Tag(), name, nil, observed: [:])
    #expect(change.sql == ["DROP TAG G.T.COST"])
    #expect(change.losses == ["its values on every object that carries it"])
  }
}
