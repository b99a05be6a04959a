import SnowmakerModel

/// Loads a project's resources: YAML in, canonical declarations and every mistake out. Knows no resource type but by its
/// schema, and neither reads secrets nor sees the account.
public struct Loader {
  private let project: Project
  private let types: TypeIndex
  private let reporter = Reporter()
  private let evaluator: NodeEvaluator
  private let environment: [String: String]
  private let given: [(name: String, value: String)]
  private let functions: ProvidedFunctions

  private init(
    _ project: Project, _ types: [TypeSchema], _ given: [(name: String, value: String)],
    _ environment: [String: String],
    _ functions: ProvidedFunctions
  ) {
    self.project = project
    self.types = TypeIndex(types)
    self.evaluator = NodeEvaluator(reporter)
    self.given = given
    self.environment = environment
    self.functions = functions
  }

  /// Loads the resources of `project` for a target.
  ///
  /// - Parameters:
  ///   - target: The target's name, nil for the default one.
  ///   - types: All types of the loaded providers.
  ///   - variables: Values from the command line, the last one of a name counts.
  ///   - environment: The process's environment; `SNOWMAKER_VAR_name` gives a variable.
  ///   - functions: What the loaded providers offer to expressions.
  ///   - expand: Asks the providers what written resources stand for, one answer for each, in order.
  ///   - upgrade: Rewrites elements of a type from the older schema version that the project pins.
  /// - Returns: What is declared, with everything that is wrong; never throws.
  public static func load(
    _ project: Project, target: String? = nil, types: [TypeSchema], variables: [(name: String, value: String)] = [],
    environment: [String: String] = [:], functions: ProvidedFunctions = .none,
    expand: ([WrittenResource]) throws -> [Expansion],
    upgrade: ((_ type: String, _ version: Int, _ values: [Value]) throws -> [Value])? = nil
  ) -> LoadedConfiguration {
    withoutActuallyEscaping(expand) { expand in
      let loader = Loader(project, types, variables, environment, functions)
      return loader.run(target, expand: expand, upgrade: upgrade)
    }
  }

  private func run(
    _ targetName: String?, expand: @escaping ([WrittenResource]) throws -> [Expansion],
    upgrade: ResourceReader.Upgrade?
  ) -> LoadedConfiguration {
    var result = LoadedConfiguration(project: project, target: project.targets[0])
    do throws(Diagnostic) { result.target = try project.target(named: targetName) } catch {
      reporter.report(error)
    }
    checkProject(hasUpgrade: upgrade != nil)
    let roots = read()
    let variableReader = VariableReader(reporter, evaluator, functions)
    if let node = project.variables { variableReader.declare(node) }
    for root in roots {
      if let entry = root.find("vars") { variableReader.declare(entry.value) }
      if let entry = root.find("name") { name(entry, &result.project) }
    }
    let variables = variableReader.resolve(given: given, environment: environment, target: result.target)
    let scope = Scope(
      variables: variables,
      constants: [
        ("target", ["name": .string(result.target.name), "prefix": .string(result.target.prefix ?? "")]),
        ("project", ["name": .string(result.project.name)]),
      ], functions: functions)
    let secrets = SecretKeeper(variableReader.secrets)
    let admission = Admission(types: types, reporter: reporter, secrets: secrets)
    let reader = ResourceReader(admission, evaluator, upgrade: upgrade)
    for root in roots { top(root, reader, scope) }
    let expander = Expander(admission: admission, reader: reader, expand: expand)
    expander.run()
    result.composites = expander.composites
    finish(reader.ordered, &result)
    result.literalSecrets = secrets.literals
    result.diagnostics = reporter.sorted
    return result
  }

  private func finish(_ declarations: [Declaration], _ result: inout LoadedConfiguration) {
    let finishing = Finishing(types: types, reporter: reporter)
    var declarations = declarations
    for index in declarations.indices where !declarations[index].waiting.isEmpty {
      declarations[index].dependsOn = declarations[index].waiting.compactMap {
        finishing.dependency($0.text, $0.position)
      }
      declarations[index].waiting = []
    }
    let bare = BareReferences(types, reporter, declarations)
    declarations = declarations.map(bare.apply)
    if let prefix = result.target.prefix, !prefix.isEmpty {
      let prefixing = Prefixing(prefix, types, declarations)
      for index in declarations.indices {
        var declaration = prefixing.apply(declarations[index])
        declaration.dependsOn = declaration.dependsOn.map(prefixing.apply)
        declarations[index] = declaration
      }
    }
    (result.declarations, result.index) = finishing.unique(declarations)
    finishing.checkDependencies(result.declarations, result.index)
  }

  /// A diagnostic for an error that a closure threw.
  static func diagnostic(_ error: any Error, _ what: String, at position: SourcePosition) -> Diagnostic {
    if var diagnostic = error as? Diagnostic {
      diagnostic.position = diagnostic.position ?? position
      return diagnostic
    }
    return .error("\(what): \(error)", code: "provider", position: position)
  }

  // MARK: - Files

  private func read() -> [Node] {
    var files: [String] = []
    switch FilePaths.kind(project.path) {
    case .file: files = [project.path]
    case .folder:
      files = FilePaths.configurationFiles(in: project.path, reporter)
      if files.isEmpty {
        reporter.report(
          .error(
            "there is no YAML file in '\(project.path)'", detail: "resources stand in *.yml or *.yaml", code: "no-files"
          ))
      }
    case .missing(let code): reporter.report(FilePaths.missing(project.path, code))
    case .other: reporter.report(FilePaths.neitherFolderNorFile(project.path))
    }
    return files.compactMap(read)
  }

  private func read(_ file: String) -> Node? {
    let source: SourceText
    do throws(Diagnostic) { source = try SourceText.read(file) } catch {
      reporter.report(error)
      return nil
    }
    reporter.sources[file] = source
    let (node, diagnostics) = YAMLReader.read(source)
    diagnostics.forEach(reporter.report)
    guard let node, !node.isNull else {
      if diagnostics.isEmpty {
        reporter.error(
          "the file is empty", detail: "write resources into it or remove it", code: "empty-file",
          at: SourcePosition(file: file, line: 1, column: 1))
      }
      return nil
    }
    if node.entries == nil {
      reporter.error(
        "a file must be a map of resource lists, found \(node.kindName)",
        detail: "begin with a key such as "
          + (types.topKeys.first.map { "'\($0):'" } ?? "a type's plural name"), code: "kind", at: node.position)
      return nil
    }
    return node
  }

  // MARK: - The top of a file

  /// Keys of other tools that have no meaning here, and what to write instead.
  private static let refused: [String: String] = [
    "run_mode": "drops are limited by max_drops: and exclusive: in snowmaker.yaml",
    "allowlist": "which types are managed follows from what is declared; see ignore: in snowmaker.yaml",
    "dry_run": "use 'snowmaker plan'",
    "scope": "use --only, or a project of its own",
    "database": "name the database in the resources",
    "schema": "name the schema in the resources",
    "sync_resources": "write exclusive: [TYPE] in snowmaker.yaml",
    "exclude_resources": "write ignore: in snowmaker.yaml",
    "use_account_usage": "reading never needs it",
    "targets": "it belongs into snowmaker.yaml",
    "defaults": "it belongs into snowmaker.yaml",
    "default_target": "it belongs into snowmaker.yaml",
    "providers": "it belongs into snowmaker.yaml",
    "ignore": "it belongs into snowmaker.yaml",
    "max_drops": "it belongs into snowmaker.yaml",
    "exclusive": "it belongs into snowmaker.yaml",
    "plugin_dirs": "it belongs into snowmaker.yaml",
    "project": "it belongs into snowmaker.yaml; here the project is named by name:",
  ]

  private func top(_ root: Node, _ reader: ResourceReader, _ scope: Scope) {
    for entry in root.entries ?? [] {
      if let (type, forms) = types.byKey[entry.key] {
        reader.block(type, forms: forms, key: entry.key, entry.value, scope: scope)
      } else if entry.key == "name" || entry.key == "vars" {
        continue
      } else if entry.isTemplate {
        reporter.error("a key at the top cannot be an expression", code: "expression", at: entry.keyPosition)
      } else if let hint = Self.refused[entry.key] {
        reporter.error("'\(entry.key)' is not supported here", detail: hint, code: "unsupported", at: entry.keyPosition)
      } else {
        let plural = types.byType[entry.key].map { "did you mean '\($0.schema.plural)'?" }
        reporter.error(
          "'\(entry.key)' is no resource type that a loaded provider knows",
          detail: plural ?? reporter.hint(entry.key, types.topKeys + ["name", "vars"], oneIn: 4), code: "unknown-type",
          at: entry.keyPosition)
      }
    }
  }

  /// `name:` names the project, unless snowmaker.yaml does.
  private func name(_ entry: Node.Entry, _ project: inout Project) {
    guard case .text(let name) = entry.value.content, !name.isEmpty, !entry.value.isSecret else {
      return reporter.error("the project's name must be text", code: "kind", at: entry.value.position)
    }
    if project.isNamed, project.name != name {
      return reporter.error(
        "the project is named '\(project.name)' already",
        detail: project.namePosition.map { "at \($0)" } ?? "", code: "conflicting-name", at: entry.value.position)
    }
    project.name = name
    project.isNamed = true
    project.namePosition = entry.value.position
  }

  // MARK: - What snowmaker.yaml says of types

  private func checkProject(hasUpgrade: Bool) {
    for entry in project.defaults {
      guard let type = types.type(entry.key) else {
        reporter.unknown(
          "defaults: there is no type '\(entry.key)'", entry.key, of: types.words, code: "unknown-type",
          at: entry.keyPosition)
        continue
      }
      guard let attributes = entry.value.entries else {
        reporter.error("defaults of a type must be a map", code: "kind", at: entry.value.position)
        continue
      }
      for attribute in attributes where type.attributes[attribute.key] == nil {
        reporter.unknown(
          "defaults: '\(type.schema.type)' has no attribute '\(attribute.key)'", attribute.key,
          of: type.attributes.keys.sorted(), code: "unknown-key", at: attribute.keyPosition)
      }
      type.defaults += attributes
    }
    for (word, version) in project.schemaVersions.sorted(by: { $0.key < $1.key }) {
      let position = project.schemaPositions[word] ?? SourcePosition(file: project.path, line: 1, column: 1)
      guard let type = types.type(word) else {
        reporter.unknown(
          "schemas: there is no type '\(word)'", word, of: types.words, code: "unknown-type", at: position)
        continue
      }
      if version > type.schema.version {
        reporter.error(
          "schemas: '\(word)' has version \(type.schema.version), not \(version)",
          detail: "a newer plugin may have it", code: "schema-version", at: position)
      } else if version < type.schema.version {
        type.pinned = version
        if !hasUpgrade {
          reporter.error(
            "schemas: '\(word)' cannot be upgraded from version \(version)", code: "schema-version", at: position)
        }
      }
    }
    for entry in project.exclusive where types.type(entry.type) == nil {
      reporter.unknown(
        "exclusive: there is no type '\(entry.type)'", entry.type, of: types.words, code: "unknown-type",
        at: entry.position)
    }
  }
}
