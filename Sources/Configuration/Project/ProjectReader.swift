import Glibc
import SnowmakerModel

extension Project {
  /// Reads the project at `path`: a folder, with or without `snowmaker.yaml`, or one resource file. Needs no plugin, so that
  /// it can say where the plugins are.
  public static func read(at path: String) -> (project: Project, diagnostics: [Diagnostic]) {
    let reporter = Reporter()
    let project = ProjectReader(reporter).read(path)
    return (project, reporter.sorted)
  }
}

/// Reads `snowmaker.yaml`.
struct ProjectReader {
  private let reporter: Reporter

  static let keys = [
    "default_target", "defaults", "exclusive", "ignore", "isolation", "max_drops", "name", "plugin_dirs", "plugins",
    "project",
    "providers",
    "schemas", "targets", "vars",
  ]
  static let targetKeys = ["connection", "deploy_role", "ledger", "prefix", "read_role", "variables"]
  static let ledgerKeys = ["account", "key", "role"]

  init(_ reporter: Reporter) { self.reporter = reporter }

  func read(_ given: String) -> Project {
    let path =
      given.hasSuffix("/" + FilePaths.projectFile) || given == FilePaths.projectFile
      ? FilePaths.folder(of: given) : given
    var project = Project(name: FilePaths.baseName(path), path: path)
    switch FilePaths.kind(path) {
    case .folder:
      let file = FilePaths.join(path, FilePaths.projectFile)
      if case .missing(let code) = FilePaths.kind(file), code == ENOENT {
        checkOtherSpelling(path)
        return project
      }
      project.file = file
      do throws(Diagnostic) { read(try SourceText.read(file), into: &project) } catch { reporter.report(error) }
    case .file: break
    case .missing(let code): reporter.report(FilePaths.missing(path, code))
    case .other: reporter.report(FilePaths.neitherFolderNorFile(path))
    }
    return project
  }

  /// `snowmaker.yml` would be read as a resource file; nobody means that.
  private func checkOtherSpelling(_ folder: String) {
    let other = FilePaths.join(folder, "snowmaker.yml")
    if case .file = FilePaths.kind(other) {
      reporter.error(
        "'\(other)' is not read as the project file", detail: "rename it to \(FilePaths.projectFile)",
        code: "project-file", at: SourcePosition(file: other, line: 1, column: 1))
    }
  }

  func read(_ source: SourceText, into project: inout Project) {
    reporter.sources[source.file] = source
    let (node, diagnostics) = YAMLReader.read(source)
    diagnostics.forEach(reporter.report)
    guard let node else {
      if diagnostics.isEmpty {
        reporter.error(
          "the file is empty", detail: "write at least project: NAME, or remove it", code: "empty-file",
          at: SourcePosition(file: source.file, line: 1, column: 1))
      }
      return
    }
    guard let entries = map(node, "the project file") else { return }
    for entry in entries { read(entry, into: &project) }
    if let wanted = project.defaultTarget, !project.targets.contains(where: { $0.name == wanted }),
      let entry = node.find("default_target")
    {
      reporter.unknown(
        "there is no target '\(wanted)'", wanted, of: project.targets.map(\.name), code: "unknown-target",
        at: entry.value.position)
    }
  }

  private func read(_ entry: Node.Entry, into project: inout Project) {
    switch entry.key {
    case "project", "name":
      if project.isNamed {
        reporter.error("the project is named twice", code: "duplicate-key", at: entry.keyPosition)
      } else if let name = text(entry.value, "the project's name") {
        project.name = name
        project.isNamed = true
        project.namePosition = entry.value.position
      }
    case "default_target": project.defaultTarget = text(entry.value, "default_target")
    case "targets": targets(entry.value, into: &project)
    case "defaults": project.defaults = map(entry.value, "defaults") ?? []
    case "vars": project.variables = entry.value
    case "schemas": schemas(entry.value, into: &project)
    case "providers":
      for plugin in map(entry.value, "providers") ?? [] {
        guard map(plugin.value, "the configuration of '\(plugin.key)'") != nil,
          let value = NodeEvaluator(reporter).value(of: plugin.value, in: Scope(variables: Variables()))
        else { continue }
        project.providers[plugin.key] = value
      }
    case "ignore": project.ignore = list(entry.value).compactMap(ignorePattern)
    case "max_drops": project.maxDrops = maxDrops(entry.value)
    case "exclusive": project.exclusive = list(entry.value).compactMap(exclusive)
    case "isolation": isolation(entry.value, into: &project)
    case "plugins":
      for plugin in map(entry.value, "plugins") ?? [] { project.plugins[plugin.key] = requiredPlugin(plugin) }
    case "plugin_dirs":
      let folder = project.file.map(FilePaths.folder(of:)) ?? "."
      project.pluginFolders = list(entry.value).compactMap { text($0, "a plugin folder") }.map {
        $0.hasPrefix("/") ? $0 : FilePaths.join(folder, $0)
      }
    default:
      reporter.unknown(
        "unknown key '\(entry.key)'", entry.key, of: Self.keys, code: "unknown-key", at: entry.keyPosition)
    }
  }

  private func isolation(_ node: Node, into project: inout Project) {
    if let mode = node.text { return isolationMode(mode, at: node.position, into: &project) }
    for setting in map(node, "isolation") ?? [] {
      switch setting.key {
      case "mode":
        if let mode = text(setting.value, "mode") { isolationMode(mode, at: setting.value.position, into: &project) }
      case "timeout": project.isolation.timeout = number(setting.value, "timeout", in: 1...3600, "seconds")
      case "memory": project.isolation.memory = number(setting.value, "memory", in: 128...65536, "MiB")
      default:
        reporter.unknown(
          "unknown key '\(setting.key)'", setting.key, of: ["memory", "mode", "timeout"], code: "unknown-key",
          at: setting.keyPosition)
      }
    }
  }

  private func isolationMode(_ mode: String, at position: SourcePosition, into project: inout Project) {
    switch mode {
    case "always": project.isolation.always = true
    case "untrusted": project.isolation.always = false
    case "never":
      reporter.error(
        "a project cannot turn isolation off",
        detail: "Its files may come from someone else. Whoever runs snowmaker can pass --isolate never, or set "
          + "SNOWMAKER_ISOLATE=never.", code: "isolation", at: position)
    default:
      reporter.error("isolation is always or untrusted, not '\(mode)'", code: "isolation", at: position)
    }
  }

  /// `name: "~> 1.2"`, `name: {version: "~> 1.2"}` or `name:` alone.
  private func requiredPlugin(_ entry: Node.Entry) -> Project.RequiredPlugin {
    var plugin = Project.RequiredPlugin(version: nil, position: entry.keyPosition)
    guard let settings = entry.value.entries else {
      if !entry.value.isNull { plugin.version = text(entry.value, "a version") }
      plugin.position = entry.value.isNull ? entry.keyPosition : entry.value.position
      return plugin
    }
    for setting in settings {
      switch setting.key {
      case "version":
        plugin.version = text(setting.value, "version")
        plugin.position = setting.value.position
      default:
        reporter.unknown(
          "unknown key '\(setting.key)' of a plugin", setting.key, of: ["version"], code: "unknown-key",
          at: setting.keyPosition)
      }
    }
    return plugin
  }

  private func targets(_ node: Node, into project: inout Project) {
    guard let entries = map(node, "targets") else { return }
    guard !entries.isEmpty else { return reporter.error("targets is empty", code: "targets", at: node.position) }
    project.targets = entries.map(target)
  }

  private func target(_ entry: Node.Entry) -> Project.Target {
    var target = Project.Target(name: entry.key)
    if entry.value.isNull { return target }
    for setting in map(entry.value, "the target '\(entry.key)'") ?? [] {
      switch setting.key {
      case "connection": target.connection = text(setting.value, "connection")
      case "variables": target.variables = map(setting.value, "variables") ?? []
      case "ledger": target.ledger = ledger(setting.value)
      case "prefix": target.prefix = identifier(setting.value, "prefix")?.name
      case "deploy_role": target.deployRole = identifier(setting.value, "deploy_role")?.sql
      case "read_role": target.readRole = identifier(setting.value, "read_role")?.sql
      default:
        reporter.unknown(
          "unknown key '\(setting.key)'", setting.key, of: Self.targetKeys, code: "unknown-key", at: setting.keyPosition
        )
      }
    }
    return target
  }

  private func ledger(_ node: Node) -> Project.AccountLedger? {
    guard let entries = map(node, "ledger") else { return nil }
    var ledger = Project.AccountLedger(schema: "")
    for entry in entries {
      switch entry.key {
      case "account":
        guard let name = text(entry.value, "account") else { return nil }
        do throws(Identifier.Failure) { ledger.schema = try QualifiedName(parsing: name, parts: 2...2).sql } catch {
          reporter.error(
            error.description, detail: "name the schema that holds the ledger: DATABASE.SCHEMA", code: "name",
            at: entry.value.position)
          return nil
        }
      case "role": ledger.role = identifier(entry.value, "role")?.sql
      case "key":
        guard entry.value.isSecret, case .text(let id) = entry.value.content else {
          reporter.error(
            "the key of a ledger does not stand in a file of the project",
            detail: "write !secret env:NAME or file:PATH",
            code: "ledger-key", at: entry.value.position)
          return nil
        }
        ledger.key = id
      default:
        reporter.unknown(
          "unknown key '\(entry.key)'", entry.key, of: Self.ledgerKeys, code: "unknown-key", at: entry.keyPosition)
        return nil
      }
    }
    guard !ledger.schema.isEmpty else {
      reporter.error(
        "ledger needs account: DATABASE.SCHEMA", detail: "or leave ledger out: then it is a file of the project",
        code: "required", at: node.position)
      return nil
    }
    return ledger
  }

  private func schemas(_ node: Node, into project: inout Project) {
    for entry in map(node, "schemas") ?? [] {
      guard case .scalar(.int(let version), _) = entry.value.content, version >= 1, version <= 1_000_000 else {
        reporter.error(
          "a schema version is a whole number from 1, found \(entry.value.kindName)", code: "kind",
          at: entry.value.position)
        continue
      }
      project.schemaVersions[entry.key] = Int(version)
      project.schemaPositions[entry.key] = entry.keyPosition
    }
  }

  private func ignorePattern(_ node: Node) -> Project.IgnorePattern? {
    var pattern = Project.IgnorePattern()
    if node.text != nil {
      pattern.name = text(node, "a pattern")
      return pattern.name == nil ? nil : pattern
    }
    guard let entries = map(node, "a pattern of ignore", or: "text"), !entries.isEmpty else { return nil }
    for entry in entries {
      switch entry.key {
      case "type": pattern.type = text(entry.value, "type")
      case "name": pattern.name = text(entry.value, "name")
      case "owner": pattern.owner = text(entry.value, "owner")
      case "schema": pattern.schema = text(entry.value, "schema")
      case "database": pattern.database = text(entry.value, "database")
      default:
        reporter.unknown(
          "unknown key '\(entry.key)'", entry.key, of: ["database", "name", "owner", "schema", "type"],
          code: "unknown-key", at: entry.keyPosition)
        return nil  // a pattern that lacks a condition would match too much
      }
    }
    return pattern
  }

  private func maxDrops(_ node: Node) -> Project.MaxDrops? {
    switch node.content {
    case .scalar(.int(let count), _) where count >= 0 && count <= Int64(Int32.max): return .count(Int(count))
    case .text(let text) where text.hasSuffix("%"):
      if let percent = Int(text.dropLast()), (0...100).contains(percent) { return .percent(percent) }
    default: break
    }
    reporter.error("max_drops takes a number like 5 or a share like \"10%\"", code: "kind", at: node.position)
    return nil
  }

  private func exclusive(_ node: Node) -> Project.Exclusive? {
    if node.text != nil {
      guard let words = text(node, "an entry of exclusive") else { return nil }
      let parts = Text.words(words)
      if parts.count == 1 { return .init(type: parts[0], scope: nil, position: node.position) }
      if parts.count > 2, parts[1].lowercased() == "in" {
        let name = Text.strip(
          words.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: true).last.map(String.init) ?? "")
        return scope(name, node).map { .init(type: parts[0], scope: $0, position: node.position) }
      }
      reporter.error("write a type, or {type: TYPE, in: NAME}", code: "exclusive", at: node.position)
      return nil
    }
    guard let entries = map(node, "an entry of exclusive", or: "text") else { return nil }
    var result = Project.Exclusive(type: "", scope: nil, position: node.position)
    for entry in entries {
      switch entry.key {
      case "type": result.type = text(entry.value, "type") ?? ""
      case "in":
        guard let name = text(entry.value, "in"), let scope = scope(name, entry.value) else { return nil }
        result.scope = scope
      default:
        reporter.unknown(
          "unknown key '\(entry.key)'", entry.key, of: ["in", "type"], code: "unknown-key", at: entry.keyPosition)
        return nil
      }
    }
    if result.type.isEmpty {
      reporter.error("an entry of exclusive needs a type", code: "required", at: node.position)
      return nil
    }
    return result
  }

  private func scope(_ name: String, _ node: Node) -> String? {
    do throws(Identifier.Failure) { return try QualifiedName(parsing: name).sql } catch {
      reporter.error(error.description, code: "name", at: node.position)
      return nil
    }
  }

  // MARK: - Kinds

  private func number(_ node: Node, _ what: String, in range: ClosedRange<Int>, _ unit: String) -> Int? {
    if case .scalar(.int(let number), _) = node.content, let number = Int(exactly: number), range.contains(number) {
      return number
    }
    reporter.error(
      "\(what) takes \(range.lowerBound) to \(range.upperBound) \(unit)", code: "kind", at: node.position)
    return nil
  }

  private func map(_ node: Node, _ what: String, or other: String? = nil) -> [Node.Entry]? {
    if let entries = node.entries { return entries }
    reporter.error(
      "\(what) must be a map\(other.map { " or \($0)" } ?? ""), found \(node.kindName)", code: "kind", at: node.position
    )
    return nil
  }

  private func list(_ node: Node) -> [Node] { node.isNull ? [] : node.elements ?? [node] }

  private func text(_ node: Node, _ what: String) -> String? {
    switch node.content {
    case .text(let text) where !node.isSecret:
      if !text.isEmpty { return text }
      reporter.error("\(what) must not be empty", code: "kind", at: node.position)
    case .template:
      reporter.error("\(what) cannot be an expression", code: "expression", at: node.position)
    case .scalar(let value, let written) where value != .null: return written
    default: reporter.error("\(what) must be text, found \(node.kindName)", code: "kind", at: node.position)
    }
    return nil
  }

  private func identifier(_ node: Node, _ what: String) -> Identifier? {
    guard let text = text(node, what) else { return nil }
    do throws(Identifier.Failure) { return try Identifier(parsing: text) } catch {
      reporter.error(error.description, code: "name", at: node.position)
      return nil
    }
  }
}
