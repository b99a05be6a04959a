public import SnowmakerModel

/// A declared resource: what the graph is made of.
public struct Resource: Sendable {
  /// Its type and canonical identity.
  public var address: Address
  /// Canonical values of the declared attributes, identity included, in the order of the schema.
  public var attributes: [Value.Field]
  /// What configuration says of drops, ignored changes and released attributes.
  public var lifecycle: Lifecycle
  /// The identity it had before, nil when it was not renamed.
  public var renamedFrom: [String]?
  /// Only what the ledger has under the old name is renamed; another thing of that name is somebody else's.
  public var renamesOnlyManaged = false
  /// The composites that stand for it, outermost first; empty for a resource that is written itself.
  public var composites: [Address] = []
  /// The resources that `depends_on` names: they come before this one.
  public var dependsOn: [Address]
  /// Where the configuration declares it, nil when it comes from no file.
  public var position: SourcePosition?
  /// Positions of single attributes, by path joined with dots; for errors.
  public var positions: [String: SourcePosition]

  /// A declared resource; attributes must be canonical, the identity's included.
  public init(
    address: Address, attributes: [Value.Field], lifecycle: Lifecycle = Lifecycle(), renamedFrom: [String]? = nil,
    dependsOn: [Address] = [], position: SourcePosition? = nil, positions: [String: SourcePosition] = [:]
  ) {
    self.address = address
    self.attributes = attributes
    self.lifecycle = lifecycle
    self.renamedFrom = renamedFrom
    self.dependsOn = dependsOn
    self.position = position
    self.positions = positions
  }

  /// What configuration says of the resource's life.
  public struct Lifecycle: Hashable, Sendable {
    /// A drop or replace is an error.
    public var preventDestroy = false
    /// Attributes whose differences are left alone.
    public var ignoreChanges: [String] = []
    /// An attribute that leaves the configuration keeps its value instead of being unset.
    public var keepsReleased = false

    /// The rules for the resource's life; by itself none.
    public init(preventDestroy: Bool = false, ignoreChanges: [String] = [], keepsReleased: Bool = false) {
      self.preventDestroy = preventDestroy
      self.ignoreChanges = ignoreChanges
      self.keepsReleased = keepsReleased
    }
  }
}
