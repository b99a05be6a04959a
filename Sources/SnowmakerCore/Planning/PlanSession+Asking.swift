import SnowmakerModel

/// Asks the providers what to do, in batches.
extension PlanSession {
  /// How many resources a batch holds, unless a group that must not be split is larger.
  static let batchSize = 256

  mutating func ask(_ providers: any Providers) async {
    let open = subjects.indices.filter { subjects[$0].settled == nil && subjects[$0].absorbedBy == nil }
    let late = Set(types.schemas.values.filter(\.wantsPlannedCreates).map(\.type))
    let first = late.isEmpty ? open : open.filter { !late.contains(subjects[$0].address.type) }
    await ask(providers, first, plannedCreates: nil)
    let lost = loseWhatReplacementsTake()
    await ask(providers, lost.filter { !late.contains(subjects[$0].address.type) }, plannedCreates: nil)
    let second = late.isEmpty ? [] : open.filter { late.contains(subjects[$0].address.type) }
    if !second.isEmpty { await ask(providers, second, plannedCreates: PlannedCreates(self)) }
  }

  private mutating func ask(_ providers: any Providers, _ members: [Int], plannedCreates: PlannedCreates?) async {
    var types: [String] = []
    var byType: [String: [Int]] = [:]
    for member in members {
      let type = subjects[member].address.type
      if byType[type] == nil { types.append(type) }
      byType[type, default: []].append(member)
    }
    let work = types.map { type in batches(byType[type] ?? [], type, plannedCreates) }
    await withTaskGroup(of: [Answer].self) { group in
      for batches in work {
        group.addTask {
          var answers: [Answer] = []
          for batch in batches { answers.append(await batch.ask(providers)) }
          return answers
        }
      }
      var answers: [Answer] = []
      for await some in group { answers += some }
      // In the order of the subjects, whatever came back first.
      for answer in answers.sorted(by: { ($0.members.first ?? 0) < ($1.members.first ?? 0) }) { take(answer) }
    }
  }

  private mutating func take(_ answer: Answer) {
    switch answer.result {
    case .success(let changes):
      for (member, change) in zip(answer.members, changes) { subjects[member].change = change }
    case .failure(let diagnostic):
      report(diagnostic)
      for member in answer.members {
        subjects[member].settled = .unknown
        subjects[member].notes.append("because its plugin failed")
      }
    }
  }

  private func batches(_ members: [Int], _ type: String, _ plannedCreates: PlannedCreates?) -> [Batch] {
    var result: [Batch] = []
    var current: [Int] = []
    func close() {
      guard !current.isEmpty else { return }
      let creates = plannedCreates?.beneath(current.map { subjects[$0] }) ?? []
      result.append(
        Batch(
          members: current,
          request: PlanRequest(
            context: input.context, type: type, items: current.map { subjects[$0].item }, plannedCreates: creates)))
      current = []
    }
    for group in groups(members, type) {
      if !current.isEmpty, current.count + group.count > Self.batchSize { close() }
      current += group
      if current.count >= Self.batchSize { close() }
    }
    close()
    return result
  }

  /// The members that belong together, in the order in which they were met.
  private func groups(_ members: [Int], _ type: String) -> [[Int]] {
    let groupBy = types[type]?.schema.groupBy ?? []
    guard !groupBy.isEmpty else {
      return stride(from: 0, to: members.count, by: Self.batchSize).map {
        Array(members[$0..<min($0 + Self.batchSize, members.count)])
      }
    }
    var groups: [[Int]] = []
    var known: [[Value]: Int] = [:]
    for member in members {
      let subject = subjects[member]
      let key = groupBy.map { name in
        subject.declared?.find(name) ?? subject.observed?.attributes.find(name) ?? subject.entry?.declared[name]
          ?? .null
      }
      if let at = known[key] {
        groups[at].append(member)
      } else {
        known[key] = groups.count
        groups.append([member])
      }
    }
    return groups
  }

  /// What is in, on or for something that is replaced is gone with it: it is planned as absent. Answers what has to be
  /// asked again.
  private mutating func loseWhatReplacementsTake() -> [Int] {
    guard subjects.indices.contains(where: { subjects[$0].change?.action == .replace }) else { return [] }
    var lostTo = [Address?](repeating: nil, count: graph.resources.count)
    var result: [Int] = []
    for number in graph.order {
      guard let at = subjectOf[number] else { continue }
      for edge in graph.edges[number] where edge.goesAlong {
        if let cause = lostTo[edge.to] {
          lostTo[number] = cause
        } else if let target = subjectOf[edge.to], subjects[target].change?.action == .replace {
          lostTo[number] = subjects[target].address
        }
      }
      guard let cause = lostTo[number], subjects[at].observed != nil, subjects[at].settled == nil else { continue }
      subjects[at].observed = nil
      subjects[at].renamedFrom = nil
      subjects[at].same = []
      subjects[at].notes.append("lost by the replacement of \(cause)")
      if let resource = subjects[at].resource { subjects[at].declared = .object(graph.resources[resource].attributes) }
      result.append(at)
    }
    return result
  }
}

/// One request and whose it is.
private struct Batch: Sendable {
  var members: [Int]
  var request: PlanRequest

  func ask(_ providers: any Providers) async -> Answer {
    do throws(Diagnostic) {
      let changes = try await providers.plan(request)
      guard changes.count == members.count else {
        throw .error(
          "the plugin for '\(request.type)' answered \(counted(changes.count, "change")) for \(counted(members.count, "resource"))",
          detail: "This is a fault of the plugin.", code: "plugin-fault")
      }
      for (change, item) in zip(changes, request.items) { try checkFiles(change, item) }
      return Answer(members: members, result: .success(changes))
    } catch {
      return Answer(members: members, result: .failure(error))
    }
  }

  /// Plugins write no files: what an account tells once goes only into a file that the resource itself names. Throws
  /// otherwise.
  private func checkFiles(_ change: Change, _ item: PlanItem) throws(Diagnostic) {
    for answer in change.statements.compactMap(\.keeps) {
      guard item.declared?.fields.contains(where: { $0.value.string == answer.file }) != true else { continue }
      throw .error(
        "the plugin for '\(request.type)' wants to write to \(answer.file), which the resource does not name",
        detail: "This is a fault of the plugin.", code: "plugin-fault")
    }
  }
}

private struct Answer: Sendable {
  var members: [Int]
  var result: Result<[Change], Diagnostic>
}

/// What the plan creates, by the scopes it lies in.
struct PlannedCreates {
  private var byScope: [Address: [SQLObject]] = [:]
  private let types: TypeIndex

  init(_ session: PlanSession) {
    types = session.types
    for subject in session.subjects {
      guard let action = subject.change?.action, action == .create || action == .replace else { continue }
      add(subject.address)
      for child in types.implicitChildren(of: subject.address) where session.graph.index[child] == nil { add(child) }
    }
  }

  private mutating func add(_ address: Address) {
    guard let object = types.object(address) else { return }
    for scope in types.containers(of: address) { byScope[scope, default: []].append(object) }
  }

  /// What is created beneath the scopes that these resources name.
  func beneath(_ subjects: [Subject]) -> [SQLObject] {
    guard !byScope.isEmpty else { return [] }
    var scopes: Set<Address> = []
    var result: [SQLObject] = []
    var known: Set<SQLObject> = []
    for subject in subjects {
      let fields = subject.declared.map(\.fields).map { [$0] } ?? subject.knownFields
      for fields in fields {
        types.references(in: fields, of: subject.address.type) { found in
          guard found.attribute.edge == .afterCreatesIn else { return }
          for scope in found.candidates where scopes.insert(scope).inserted {
            for object in byScope[scope] ?? [] where known.insert(object).inserted { result.append(object) }
          }
        }
      }
    }
    return result
  }
}
