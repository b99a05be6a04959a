import SnowmakerModel

/// Hands what is written in a provider's own form to EXPAND and admits what comes back.
struct Expander {
  let admission: Admission
  let reader: ResourceReader
  let expand: ([WrittenResource]) throws -> [Expansion]

  /// Composites may stand for composites this deep.
  static let maximumDepth = 8

  func run() {
    var waiting = reader.pending
    var depth = 1
    while !waiting.isEmpty {
      let answers: [Expansion]
      do {
        answers = try expand(waiting.map(\.written))
      } catch {
        return admission.reporter.report(Loader.diagnostic(error, "EXPAND failed", at: waiting[0].origin.position))
      }
      guard answers.count == waiting.count else {
        return admission.reporter.error(
          "the providers answered \(answers.count) of \(waiting.count) resources that they are to expand",
          code: "provider", at: waiting[0].origin.position)
      }
      var next: [ResourceReader.Pending] = []
      for (pending, answer) in zip(waiting, answers) { admit(answer, for: pending, &next) }
      depth += 1
      if depth > Self.maximumDepth, let first = next.first {
        return admission.reporter.error(
          "'\(first.written.type)' stands for composites nested more than \(Self.maximumDepth) levels deep",
          code: "provider", at: first.origin.position)
      }
      waiting = next
    }
  }

  private func admit(
    _ answer: Expansion, for pending: ResourceReader.Pending, _ next: inout [ResourceReader.Pending]
  ) {
    for diagnostic in answer.diagnostics {
      var diagnostic = diagnostic
      if diagnostic.position == nil {
        diagnostic.position = pending.origin.position(of: diagnostic.path, aliases: pending.type.aliases)
      }
      admission.reporter.report(diagnostic)
    }
    for resource in answer.resources {
      var origin = pending.origin
      origin.steps += resource.path
      if !resource.path.isEmpty { origin.position = pending.origin.position(of: resource.path, aliases: [:]) }
      guard let type = admission.types.byType[resource.type] else {
        admission.reporter.error(
          "the provider of '\(pending.written.type)' made a '\(resource.type)', which no loaded provider knows",
          code: "provider", at: origin.position)
        continue
      }
      if type.schema.isComposite {
        next.append(
          .init(
            sequence: pending.sequence,
            written: WrittenResource(
              type: resource.type, form: "expanded", value: resource.attributes, parent: pending.written.parent),
            type: type, origin: origin, meta: pending.meta, note: pending.note))
        continue
      }
      let draft = Draft(
        type: type, fields: resource.attributes.fields, origin: origin, meta: pending.meta, note: pending.note)
      if let declaration = admission.admit(draft) { reader.add(declaration, sequence: pending.sequence) }
    }
  }
}
