public import SnowmakerModel

/// The plan as Markdown for a pull request: the summary, the changes as a diff, everything else folded away.
public struct PlanMarkdownRenderer: Sendable {
  /// The loaded types.
  public var types: [String: TypeSchema]

  /// A renderer for plans with resources of these types.
  public init(types: [String: TypeSchema]) { self.types = types }

  /// The document, with a line feed at the end.
  public func render(_ plan: Plan) -> String {
    let text = PlanText(types)
    var parts = [
      "### snowmaker: \(Self.escape(plan.binding.project)) → \(Self.escape(plan.binding.target))",
      "**\(PlanText.summary(plan))**",
    ]
    if !plan.diagnostics.isEmpty {
      parts.append(plan.diagnostics.map(diagnostic).joined(separator: "\n"))
    }
    let destructive = plan.destructive
    if !destructive.isEmpty {
      let lines = destructive.map { "- \($0.action.rawValue) `\(Self.code(text.title($0.address)))`" }
      parts.append("**Takes away:**\n\n" + lines.joined(separator: "\n"))
    }
    let changes = plan.resources.filter { $0.action != .none && $0.absorbedBy == nil }.flatMap { diff($0, text) }
    if !changes.isEmpty { parts.append(Self.fenced(changes, "diff")) }
    if !plan.steps.isEmpty {
      let script = PlanSQLRenderer().body(plan).drop { $0.isEmpty }
      parts.append(
        Self.folded(
          "SQL (\(counted(plan.steps.count, "statement")))", Self.fenced(Array(script), "sql")))
    }
    if let cost = PlanText.readCost(plan.readCost) { parts.append("<sub>\(Self.escape(cost))</sub>") }
    return parts.joined(separator: "\n\n") + "\n"
  }

  private func diff(_ resource: PlannedResource, _ text: PlanText) -> [String] {
    let sign =
      switch resource.action {
      case .create: "+"
      case .drop: "-"
      case .update, .replace, .rename: "!"
      case .adopt, .release, .unknown, .none: "#"
      }
    var line = "\(sign) \(resource.action.rawValue) \(text.title(resource.address))"
    if let old = resource.renamedFrom { line += " (was \(old.joined(separator: ".")))" }
    if !resource.note.isEmpty { line += "  # \(resource.note)" }
    var lines = [line]
    lines += text.lines(resource).map { "\(sign)     \($0)" }
    lines += resource.losses.map { "-     loses \($0)" }
    lines += resource.absorbs.map { "-     takes along \(text.title($0))" }
    return lines
  }

  private func diagnostic(_ diagnostic: Diagnostic) -> String {
    let place = diagnostic.position.map { " (`\(Self.code($0.description))`)" } ?? ""
    let detail = diagnostic.detail.isEmpty ? "" : " — \(Self.escape(diagnostic.detail))"
    return "- **\(diagnostic.severity.rawValue)**: \(Self.escape(diagnostic.summary))\(place)\(detail)"
  }

  private static func folded(_ title: String, _ body: String) -> String {
    "<details><summary>\(escape(title))</summary>\n\n\(body)\n\n</details>"
  }

  /// A code block whose fence is longer than any row of backticks in it.
  private static func fenced(_ lines: [String], _ language: String) -> String {
    var longest = 2
    for line in lines {
      var run = 0
      for byte in line.utf8 {
        run = byte == UInt8(ascii: "`") ? run + 1 : 0
        longest = max(longest, run)
      }
    }
    let fence = String(repeating: "`", count: longest + 1)
    return ([fence + language] + lines + [fence]).joined(separator: "\n")
  }

  private static func code(_ text: String) -> String { String(text.map { $0 == "`" ? "'" : $0 }) }

  /// Text that Markdown and HTML take as it is.
  private static func escape(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "&": result += "&amp;"
      case "*", "_", "`", "[", "]", "\\", "|": result += "\\\(character)"
      case _ where character.isNewline: result += "<br>"
      default: result.append(character)
      }
    }
    return result
  }
}
