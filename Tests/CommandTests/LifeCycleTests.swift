import Testing

/// Every bundled type through its life: created with nearly all its attributes, changed, unset, dropped. An apply is only
/// a success when a new plan finds nothing to do, so each step also shows that provider and account agree.
struct LifeCycleTests {
  struct LifeCycle: Sendable, CustomTestStringConvertible {
    var name: String
    /// What stays in place throughout.
    var base: String
    /// Statements that make what no provider brings, once `base` is there.
    var prepare: [String] = []
    var full: String
    var changed: String
    var unset: String
    var testDescription: String { name }
  }

  @Test(arguments: containersAndWarehouses + access + files + attributes) func settlesAtEveryStep(_ life: LifeCycle)
    async throws
  {
    let place = try Workplace(["base.yml": life.base])
    if !life.prepare.isEmpty {
      try await place.apply()
      let ending = try await place.on("query", life.prepare.joined(separator: "; "))
      #expect(ending.status == 0, Comment(rawValue: ending.all))
    }
    for (stage, text) in [("full", life.full), ("changed", life.changed), ("unset", life.unset)] {
      try place.write("life.yml", text)
      let ending = try await place.on("apply", "--yes", "--allow-drop", "--max-drops", "99")
      #expect(ending.status == 0, "\(life.name) \(stage)\n\(ending.all)")
      if ending.status != 0 { return }
    }
    let plan = try await place.on("plan", "--detailed-exitcode")
    #expect(plan.status == 0, "\(life.name)\n\(plan.all)")
    try place.write("life.yml", nil)
    let dropped = try await place.apply("--allow-drop", "--max-drops", "99")
    #expect(dropped.out.contains("Applied: "), Comment(rawValue: dropped.all))
  }
}
