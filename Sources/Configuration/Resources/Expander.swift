import SnowmakerModel

/// Hands what is written in a provider's own form to EXPAND and admits what comes back.
final class Expander {
  let admission: Admission
  let reader: ResourceReader
  let expand: ([WrittenResource]) throws -> [Expansion]

  /// The named composites that were expanded.
  private(set) var composites: [Address: Composite] = [:]

  init(admission: Admission, reader: ResourceReader, expand: @escaping ([WrittenResource]) throws -> [Expansion]) {
    self.admission = admission
    self.reader = reader
    self.expand = expand
  }

  /// Composites may stand for composites this deep.
  static let maximumDepth = 8

  func run() {
    expandAll()
    rename()
  }

  /// Marks what `moved:` says.
  private func rename() {
    let moving = reader.pending.filter { !$0.meta.moved.isEmpty && $0.type.schema.isComposite }
    guard !moving.isEmpty, !admission.reporter.hasErrors else { return }
    var places: [Int: [Int]] = [:]
    for (place, made) in reader.declarations.enumerated() { places[made.sequence, default: []].append(place) }
    for pending in moving {
      Moves(admission: admission).apply(
        pending.meta.moved, of: pending.written.type, to: &reader.declarations, at: places[pending.sequence] ?? [])
    }
  }

  private func expandAll() {
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
    var chain = pending.composites
    if pending.type.schema.isComposite {
      if let composite = Composite(pending.written, pending.type) {
        // One inside another of the same name: what is written counts, and that came first.
        composites[composite.address] = composites[composite.address] ?? composite
        chain?.append(composite.address)
      } else {
        chain = nil
      }
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
            type: type, origin: origin, meta: pending.meta, note: pending.note, composites: chain))
        continue
      }
      var draft = Draft(
        type: type, fields: resource.attributes.fields, origin: origin, meta: pending.meta, note: pending.note)
      let isRenamed = takeFormerName(&draft)
      guard var declaration = admission.admit(draft) else { continue }
      declaration.renamesOnlyManaged = isRenamed
      declaration.composites = chain ?? []
      reader.add(declaration, sequence: pending.sequence)
    }
  }

  /// Takes the `renamed_from` that a plugin gave among the attributes; whether there was one.
  private func takeFormerName(_ draft: inout Draft) -> Bool {
    let key = "renamed_from"
    guard draft.type.attributes[key] == nil, let at = draft.fields.firstIndex(where: { $0.key == key }) else {
      return false
    }
    let value = draft.fields.remove(at: at).value
    if value.isNull { return false }
    guard let name = value.string else {
      admission.reporter.error(
        "the provider made a '\(draft.type.schema.type)' whose renamed_from is no name: \(AttributeKind.show(value))",
        code: "provider", at: draft.origin.position)
      return false
    }
    draft.meta.renamedFrom = (name, draft.origin.position)
    return true
  }
}
