public import SnowmakerModel

/// What snowmaker remembers of a resource it created or adopted.
public struct LedgerEntry: Hashable, Sendable {
  /// The resource, under the identity that it had after the last apply.
  public var address: Address
  /// Whether snowmaker created or adopted it; one adopted is released, not dropped, unless settings say otherwise.
  public var origin: Origin
  /// As the account prints it; nil until it was read after the apply that wrote the entry.
  public var createdOn: String?
  /// The canonical values that were declared at the last apply (sensitive ones as keyed digests, never as text), by
  /// attribute name. What to plan when the resource leaves the configuration is known from these.
  public var declared: [String: Value]
  /// For sensitive and SQL attributes: what was declared and what the account echoed right after apply.
  public var digests: [String: DigestPair]
  /// The configuration it came from, for messages.
  public var position: SourcePosition?
  /// The last declaration said `prevent_destroy`: it holds on when the declaration is gone.
  public var preventsDestroy = false

  /// An entry for a resource that is managed from now on.
  public init(
    address: Address, origin: Origin, createdOn: String? = nil, declared: [String: Value] = [:],
    digests: [String: DigestPair] = [:], position: SourcePosition? = nil
  ) {
    self.address = address
    self.origin = origin
    self.createdOn = createdOn
    self.declared = declared
    self.digests = digests
    self.position = position
  }

  /// What the provider asked to remember; kept among the declared values under a key that no attribute has.
  public var memory: Value? {
    get { declared["$memory"] }
    set { declared["$memory"] = newValue }
  }

  /// How it came to be managed.
  public enum Origin: String, Sendable {
    case created, adopted
  }

  /// Digests of one attribute.
  public struct DigestPair: Hashable, Sendable {
    /// The keyed digest of what was declared at the last apply.
    public var declared: String
    /// Nil when the account does not show the attribute.
    public var echoed: String?

    /// The digests of what was declared and of what the account showed right after.
    public init(declared: String, echoed: String?) {
      self.declared = declared
      self.echoed = echoed
    }
  }
}

/// The ledger of one account, project and target, as the planner sees it.
public struct LedgerSnapshot: Sendable {
  /// Rises with every apply, so that a plan made before another apply is recognised; 0 for a ledger without any.
  public var generation: Int
  /// What is remembered of each resource, by its address.
  public var entries: [Address: LedgerEntry]

  /// A snapshot of the ledger; by itself that of an account never applied to.
  public init(generation: Int = 0, entries: [Address: LedgerEntry] = [:]) {
    self.generation = generation
    self.entries = entries
  }
}

/// What a step's success changes in the ledger.
public enum LedgerChange: Hashable, Sendable {
  case none
  case put(LedgerEntry)
  case remove
  /// The entry moves from the old address to the new one.
  case move(from: Address, LedgerEntry)
}
