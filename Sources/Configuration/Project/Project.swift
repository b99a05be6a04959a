import SnowmakerModel

/// What `snowmaker.yaml` says: the project, its targets, and how it is planned. Without that file a project is named
/// after its folder or file and has one target.
public struct Project: Sendable {
  /// The name under which the ledger keeps what the project manages.
  public var name: String
  /// The folder or file the resources come from.
  public var path: String
  /// The `snowmaker.yaml` that was read, nil when there is none.
  public var file: String?
  /// The targets in the order in which they are written; never empty.
  public var targets: [Target]
  /// The target taken when none is asked for.
  public var defaultTarget: String?
  /// The schema versions that `schemas:` pins, by type.
  public var schemaVersions: [String: Int] = [:]
  /// The configuration of each plugin, by plugin name; an object each.
  public var providers: [String: Value] = [:]
  /// Objects that are never touched nor counted as undeclared.
  public var ignore: [IgnorePattern] = []
  /// How many drops a plan may hold; nil for the built-in limit.
  public var maxDrops: MaxDrops?
  /// Where what is not declared is dropped.
  public var exclusive: [Exclusive] = []
  /// Further folders with plugins, relative ones resolved against the project's folder.
  public var pluginFolders: [String] = []

  /// How plugins that do not come with snowmaker are kept apart.
  public var isolation = Isolation()

  /// The plugins that the project asks for, by name.
  public var plugins: [String: RequiredPlugin] = [:]

  var isNamed = false
  var namePosition: SourcePosition?
  var defaults: [Node.Entry] = []
  var variables: Node?
  var schemaPositions: [String: SourcePosition] = [:]

  init(name: String, path: String) {
    self.name = name
    self.path = path
    self.targets = [Target(name: "default")]
  }

  /// An environment the project is deployed to.
  public struct Target: Sendable {
    /// What `--target` calls it.
    public var name: String
    /// The connection's name, nil for the default one.
    public var connection: String?
    /// What stands before the names of declared objects that have no container, canonical (upper case unless quoted).
    public var prefix: String?
    /// The role preferred for writing, canonical.
    public var deployRole: String?
    /// The role that reads, canonical.
    public var readRole: String?
    /// Where the ledger is kept in the account itself; nil for the project's own file.
    public var ledger: AccountLedger?
    var variables: [Node.Entry] = []

    /// A target without settings.
    public init(name: String) { self.name = name }
  }

  /// A ledger in the account.
  public struct AccountLedger: Hashable, Sendable {
    /// The schema, canonical.
    public var schema: String
    /// The role that reads and writes it, canonical; nil for the target's `deploy_role`, or the login's.
    public var role: String?
    /// Where the key of its digests is: a secret's id, `env:NAME` or `file:PATH`.
    public var key: String?
  }

  /// What the project asks of a plugin.
  public struct RequiredPlugin: Hashable, Sendable {
    /// Which versions will do, as written; nil for all.
    public var version: String?
    /// Where it is written.
    public var position: SourcePosition
  }

  /// Which objects are left alone. Every pattern given must match; `*` and `?` are wildcards.
  public struct IgnorePattern: Hashable, Sendable {
    /// The type's name or plural.
    public var type: String?
    /// The object's own name.
    public var name: String?
    /// The owning role.
    public var owner: String?
    /// The schema it is in, `NAME` or `DATABASE.NAME`.
    public var schema: String?
    /// The database it is in.
    public var database: String?
  }

  /// What `isolation:` says. A project may tighten and not loosen, because its files may come from someone else.
  public struct Isolation: Hashable, Sendable {
    /// Whether plugins that come with snowmaker run in child processes too.
    public var always = false
    /// Seconds for a call into a plugin, nil for the usual ones.
    public var timeout: Int?
    /// MiB of memory for a plugin, nil for the usual ones.
    public var memory: Int?
  }

  /// A limit on drops.
  public enum MaxDrops: Hashable, Sendable {
    case count(Int)
    /// Percent of what the project manages.
    case percent(Int)
  }

  /// A type whose undeclared resources are dropped, everywhere or in one container.
  public struct Exclusive: Hashable, Sendable {
    /// The type's name or plural, as written.
    public var type: String
    /// The container's canonical name, nil for the whole account.
    public var scope: String?
    /// Where it is written.
    public var position: SourcePosition
  }

  /// The target called `name`, or without a name the default one.
  ///
  /// Throws a diagnostic when there is no such target, or several and none is the default.
  public func target(named name: String?) throws(Diagnostic) -> Target {
    let names = targets.map(\.name)
    if let wanted = name ?? defaultTarget {
      if let target = targets.first(where: { $0.name == wanted }) { return target }
      let near = Spelling.closest(to: wanted, in: names)
      throw .error(
        "there is no target '\(wanted)'",
        detail: near.map { "did you mean '\($0)'?" } ?? "there are \(names.joined(separator: ", "))",
        code: "unknown-target", position: file.map { SourcePosition(file: $0, line: 1, column: 1) })
    }
    if targets.count == 1 { return targets[0] }
    throw .error(
      "the project has several targets: \(names.joined(separator: ", "))",
      detail: "choose one with --target, or name one as default_target: in \(FilePaths.projectFile)",
      code: "no-target", position: file.map { SourcePosition(file: $0, line: 1, column: 1) })
  }
}
