import Configuration
import PluginHost
import SnowflakeClient
import Snowmaker
import SnowmakerModel

/// The names that a command line may have: read when asked for, and nothing is said of what is wrong.
struct CompletionNames {
  typealias Candidate = Completer.Candidate

  private let words: [String]

  init(_ words: [String]) { self.words = words }

  /// Types, as they are written with a name after them in `--only`.
  var types: [Candidate] { catalog.types.map { Candidate(word: $0.type, what: Self.short($0.doc)) } }

  /// Functions, as expressions write them.
  var functions: [Candidate] {
    catalog.functions.flatMap { provider, functions in
      functions.map { Candidate(word: "\(provider)::\($0.name)", what: Self.short($0.doc)) }
    }
  }

  /// Plugins.
  var plugins: [Candidate] { catalog.entries.map { Candidate(word: $0.name, what: Self.short($0.manifest.doc)) } }

  /// The connections of Snowflake's tools.
  var configuredConnections: [Candidate] {
    let found = (try? ConnectionResolver(readingEnvironmentFile: true).available()) ?? []
    return found.map { Candidate(word: $0.name, what: $0.isDefault ? "the default" : "") }
  }

  /// The connections of Snowflake's tools, and the emulator.
  var connections: [Candidate] {
    configuredConnections + [Candidate(word: "emulator", what: "the account emulator that is always there")]
  }

  /// The targets of the project.
  var targets: [Candidate] { project.targets.map { Candidate(word: $0.name) } }

  /// `TYPE` and, once a type was written, the `TYPE:NAME` of what is declared.
  func addresses(_ current: String) -> [Candidate] {
    guard current.contains(":") else { return types + types.map { Candidate(word: $0.word + ":") } }
    let catalog = catalog
    var found = declared(catalog, .null)
    if CompletionFunctions.needsStandIns(catalog) {
      found.formUnion(declared(catalog, .one).intersection(declared(catalog, .other)))
    }
    return found.sorted().map { Candidate(word: $0) }
  }

  // MARK: - Where from

  private var catalog: PluginCatalog {
    PluginCatalog.read(
      from: .standard(
        options: values(of: "--plugin-dir"), project: project.folder, projectFolders: project.pluginFolders),
      allowsInsecure: words.contains("--allow-insecure-plugins"))
  }

  private var project: Project { Project.read(at: path).project }

  /// The addresses of the configuration, as far as it can be understood without asking a plugin for more than the results of
  /// snowmaker's own functions.
  private func declared(_ catalog: PluginCatalog, _ standIn: CompletionFunctions.StandIn) -> Set<String> {
    let loaded = Loader.load(
      project, target: values(of: "--target").last, types: catalog.types, environment: ProcessEnvironment.variables,
      functions: CompletionFunctions.provided(by: catalog, standIn: standIn),
      expand: { $0.map { _ in Expansion() } })
    return Set(loaded.declarations.map { "\($0.address.type):\($0.address.identity.joined(separator: "."))" })
  }

  /// The project that the line names: the last word that is a folder or file and no option's value.
  private var path: String {
    var previous = ""
    var found = "."
    for word in words {
      if !word.hasPrefix("-"), !previous.hasPrefix("-") || !Self.takesValue(previous), Self.isProject(word) {
        found = word
      }
      previous = word
    }
    return found
  }

  private func values(of option: String) -> [String] {
    zip(words, words.dropFirst()).filter { $0.0 == option }.map(\.1)
      + words.compactMap { $0.hasPrefix("\(option)=") ? String($0.dropFirst(option.count + 1)) : nil }
  }

  private static func takesValue(_ option: String) -> Bool {
    CommandLineTool.commands.flatMap(\.options).contains {
      ($0.name == option || $0.short == option) && $0.value != nil
    }
  }

  private static func isProject(_ word: String) -> Bool {
    word.hasSuffix(".yml") || word.hasSuffix(".yaml") || word.contains("/") || word == "."
      || !Project.read(at: word).diagnostics.contains { $0.code == "unreadable-file" }
  }

  /// The first sentence.
  private static func short(_ doc: String) -> String {
    let line = doc.split(separator: "\n").first.map(String.init) ?? ""
    return line.firstRange(of: ". ").map { String(line[..<$0.lowerBound]) + "." } ?? line
  }
}
