public import SnowmakerModel

/// The plan as a tree for a terminal: what changes, why, with which SQL and as which role.
public struct PlanTextRenderer: Sendable {
  /// The loaded types; they tell what is sensitive and how things are grouped.
  public var types: [String: TypeSchema]
  /// Colours or none.
  public var style: Style
  /// Lists everything, also what does not change and the middle of long lists.
  public var isVerbose: Bool

  /// A renderer for plans with resources of these types.
  public init(types: [String: TypeSchema], style: Style = .plain, isVerbose: Bool = false) {
    self.types = types
    self.style = style
    self.isVerbose = isVerbose
  }

  /// The whole text, with a line feed at the end.
  public func render(_ plan: Plan) -> String {
    var writer = TreeWriter(plan: plan, text: PlanText(types), style: style, isVerbose: isVerbose)
    writer.write()
    return writer.lines.joined(separator: "\n") + "\n"
  }

  /// A diagnostic with its place and what to do, without a line feed at the end.
  public func render(_ diagnostic: Diagnostic) -> String {
    let label =
      switch diagnostic.severity {
      case .error: style.red("error:")
      case .warning: style.yellow("warning:")
      case .note: style.cyan("note:")
      }
    var lines = ["\(label) \(style.bold(PlanText.printable(diagnostic.summary)))"]
    if let position = diagnostic.position { lines.append("  at \(PlanText.printable(position.description))") }
    if !diagnostic.detail.isEmpty {
      lines += PlanText.printable(diagnostic.detail).split(separator: "\n", omittingEmptySubsequences: false).map {
        "  \($0)"
      }
    }
    return lines.joined(separator: "\n")
  }
}

private struct TreeWriter {
  let plan: Plan
  let text: PlanText
  let style: Style
  let isVerbose: Bool
  var lines: [String] = []
  /// Where each resource is in the plan's list.
  private let ownerOf: [Address: Int]

  /// How many adopted resources of one type, or things a drop takes along, are listed one by one.
  private static let longList = 20

  init(plan: Plan, text: PlanText, style: Style, isVerbose: Bool) {
    self.plan = plan
    self.text = text
    self.style = style
    self.isVerbose = isVerbose
    ownerOf = Dictionary(plan.resources.indices.map { (plan.resources[$0].address, $0) }) { first, _ in first }
  }

  mutating func write() {
    lines.append(
      style.bold("Project \(plan.binding.project), target \(plan.binding.target), account \(plan.binding.account)"))
    lines.append("")
    writeGroups()
    writeUnchanged()
    for diagnostic in plan.diagnostics {
      lines.append(PlanTextRenderer(types: text.types.schemas, style: style).render(diagnostic))
      lines.append("")
    }
    lines.append(style.bold(PlanText.summary(plan)))
    if let cost = PlanText.readCost(plan.readCost) { lines.append(style.dim(cost)) }
  }

  private mutating func writeGroups() {
    var groups: [String] = []
    var members: [String: [Int]] = [:]
    for (number, resource) in plan.resources.enumerated() {
      guard resource.absorbedBy == nil, resource.action != .none || isVerbose else { continue }
      let group = text.group(resource.address)
      if members[group] == nil { groups.append(group) }
      members[group, default: []].append(number)
    }
    for group in groups {
      lines.append(style.bold(group))
      writeMembers(members[group] ?? [])
      lines.append("")
    }
  }

  private mutating func writeMembers(_ members: [Int]) {
    var adopted: [String: Int] = [:]
    for number in members where plan.resources[number].action == .adopt && plan.resources[number].note.isEmpty {
      adopted[plan.resources[number].address.type, default: 0] += 1
    }
    let long = isVerbose ? [:] : adopted.filter { $0.value > Self.longList }
    for number in members {
      let resource = plan.resources[number]
      if resource.action == .adopt, resource.note.isEmpty, long[resource.address.type] != nil { continue }
      write(resource)
    }
    for (type, count) in long.sorted(by: { $0.key < $1.key }) {
      lines.append(
        "  \(style.paint("=", .adopt)) \(text.count(count, type)) that exist already are managed from now on")
    }
  }

  private mutating func write(_ resource: PlannedResource) {
    var line = "  \(style.paint(resource.action.symbol, resource.action)) \(text.title(resource.address))"
    if let old = resource.renamedFrom { line += style.dim(" (was \(old.joined(separator: ".")))") }
    if !resource.note.isEmpty { line += style.dim("  # \(resource.note)") }
    lines.append(line)
    for attribute in text.lines(resource) { lines.append("      \(attribute)") }
    if resource.action.isDestructive, resource.risk != .reversible { lines.append("      \(resource.risk.rawValue)") }
    writeLosses(resource)
    writeStatements(resource)
  }

  private mutating func writeLosses(_ resource: PlannedResource) {
    for loss in resource.losses { lines.append("      \(style.red("loses")) \(loss)") }
    let shown = isVerbose ? resource.absorbs.count : min(resource.absorbs.count, 5 * Self.longList)
    for address in resource.absorbs.prefix(shown) {
      lines.append("      \(style.red("takes along")) \(text.title(address))")
    }
    if shown < resource.absorbs.count { lines.append("      … and \(resource.absorbs.count - shown) more") }
  }

  private mutating func writeStatements(_ resource: PlannedResource) {
    var last = ""
    for index in resource.steps where plan.steps.indices.contains(index) {
      let step = plan.steps[index]
      // A statement that several need stands where it belongs.
      if step.address != resource.address, let owner = ownerOf[step.address],
        plan.resources[owner].steps.contains(index)
      {
        lines.append("      " + style.dim("-- sent with \(text.title(step.address))"))
        continue
      }
      let role = PlanText.role(step)
      if role != last { lines.append("      " + style.dim("-- \(role)")) }
      last = role
      let sql = PlanText.printable(step.statement.sql.description) + (step.statement.operation == nil ? ";" : "")
      for part in sql.split(separator: "\n", omittingEmptySubsequences: false) {
        lines.append("      " + style.paint(String(part), resource.action))
      }
    }
  }

  private mutating func writeUnchanged() {
    guard !isVerbose, !plan.isEmpty else { return }
    var counts: [String: Int] = [:]
    for resource in plan.resources where resource.action == .none { counts[resource.address.type, default: 0] += 1 }
    guard !counts.isEmpty else { return }
    let parts = counts.sorted { $0.key < $1.key }.map { text.count($0.value, $0.key) }
    lines.append(style.dim("Unchanged: \(parts.joined(separator: ", "))"))
    lines.append("")
  }
}
