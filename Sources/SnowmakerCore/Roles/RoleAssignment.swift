import SnowmakerModel

/// The roles of a plan's statements, chosen one after the other in the order in which they stand.
struct RoleAssignment {
  private var chooser: RoleChooser
  /// Per draft: who runs it, and which steps it waits for; nil for a draft that is left out.
  private(set) var choices: [RoleChooser.Choice?] = []
  /// Per draft: its place among the steps; nil for a draft that is left out.
  private(set) var indices: [Int?] = []

  init(_ chooser: RoleChooser) { self.chooser = chooser }

  /// What asking the account could still make certain.
  var questions: Set<RoleQuestion> { chooser.questions }

  mutating func assign(_ drafts: [StepBuilder.Draft]) {
    var count = 0
    // What waiting for a draft means: itself, or when it was left out, what it would have waited for.
    var standIns: [Int: [Int]] = [:]
    choices.reserveCapacity(drafts.count)
    indices.reserveCapacity(drafts.count)
    for (number, draft) in drafts.enumerated() {
      var dependsOn: Set<Int> = []
      for needed in draft.dependsOn {
        if let index = indices[needed] { dependsOn.insert(index) } else { dependsOn.formUnion(standIns[needed] ?? []) }
      }
      var choice = chooser.choose(draft.statement)
      if let wanted = draft.statement.unlessRunBy,
        chooser.isNeedless(draft.statement, runBy: choice.role, unlessBy: wanted)
      {
        standIns[number] = dependsOn.sorted()
        choices.append(nil)
        indices.append(nil)
        continue
      }
      choice.dependsOn = dependsOn.union(choice.dependsOn).sorted()
      choice.circles = chooser.circles(draft.statement.effects)
      chooser.apply(draft.statement.effects, as: choice.role, step: count)
      choices.append(choice)
      indices.append(count)
      count += 1
    }
  }

  /// The objects on which a grant is wanted by a statement and made by a later one.
  func opened(by drafts: [StepBuilder.Draft]) -> Set<SQLObject> {
    var wanted: Set<SQLObject> = []
    var found: Set<SQLObject> = []
    for (draft, choice) in zip(drafts, choices) {
      guard let choice else { continue }
      if !wanted.isEmpty {
        for case .granted(_, let object, _, _) in draft.statement.effects where wanted.contains(object) {
          found.insert(object)
        }
      }
      wanted.formUnion(choice.wanting)
    }
    return found
  }
}
