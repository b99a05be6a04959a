import CSnowmaker
import SnowmakerModel

/// Whether answers mean what they must, for every type, with resources made up from its schema.
enum ContractChecks {
  static let all: [VerificationCheck] = [
    VerificationCheck(
      "plan-of-unchanged-is-none", .contract, "what is as declared needs nothing done", run: unchangedIsNone),
    VerificationCheck("plan-deterministic", .contract, "the same question has the same answer", run: deterministic),
    VerificationCheck(
      "batch-independent", .contract, "an item's answer does not depend on its neighbours in the batch",
      run: batchIndependent),
    VerificationCheck(
      "config-preserved", .contract, "an attribute becomes what is declared, or stays what it was", run: configPreserved
    ),
    VerificationCheck(
      "known-stays-known", .contract, "no planned value is unknown", run: knownStaysKnown),
    VerificationCheck(
      "no-unknown-after-apply", .contract, "no statement holds an unknown value", run: noUnknownInStatements),
    VerificationCheck(
      "drop-needs-only-identity", .contract, "a resource of which only the name is known can be dropped",
      run: dropNeedsOnlyIdentity),
    VerificationCheck(
      "replace-iff-replaces", .contract, "an attribute is altered, replaces or is refused as the schema says",
      run: replaceIffReplaces),
    VerificationCheck(
      "sensitive-not-in-diagnostics", .contract, "no diagnostic, note or loss shows a secret's reference as text",
      run: sensitiveNotInText),
    VerificationCheck(
      "secrets-not-in-sql-log", .contract, "secrets are slots in SQL, and in no line of the log", run: secretsAreSlots),
    VerificationCheck(
      "upgrade-from-every-version", .contract, "every older schema version can be upgraded, no other one",
      run: upgrades),
    VerificationCheck(
      "function-signature-matches-manifest", .contract, "typed functions are in table and manifest with one signature",
      run: functionsMatch),
  ]

  typealias Ending = VerificationCheck.Ending

  /// Runs `body` for every type that can be tried; skipped when there is none.
  private static func each(
    _ subject: VerificationSubject, _ body: (PlanTrial) throws(Ending) -> Void
  ) throws(Ending) {
    let plugin = try subject.load()
    var reasons: [String] = []
    var count = 0
    for type in try plugin.manifest().types where !type.isComposite {
      let trial: PlanTrial
      do throws(Ending) { trial = try PlanTrial(plugin, type) } catch {
        guard case .skipped(let why) = error.verdict else { throw error }
        if type.examples.isEmpty { reasons.append(why) }
        continue
      }
      try body(trial)
      count += 1
    }
    if count == 0 {
      throw .skipped(reasons.isEmpty ? "it has no type that can be tried" : reasons.joined(separator: "; "))
    }
    if let reason = reasons.first { throw .warning("not tried: \(reason); give the type an example") }
  }

  @Sendable private static func unchangedIsNone(_ subject: VerificationSubject) throws(Ending) {
    try each(subject) { trial throws(Ending) in
      for resource in [trial.least, trial.full] {
        let change = try trial.change(trial.item(resource, observed: resource)).change
        guard change.action == .none, change.statements.isEmpty else {
          let attributes = change.attributes.map(\.name).joined(separator: ", ")
          throw .failed(
            "\(trial.type.type) exists as declared, and PLAN answers \(change.action.rawValue)"
              + (attributes.isEmpty ? "" : " because of \(attributes)"))
        }
      }
    }
  }

  @Sendable private static func deterministic(_ subject: VerificationSubject) throws(Ending) {
    try each(subject) { trial throws(Ending) in
      for item in [trial.item(trial.full, observed: nil), trial.item(trial.full, observed: trial.least)] {
        let first = try trial.change(item).bytes
        for _ in 0..<5 where try trial.change(item).bytes != first {
          throw .failed("PLAN of \(trial.type.type) answers the same question differently")
        }
      }
    }
  }

  @Sendable private static func batchIndependent(_ subject: VerificationSubject) throws(Ending) {
    try each(subject) { trial throws(Ending) in
      let items = [
        trial.item(trial.full, observed: nil), trial.item(trial.full, observed: trial.least),
        PlanItem(identity: trial.full.identity, declared: nil, observed: trial.observation(of: trial.full)),
      ]
      var alone: [Value] = []
      for item in items { alone.append(try trial.change(item).change.document) }
      let request = PlanRequest(
        context: SampleRequests.context, type: trial.type.type, items: items + items.reversed())
      let together = try trial.plugin.ask(.plan, request.document)["changes"].list
      guard together.count == 2 * items.count else {
        let answered = counted(together.count, "change")
        throw .failed("PLAN of \(trial.type.type) answers \(answered) for \(2 * items.count) items")
      }
      for (at, expected) in (alone + alone.reversed()).enumerated() {
        guard let change = try? Change(document: together[at]), change.document == expected else {
          throw .failed("PLAN of \(trial.type.type): item \(at) of a batch is answered differently alone")
        }
      }
    }
  }

  /// The changes of a resource being created, changed and changed back.
  private static func changes(_ trial: PlanTrial) throws(Ending) -> [(item: PlanItem, change: Change)] {
    let items = [
      trial.item(trial.full, observed: nil), trial.item(trial.full, observed: trial.least),
      trial.item(trial.least, observed: trial.full),
    ]
    var result: [(PlanItem, Change)] = []
    for item in items { result.append((item, try trial.change(item).change)) }
    return result
  }

  /// Runs `body` for every one of those changes of every type that can be tried.
  private static func eachChange(
    _ subject: VerificationSubject, _ body: (TypeSchema, PlanItem, Change) throws(Ending) -> Void
  ) throws(Ending) {
    try each(subject) { trial throws(Ending) in
      for (item, change) in try changes(trial) { try body(trial.type, item, change) }
    }
  }

  @Sendable private static func configPreserved(_ subject: VerificationSubject) throws(Ending) {
    try eachChange(subject) { type, item, change throws(Ending) in
      for attribute in change.attributes where !change.hasErrors {
        guard let schema = type.attribute(attribute.name) else {
          throw .failed("\(type.type): PLAN changes '\(attribute.name)', which is no attribute")
        }
        guard let declared = item.declared?.find(attribute.name), !schema.isSensitive else { continue }
        guard schema.kind.equal(attribute.after, declared) || isOtherSpelling(attribute.after, declared) else {
          throw .failed(
            "\(type.type).\(attribute.name) is declared as \(AttributeKind.show(declared)), and planned as "
              + AttributeKind.show(attribute.after))
        }
      }
    }
  }

  /// Whether the texts differ in case only: some names are upper case whatever is declared.
  private static func isOtherSpelling(_ left: Value, _ right: Value) -> Bool {
    guard let left = left.string, let right = right.string else { return false }
    return left.uppercased() == right.uppercased()
  }

  @Sendable private static func knownStaysKnown(_ subject: VerificationSubject) throws(Ending) {
    try eachChange(subject) { type, _, change throws(Ending) in
      if let attribute = change.attributes.first(where: { holdsUnknown($0.after) }) {
        throw .failed("\(type.type).\(attribute.name) is planned to become something unknown")
      }
    }
  }

  private static func holdsUnknown(_ value: Value) -> Bool {
    switch value {
    case .unknown: true
    case .list(let elements): elements.contains(where: holdsUnknown)
    case .object(let fields): fields.contains { holdsUnknown($0.value) }
    default: false
    }
  }

  @Sendable private static func noUnknownInStatements(_ subject: VerificationSubject) throws(Ending) {
    try eachChange(subject) { type, _, change throws(Ending) in
      for statement in change.statements {
        if let operation = statement.operation {
          if holdsUnknown(operation) { throw .failed("\(type.type): an operation holds an unknown value") }
        } else if statement.sql.description.allSatisfy(\.isWhitespace) {
          throw .failed("\(type.type): a statement is empty")
        }
        if statement.operation != nil, !type.applies {
          throw .failed("\(type.type): PLAN answers an operation for APPLY, and the type lacks 'applies'")
        }
      }
      if [.create, .update, .replace, .rename, .drop].contains(change.action), change.statements.isEmpty,
        !change.hasErrors
      {
        throw .failed("\(type.type): PLAN answers \(change.action.rawValue) without a statement that does it")
      }
    }
  }

  @Sendable private static func dropNeedsOnlyIdentity(_ subject: VerificationSubject) throws(Ending) {
    try each(subject) { trial throws(Ending) in
      let observed = Observation(identity: trial.least.identity, attributes: .object([]))
      let change = try trial.change(
        PlanItem(identity: trial.least.identity, declared: nil, observed: observed)
      ).change
      guard change.action == .drop || change.hasErrors || change.action == .none else {
        throw .failed("\(trial.type.type) is to be dropped, and PLAN answers \(change.action.rawValue)")
      }
      if let problem = change.diagnostics.first(where: { $0.severity == .error }) {
        throw .failed("\(trial.type.type) cannot be dropped when only its name is known: \(problem.summary)")
      }
    }
  }

  @Sendable private static func replaceIffReplaces(_ subject: VerificationSubject) throws(Ending) {
    try each(subject) { trial throws(Ending) in
      let parts = Set(trial.type.identity.map(\.attribute))
      for attribute in trial.type.attributes where !parts.contains(attribute.name) && !attribute.isSensitive {
        guard attribute.column != nil, let before = trial.full.attributes.find(attribute.name),
          let after = [1, 2, 3].lazy.compactMap({ SampleValues(variant: $0).value(of: attribute) }).first(where: {
            $0 != before
          })
        else { continue }
        let fields = trial.full.attributes.fields.map { $0.key == attribute.name ? .init($0.key, after) : $0 }
        let changed = DeclaredResource(identity: trial.full.identity, attributes: .object(fields))
        let change = try trial.change(trial.item(changed, observed: trial.full)).change
        try judge(change, of: attribute, trial.type)
      }
    }
  }

  private static func judge(_ change: Change, of attribute: AttributeSchema, _ type: TypeSchema) throws(Ending) {
    let name = "\(type.type).\(attribute.name)"
    if attribute.change == .never {
      guard change.hasErrors else { throw .failed("\(name) never changes, and PLAN accepts a change of it") }
      return
    }
    if change.hasErrors { return }  // a rule of its own about this value
    switch attribute.change {
    case .alter where change.action == .replace:
      throw .failed("\(name) can be altered, and PLAN replaces because of it")
    case .replace where change.action != .replace:
      throw .failed("\(name) replaces, and PLAN answers \(change.action.rawValue)")
    case .createOnly where change.action != .none:
      throw .failed("\(name) only counts at creation, and PLAN answers \(change.action.rawValue)")
    default: break
    }
    if change.action == .replace, change.risk == .reversible {
      throw .failed("\(name) replaces, and PLAN calls that reversible")
    }
  }

  @Sendable private static func upgrades(_ subject: VerificationSubject) throws(Ending) {
    let plugin = try subject.load()
    let types = try plugin.manifest().types
    for type in types {
      func ask(_ version: Int) -> RawPlugin.Answer {
        let resource = SampleValues(variant: 0).resource(type, isFull: false)?.attributes ?? .object([])
        return plugin.call(
          .upgrade,
          [
            "context": SampleRequests.context.document, "type": .string(type.type), "version": .int(Int64(version)),
            "resources": [resource, resource],
          ])
      }
      for version in 1..<max(1, type.version) {
        let answer = ask(version)
        guard answer.status == Int32(SNOWMAKER_OK) else {
          throw .failed(
            "\(type.type) is at version \(type.version), and UPGRADE from \(version) answers "
              + RawPlugin.name(of: answer.status) + RawPlugin.reasons(answer))
        }
        let count = try plugin.document(answer, of: .upgrade)["resources"].list.count
        guard count == 2 else { throw .failed("\(type.type): UPGRADE of 2 resources answers \(count)") }
      }
      for version in [0, type.version + 1] {
        let answer = ask(version)
        guard answer.status == Int32(SNOWMAKER_FAILED) || answer.status == Int32(SNOWMAKER_UNSUPPORTED) else {
          throw .failed(
            "\(type.type): UPGRADE from version \(version), which never was, answers \(RawPlugin.name(of: answer.status))"
          )
        }
      }
    }
    if types.allSatisfy({ $0.version == 1 }) { throw .skipped("no type has an older version") }
  }
}
