import SnowmakerModel

/// A variable as `vars:` declares it.
struct VariableDeclaration {
  enum Kind: String, CaseIterable {
    case string, int, float, bool, list, map, json

    /// The kind that `name` means, with the names other tools use.
    init?(named name: String) {
      switch name.lowercased() {
      case "string", "str", "text": self = .string
      case "int", "integer": self = .int
      case "float", "number", "double": self = .float
      case "bool", "boolean": self = .bool
      case "list", "array", "set": self = .list
      case "map", "object", "dict": self = .map
      case "json", "any": self = .json
      default: return nil
      }
    }
  }

  var name: String
  var kind: Kind?
  var fallback: Node?
  var isSensitive = false
  var position: SourcePosition
}

/// Reads `vars:` and settles every variable's value: command line, environment, target, default, in this order.
final class VariableReader {
  private let reporter: Reporter
  private let evaluator: NodeEvaluator
  private let functions: ProvidedFunctions
  private var declared: [VariableDeclaration] = []
  private var index: [String: Int] = [:]
  /// The text of sensitive variables by secret id.
  private(set) var secrets: [String: String] = [:]
  private let variables = Variables()
  private var resolving: Set<String> = []

  init(_ reporter: Reporter, _ evaluator: NodeEvaluator, _ functions: ProvidedFunctions) {
    self.reporter = reporter
    self.evaluator = evaluator
    self.functions = functions
  }

  // MARK: - Declaring

  func declare(_ node: Node) {
    switch node.content {
    case .scalar(.null, _): break
    case .list(let elements): elements.forEach(declareElement)
    case .map(let entries):
      for entry in entries {
        let isSpecification = entry.value.entries.map { entries in
          !entries.isEmpty && entries.allSatisfy { ["type", "default", "sensitive", "description"].contains($0.key) }
        }
        if isSpecification ?? false {
          declare(entry.key, entry.value, at: entry.keyPosition)
        } else {
          add(VariableDeclaration(name: entry.key, fallback: entry.value, position: entry.keyPosition))
        }
      }
    default:
      reporter.error("vars must be a list or a map, found \(node.kindName)", code: "kind", at: node.position)
    }
  }

  private func declareElement(_ node: Node) {
    if case .text(let name) = node.content { return add(VariableDeclaration(name: name, position: node.position)) }
    guard node.entries != nil else {
      return reporter.error(
        "a variable must be a map with a name, found \(node.kindName)", code: "kind", at: node.position)
    }
    guard let name = node.find("name") else {
      return reporter.error("the variable has no name", detail: "add name:", code: "required", at: node.position)
    }
    guard case .text(let text) = name.value.content else {
      return reporter.error("a variable's name must be text", code: "kind", at: name.value.position)
    }
    declare(text, node, at: name.value.position)
  }

  private func declare(_ name: String, _ node: Node, at position: SourcePosition) {
    var variable = VariableDeclaration(name: name, position: position)
    for entry in node.entries ?? [] {
      switch entry.key {
      case "name", "description": break
      case "default": variable.fallback = entry.value
      case "sensitive":
        guard case .scalar(.bool(let flag), _) = entry.value.content else {
          reporter.error(
            "sensitive must be true or false, found \(entry.value.kindName)", code: "kind", at: entry.value.position)
          continue
        }
        variable.isSensitive = flag
      case "type":
        guard let text = entry.value.text, let kind = VariableDeclaration.Kind(named: text) else {
          reporter.unknown(
            "unknown type of variable '\(entry.value.text ?? entry.value.kindName)'", entry.value.text ?? "",
            of: VariableDeclaration.Kind.allCases.map(\.rawValue), code: "unknown-type", at: entry.value.position)
          continue
        }
        variable.kind = kind
      default:
        reporter.unknown(
          "unknown key '\(entry.key)' of a variable", entry.key,
          of: ["default", "description", "name", "sensitive", "type"], code: "unknown-key", at: entry.keyPosition)
      }
    }
    add(variable)
  }

  private func add(_ variable: VariableDeclaration) {
    let isName = variable.name.unicodeScalars.enumerated().allSatisfy { at, scalar in
      scalar == "_" || scalar.properties.isAlphabetic || (at > 0 && ("0"..."9").contains(scalar))
    }
    guard isName, !variable.name.isEmpty else {
      return reporter.error(
        "'\(variable.name)' is no name for a variable", detail: "use letters, digits and _", code: "name",
        at: variable.position)
    }
    if let before = index[variable.name] {
      return reporter.error(
        "the variable '\(variable.name)' is declared twice", detail: "first at \(declared[before].position)",
        code: "duplicate", at: variable.position)
    }
    index[variable.name] = declared.count
    declared.append(variable)
  }

  // MARK: - Values

  /// The values of all declared variables. `given` comes from the command line.
  func resolve(
    given: [(name: String, value: String)], environment: [String: String], target: Project.Target
  ) -> Variables {
    let names = declared.map(\.name)
    for (name, _) in given where index[name] == nil {
      reporter.unknown(
        "--var \(name): there is no variable '\(name)'", name, of: names, code: "unknown-variable",
        at: SourcePosition(file: "command line", line: 1, column: 1))
    }
    for entry in target.variables where index[entry.key] == nil {
      reporter.unknown(
        "there is no variable '\(entry.key)'", entry.key, of: names, code: "unknown-variable", at: entry.keyPosition)
    }
    for variable in declared {
      if let value = given.last(where: { $0.name == variable.name })?.value {
        settle(variable, external(value, of: variable, from: "--var \(variable.name)"))
      } else if let value = Self.environmentValue(of: variable.name, in: environment) {
        settle(variable, external(value, of: variable, from: "SNOWMAKER_VAR_\(variable.name)"))
      } else if let entry = target.variables.first(where: { $0.key == variable.name }) {
        settle(variable, written(entry.value, of: variable))
      } else if variable.fallback == nil {
        variables.withoutValue.insert(variable.name)
        reporter.error(
          "the variable '\(variable.name)' has no value",
          detail: "give it with --var \(variable.name)=…, SNOWMAKER_VAR_\(variable.name), the target's variables: or "
            + "default:",
          code: "missing-variable", at: variable.position)
      }
    }
    // Defaults last: one may use other variables.
    for variable in declared { fallBack(variable) }
    return variables
  }

  private static func environmentValue(of name: String, in environment: [String: String]) -> String? {
    environment["SNOWMAKER_VAR_\(name)"] ?? environment["SNOWMAKER_VAR_\(name.uppercased())"]
  }

  private func fallBack(_ variable: VariableDeclaration) {
    guard variables.value(of: variable.name) == nil, !variables.withoutValue.contains(variable.name),
      let fallback = variable.fallback
    else { return }
    guard resolving.insert(variable.name).inserted else { return }
    for name in Self.mentioned(in: fallback) {
      if resolving.contains(name), variables.value(of: name) == nil, index[name] != nil {
        reporter.error(
          "the default of '\(variable.name)' depends on itself", code: "variable-cycle", at: fallback.position)
        return settle(variable, nil)
      }
      if let other = index[name] { fallBack(declared[other]) }
    }
    settle(variable, written(fallback, of: variable))
  }

  /// The variables that expressions below `node` name, roughly: whatever stands after `var.`.
  private static func mentioned(in node: Node) -> [String] {
    switch node.content {
    case .template(let text):
      Text.split(text, at: "var.").dropFirst().map { rest in
        String(rest.prefix { $0 == "_" || $0.isLetter || $0.isNumber })
      }
    case .list(let elements): elements.flatMap(mentioned)
    case .map(let entries): entries.flatMap { mentioned(in: $0.value) }
    default: []
    }
  }

  private func settle(_ variable: VariableDeclaration, _ value: Value?) {
    guard let value else {
      variables.withoutValue.insert(variable.name)
      return
    }
    guard variable.isSensitive, !value.isSecret else { return variables.set(variable.name, to: value) }
    let text: String
    switch value {
    case .string(let string): text = string
    case .int(let number): text = String(number)
    case .null: return variables.set(variable.name, to: .null)
    default:
      reporter.error(
        "the sensitive variable '\(variable.name)' must be text, found \(value.kindName)", code: "kind",
        at: variable.position)
      variables.withoutValue.insert(variable.name)
      return
    }
    secrets["var:\(variable.name)"] = text
    variables.set(variable.name, to: .secret("var:\(variable.name)"))
  }

  private func written(_ node: Node, of variable: VariableDeclaration) -> Value? {
    let kind: AttributeKind? = variable.kind == .string ? .text : nil
    guard let value = evaluator.value(of: node, as: kind, in: Scope(variables: variables, functions: functions)) else {
      return nil
    }
    return check(value, variable, at: node.position)
  }

  /// A value given as text from outside.
  private func external(_ text: String, of variable: VariableDeclaration, from source: String) -> Value? {
    let position = SourcePosition(file: source, line: 1, column: 1)
    let kind = variable.kind ?? variable.fallback.flatMap(Self.kind) ?? .string
    switch kind {
    case .string: return .string(text)
    case .int, .float, .bool:
      return check(CoreSchema.resolve(text) ?? .string(text), variable, kind, at: position)
    case .list, .map, .json:
      do throws(Diagnostic) {
        let node = try YAMLReader.value(of: text, named: source)
        let value = evaluator.value(of: node, in: Scope(variables: variables, functions: functions))
        return value.flatMap { check($0, variable, kind, at: position) }
      } catch {
        reporter.error(
          "\(source) is no \(kind.rawValue): \(variable.isSensitive ? "not YAML" : error.summary)",
          detail: "write it like [a, b] or {key: value}", code: "kind", at: position)
        return nil
      }
    }
  }

  private static func kind(of node: Node) -> VariableDeclaration.Kind? {
    switch node.content {
    case .scalar(.int, _): .int
    case .scalar(.double, _): .float
    case .scalar(.bool, _): .bool
    case .list: .list
    case .map: .map
    default: nil
    }
  }

  private func check(
    _ value: Value, _ variable: VariableDeclaration, _ kind: VariableDeclaration.Kind? = nil,
    at position: SourcePosition
  ) -> Value? {
    switch (kind ?? variable.kind, value) {
    case (nil, _), (.json, _), (_, .null): return value
    case (_, .object) where value.isSecret: return value
    case (.string, .string), (.int, .int), (.float, .double), (.bool, .bool), (.list, .list), (.map, .object):
      return value
    case (.string, .int(let number)): return .string(String(number))
    case (.string, .double(let number)): return .string(String(number))
    case (.string, .bool(let flag)): return .string(flag ? "true" : "false")
    case (.float, .int(let number)): return .double(Double(number))
    case (.int, .string(let text)): if let number = Int64(text) { return .int(number) }
    case (.float, .string(let text)):
      if let number = Double(text), number.isFinite { return .double(number) }
    case (.bool, .string(let text)): if let flag = CoreSchema.boolean(text) { return .bool(flag) }
    default: break
    }
    let shown = variable.isSensitive ? value.kindName : AttributeKind.show(value)
    reporter.error(
      "the variable '\(variable.name)' is a \((kind ?? variable.kind)?.rawValue ?? "value"), found \(shown)",
      code: "kind", at: position)
    return nil
  }
}
