import SnowmakerCore
import SnowmakerModel

/// An account of warehouses that is exactly as declared.
enum SampleWarehouses {
  static func attributes(_ number: Int) -> [Value.Field] {
    [
      .init("name", .string(name(number))), .init("warehouse_size", "XSMALL"), .init("auto_suspend", 60),
      .init("comment", .string("warehouse \(number)")),
    ]
  }

  static func name(_ number: Int) -> String { "WH_\(number)" }

  static func observation(_ number: Int) -> Observation {
    Observation(
      identity: [name(number)], attributes: .object(attributes(number)), owner: "SYSADMIN", ownerType: "ROLE",
      createdOn: "2026-01-01 00:00:00.000 +0000")
  }

  static func items(_ count: Int) -> [PlanItem] {
    (0..<count).map { number in
      PlanItem(
        identity: [name(number)], declared: .object(attributes(number)), observed: observation(number))
    }
  }

  static func resources(_ count: Int) -> [Resource] {
    (0..<count).map { Resource(address: Address("warehouse", [name($0)]), attributes: attributes($0)) }
  }

  static func observations(_ count: Int) -> Observations {
    var observations = Observations()
    observations.byAddress.reserveCapacity(count)
    for number in 0..<count { observations.byAddress[Address("warehouse", [name(number)])] = observation(number) }
    return observations
  }

  static func yaml(_ count: Int) -> String {
    var text = "warehouses:\n"
    for number in 0..<count {
      text += "  - {name: wh_\(number), warehouse_size: XSMALL, auto_suspend: 60, comment: warehouse \(number)}\n"
    }
    return text
  }
}
