import CSnowmaker
import SnowmakerModel

extension ContractChecks {
  /// The types with sensitive attributes, each with a resource that has them. Skipped when there are none.
  private static func sensitive(
    _ subject: VerificationSubject, _ body: (PlanTrial, Change) throws(Ending) -> Void
  ) throws(Ending) -> RawPlugin {
    let plugin = try subject.load()
    let types = try plugin.manifest().types.filter { type in
      !type.isComposite && type.attributes.contains(where: \.isSensitive)
    }
    if types.isEmpty { throw .skipped("no type has a sensitive attribute") }
    for type in types {
      let trial = try PlanTrial(plugin, type)
      try body(trial, try trial.change(trial.item(trial.full, observed: nil)).change)
      try body(trial, try trial.change(trial.item(trial.full, observed: trial.least)).change)
    }
    return plugin
  }

  @Sendable static func sensitiveNotInText(_ subject: VerificationSubject) throws(Ending) {
    _ = try sensitive(subject) { trial, change throws(Ending) in
      let texts = change.diagnostics.flatMap { [$0.summary, $0.detail] } + change.losses + [change.note]
      guard !texts.contains(where: { $0.contains(SampleValues.secretName) }) else {
        throw .failed("\(trial.type.type): a text for people has a secret's reference in it")
      }
      for attribute in change.attributes where trial.type.attribute(attribute.name)?.isSensitive == true {
        guard attribute.after.isSecret || attribute.after.isNull else {
          throw .failed("\(trial.type.type).\(attribute.name) is sensitive, and planned as a plain value")
        }
      }
    }
  }

  @Sendable static func secretsAreSlots(_ subject: VerificationSubject) throws(Ending) {
    let plugin = try sensitive(subject) { trial, change throws(Ending) in
      for statement in change.statements {
        for sql in [statement.sql, statement.undo].compactMap(\.self) {
          for case .text(let text) in sql.segments where text.contains(SampleValues.secretName) {
            throw .failed("\(trial.type.type): the SQL has a secret's reference as text, not as a slot")
          }
        }
      }
      let declares = trial.full.attributes.fields.contains { $0.value.isSecret }
      let uses = change.statements.contains { !$0.sql.secrets.isEmpty || $0.operation.map(holdsSecret) ?? false }
      if declares, change.action == .create, !uses {
        throw .failed("\(trial.type.type): a declared secret is in no statement that creates it")
      }
    }
    if plugin.lines.contains(where: { $0.contains(SampleValues.secretName) }) {
      throw .failed("a line of the log has a secret's reference in it")
    }
  }

  private static func holdsSecret(_ value: Value) -> Bool {
    if value.isSecret { return true }
    switch value {
    case .list(let elements): return elements.contains(where: holdsSecret)
    case .object(let fields): return fields.contains { holdsSecret($0.value) }
    default: return false
    }
  }
}
