import SnowmakerModel

/// A resource that the configuration declares, in canonical form.
public struct Declaration: Sendable {
  /// The type and the canonical identity, the target's prefix included.
  public var address: Address
  /// The canonical values in the order of the type's schema, identity included. Null means "back to the default"; what is
  /// not in here is not managed.
  public var attributes: [Value.Field]
  /// What may happen to it.
  public var lifecycle = Lifecycle()
  /// The address it had before; only the names differ.
  public var renamedFrom: Address?
  /// Declared resources that come first, beyond what references say.
  public var dependsOn: [Address] = []
  /// The rename is a plugin's word, which stays there for ever: it is for what snowmaker manages under the old name only.
  public var renamesOnlyManaged = false
  /// The composites that stand for it, outermost first; empty when it is written itself, or when they have no names.
  public var composites: [Address] = []
  /// Where it stands.
  public var position: SourcePosition
  /// Which step of a `for_each` or which written resource it comes from, for a person; empty for a plain one.
  public var origin = ""

  var source: Origin
  /// What `depends_on` says, until all types and names are known.
  var waiting: [(text: String, position: SourcePosition)] = []

  /// The attributes as one value.
  public var value: Value { .object(attributes) }

  /// The value of an attribute, nil when it is absent.
  public func attribute(_ name: String) -> Value? { attributes.first { $0.key == name }?.value }

  /// Where what `path` names is written: the attribute, and list indices and map keys inside it. The resource's own
  /// position when it is written nowhere.
  public func position(of path: [String]) -> SourcePosition { source.position(of: path, aliases: [:]) }
}

/// What may happen to a resource.
public struct Lifecycle: Hashable, Sendable {
  /// A plan that would drop or replace it is refused.
  public var preventDestroy = false
  /// Attributes whose differences are left alone.
  public var ignoreChanges: Set<String> = []
  /// All differences are left alone.
  public var ignoresAllChanges = false
  /// What becomes of an attribute that leaves the configuration.
  public var onRelease = OnRelease.unset

  /// What becomes of an attribute that leaves the configuration.
  public enum OnRelease: String, Sendable, CaseIterable {
    /// Back to the default.
    case unset
    /// Left as it is.
    case keep
  }

  /// The ordinary lifecycle.
  public init() {}
}

/// Where a resource is written: the element, and the steps inside it for what EXPAND made of a part.
struct Origin: Sendable {
  var node: Node
  var steps: [String] = []
  var position: SourcePosition

  /// Where the attribute (under its name or one of its other keys) and the value inside it are written.
  func position(of path: [String], aliases: [String: [String]]) -> SourcePosition {
    guard let base = steps.isEmpty ? node : node.descendant(steps) else { return node.position(of: steps) }
    guard let first = path.first else { return position }
    for key in [first] + (aliases[first] ?? []) where base.find(key) != nil {
      return base.position(of: [key] + path.dropFirst())
    }
    return steps.isEmpty ? position : node.position(of: steps)
  }
}

/// The configuration, loaded: what is declared for one target, and everything that is wrong with it.
public struct LoadedConfiguration: Sendable {
  /// The project, named by `name:` of a resource file where snowmaker.yaml does not name it.
  public var project: Project
  /// The target it was loaded for.
  public var target: Project.Target
  /// In the order of the files and of what stands in them.
  public var declarations: [Declaration] = []
  /// The composites by their addresses; what they stand for is in `declarations`.
  public var composites: [Address: Composite] = [:]
  /// All mistakes, by file and line. With an error among them, the declarations are not complete.
  public var diagnostics: [Diagnostic] = []
  /// Secrets that stand in the configuration or came with a variable, by the id that documents carry instead
  /// (`literal:1`, `var:password`). Never print or store these.
  public var literalSecrets: [String: String] = [:]
  /// Where each declared resource is in `declarations`.
  public var index: [Address: Int] = [:]

  /// Whether anything is so wrong that nothing may be planned.
  public var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

  /// The declaration of a resource, nil when it is not declared.
  public func declaration(_ address: Address) -> Declaration? { index[address].map { declarations[$0] } }
}
