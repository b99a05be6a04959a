public import SnowmakerSDK

/// Plans as golden files: what is declared and observed above, what PLAN answers below. People read and review them, and
/// they can be written without knowing Swift.
///
/// ```
/// == a higher quota is one ALTER
/// declared {"name": "limit", "credit_quota": 200}
/// observed {"name": "LIMIT", "credit_quota": 100}
/// -> update
/// ALTER RESOURCE MONITOR LIMIT SET CREDIT_QUOTA = 200
/// ```
///
/// Values take every spelling that configuration takes. Without `declared` the resource is dropped, without `observed`
/// there is nothing of that name. Further lines above the arrow: `owner ROLE`, `same ["attribute"]`, `takes_adopted`, `renamed_from
/// ["NAME"]`, `remembered {…}`. Below it come the action, statements, and lines that begin with `undo`, `loses`,
/// `risk`, `error`, `warning` and `apply`.
///
/// ```swift
/// @Test func plansAreWhatTheyWere() throws {
///   try PlanGolden(of: ResourceMonitor()).check("Golden/resource-monitor.plan", beside: #filePath)
/// }
/// ```
///
/// With `SNOWMAKER_WRITE_GOLDEN=1` in the environment the answers are written into the file instead of compared.
public struct PlanGolden: Sendable {
  private let type: any ObjectType
  private let context: RequestContext

  /// Golden plans of a type.
  public init(of type: any ObjectType, context: RequestContext = RequestContext()) {
    self.type = type
    self.context = context
  }

  /// What differs between a golden file and what is answered now.
  public struct Mismatch: Error, Sendable, CustomStringConvertible {
    /// The file, each case that differs, both versions of it.
    public let description: String
  }

  /// Compares every case of the file `name`, in the folder of the source file that asks.
  ///
  /// Throws `Mismatch` when an answer differs or the file cannot be read.
  public func check(_ name: String, beside source: String) throws {
    let folder = source.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    try check(folder + "/" + name)
  }

  /// Compares every case of the file at `path`. Throws as `check(_:beside:)`.
  public func check(_ path: String) throws {
    let text = try TextFile.read(path)
    var output: [String] = []
    var problems: [String] = []
    for section in Self.sections(of: text) {
      let answer = try self.answer(to: section)
      output.append((section.head + answer).joined(separator: "\n"))
      if answer != section.answer {
        problems.append(
          "\(section.title):\n" + section.answer.map { "  - \($0)\n" }.joined()
            + answer.map { "  + \($0)\n" }.joined())
      }
    }
    if EnvironmentVariable.isSet("SNOWMAKER_WRITE_GOLDEN") {
      try TextFile.write(output.joined(separator: "\n\n") + "\n", to: path)
    } else if output.isEmpty {
      throw Mismatch(description: "\(path) has no case: one begins with '== '")
    } else if !problems.isEmpty {
      throw Mismatch(
        description: "\(path): \(problems.count) of \(output.count) cases differ (-golden +now; "
          + "SNOWMAKER_WRITE_GOLDEN=1 writes them anew)\n" + problems.joined())
    }
  }

  // MARK: - Cases

  private struct Section {
    var title: String
    /// The lines up to the arrow.
    var head: [String] = []
    /// The arrow and what follows.
    var answer: [String] = []
  }

  private static func sections(of text: String) -> [Section] {
    var sections: [Section] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: true).map(String.init) {
      if line.hasPrefix("== ") { sections.append(Section(title: String(line.dropFirst(3)))) }
      guard !sections.isEmpty else { continue }
      let last = sections.count - 1
      if line.hasPrefix("-> ") || !sections[last].answer.isEmpty {
        sections[last].answer.append(line)
      } else {
        sections[last].head.append(line)
      }
    }
    return sections
  }

  private func answer(to section: Section) throws -> [String] {
    var item = PlanItem(identity: [], declared: nil, observed: nil)
    var owner: String?
    for line in section.head.dropFirst() where !line.hasPrefix("#") {
      let word = String(line.prefix { $0 != " " })
      let rest = String(line.dropFirst(word.count + 1))
      func value() throws -> Value { try Self.document(rest, in: section.title) }
      switch word {
      case "declared": item.declared = try canonical(value(), in: section.title)
      case "observed": item.observed = Observation(identity: [], attributes: try canonical(value(), in: section.title))
      case "owner": owner = rest
      case "same": item.same = try value().strings
      case "renamed_from": item.renamedFrom = try value().strings
      case "remembered": item.remembered = try value()
      case "takes_adopted": item.takesAdopted = true
      default: throw Mismatch(description: "\(section.title): '\(word)' is none of the words that a case may have")
      }
    }
    guard let source = item.declared ?? item.observed?.attributes else {
      throw Mismatch(description: "\(section.title): neither 'declared' nor 'observed'")
    }
    item.identity = type.schema.identity.map { AttributeText.show(source[$0.attribute]) }
    item.observed?.identity = item.renamedFrom ?? item.identity
    if let owner { item.observed?.owner = owner }
    let request = PlanRequest(context: context, type: type.schema.type, items: [item])
    do throws(Diagnostic) { return Self.lines(try type.plan(item, request: request)) } catch {
      return ["-> refused", "error \(error.summary)"]
    }
  }

  private static func document(_ text: String, in title: String) throws(Mismatch) -> Value {
    do throws(JSON.Failure) { return try JSON.decode(Array(text.utf8)) } catch {
      throw Mismatch(description: "\(title): '\(text)' is no JSON: \(error)")
    }
  }

  /// The attributes in canonical form, as the host hands them to a provider.
  private func canonical(_ attributes: Value, in title: String) throws(Mismatch) -> Value {
    var fields: [Value.Field] = []
    for field in attributes.fields {
      if let parts = parts(of: field) {
        fields += parts
        continue
      }
      guard let attribute = type.schema.attribute(field.key) else {
        throw Mismatch(description: "\(title): \(type.schema.type) has no attribute '\(field.key)'")
      }
      do throws(AttributeKind.Mismatch) {
        fields.append(.init(attribute.name, try attribute.normalize(field.value)))
      } catch { throw Mismatch(description: "\(title): '\(field.key)': \(error.message)") }
    }
    return .object(fields)
  }

  /// A name with dots, as configuration writes it, as the parts of the identity; nil when it is something else.
  private func parts(of field: Value.Field) -> [Value.Field]? {
    let identity = type.schema.identity.map(\.attribute)
    guard identity.count > 1, field.key == identity.last, let text = field.value.string,
      let name = try? QualifiedName(parsing: text), name.parts.count == identity.count
    else { return nil }
    return zip(identity, name.parts).map { .init($0, .string($1.sql)) }
  }

  private static func lines(_ change: Change) -> [String] {
    var lines = ["-> \(change.action.rawValue)"]
    for statement in change.statements {
      // A statement of several lines goes on behind a bar.
      lines.append(
        contentsOf: statement.sql.description.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
          .map { $0.offset == 0 ? String($0.element) : "  | \($0.element)" })
      if let operation = statement.operation { lines.append("apply \(JSON.string(operation))") }
      if let undo = statement.undo { lines.append("undo \(undo)") }
    }
    if change.risk != .reversible { lines.append("risk \(change.risk.rawValue)") }
    lines += change.losses.map { "loses \($0)" }
    lines += change.diagnostics.map { "\($0.severity.rawValue) \($0.summary)" }
    return lines
  }
}

/// Values as parts of identities.
enum AttributeText {
  static func show(_ value: Value) -> String {
    switch value {
    case .string(let text): text
    case .int(let number): String(number)
    case .bool(let flag): flag ? "true" : "false"
    default: ""
    }
  }
}
