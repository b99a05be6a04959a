import SnowmakerModel
import Testing

@testable import Configuration

/// Names without their containers, in references to what always lies in one.
@Suite struct BareReferenceTests {
  private func loaded(_ text: String, prefix: String? = nil) -> LoadedConfiguration {
    let types = Fixtures.types.map { type in
      guard type.type == "crate" else { return type }
      var crate = type
      crate.attributes.append(.init("labels", .map(.text, keys: .reference(["box"]))))
      crate.attributes.append(.init("uses", .list(.reference(["box"]))))
      return crate
    }
    var files = ["a.yml": text]
    if let prefix { files["snowmaker.yaml"] = "targets: {dev: {prefix: \(prefix)}}" }
    return load(files, types: types)
  }

  @Test func aBareNameIsTheOneDeclaredResourceOfThatName() throws {
    let loaded = loaded(
      """
      databases: [{name: raw, schemas: [sales]}]
      boxes: [{name: raw.sales.cost}, {name: raw.sales."odd.one"}]
      crates: [{name: raw.sales.c, labels: {cost: a, '"odd.one"': b, x.y.z: c, gone: d}, uses: [cost, raw.sales.cost]}]
      """)
    #expect(loaded.shown == [])
    let crate = try #require(loaded["crate", "RAW", "SALES", "C"])
    #expect(
      crate.attribute("labels")
        == ["GONE": "d", "RAW.SALES.\"odd.one\"": "b", "RAW.SALES.COST": "a", "X.Y.Z": "c"])
    #expect(crate.attribute("uses") == ["RAW.SALES.COST", "RAW.SALES.COST"])
  }

  @Test func twoOfTheSameNameAreAmbiguous() {
    let loaded = loaded(
      """
      databases: [{name: raw, schemas: [sales, ops]}]
      boxes: [{name: raw.sales.cost}, {name: raw.ops.cost}]
      crates: [{name: raw.sales.c, labels: {cost: a}}]
      """)
    #expect(
      loaded.shown == [
        "a.yml:3:30 error: crate.RAW.SALES.C: 'COST' may be RAW.OPS.COST or RAW.SALES.COST | write the full name"
      ])
  }

  @Test func thePrefixOfATargetReachesKeysToo() throws {
    let loaded = loaded(
      """
      databases: [{name: raw, schemas: [sales]}]
      boxes: [{name: raw.sales.cost}]
      crates: [{name: raw.sales.c, labels: {cost: a, raw.sales.other: b, foreign.s.t: c}}]
      """, prefix: "dev_")
    #expect(loaded.shown == [])
    #expect(
      loaded["crate", "DEV_RAW", "SALES", "C"]?.attribute("labels")
        == ["DEV_RAW.SALES.COST": "a", "DEV_RAW.SALES.OTHER": "b", "FOREIGN.S.T": "c"])
  }

  @Test func aKeyThatIsNoNameOrStandsTwiceIsRefused() {
    #expect(loaded("crates: [{name: a.b.c, labels: {'a b': x}}]").hasErrors)
    #expect(loaded("crates: [{name: a.b.c, labels: {x.y.z: a, X.Y.Z: b}}]").hasErrors)
  }
}
