public import SnowmakerModel

/// Everything a plan is made of. Nothing else is looked at: equal inputs give equal plans.
public struct PlanInput: Sendable {
  /// What the configuration declares.
  public var resources: [Resource]
  /// Every loaded type by name.
  public var types: [String: TypeSchema]
  /// What the account has, and what of it could not be seen.
  public var observations: Observations
  /// What snowmaker remembers of the resources that it manages.
  public var ledger: LedgerSnapshot
  /// The declared composites, by address.
  public var composites: [Address: PlannedComposite] = [:]
  /// Goes with every request to a provider.
  public var context: RequestContext
  /// What the user and the project say about planning.
  public var settings: PlanSettings
  /// Roles, grants and ownership beyond what observations say, so that the role of each statement can be chosen. In
  /// `created` effects the object exists and its owner is not known; `owned` says who owns it.
  public var accountFacts: [AccountEffect]
  /// Which questions about roles `accountFacts` answers.
  public var roleKnowledge = RoleKnowledge()
  /// What the plan is made for; goes into it unchanged.
  public var binding: PlanBinding
  /// A keyed digest of a value, secrets resolved: equal values, and only those, have equal digests.
  public var digest: @Sendable (Value) -> String

  /// The input of a plan; by itself for an account with nothing in it and an empty ledger.
  public init(
    resources: [Resource], types: [String: TypeSchema], observations: Observations = Observations(),
    ledger: LedgerSnapshot = LedgerSnapshot(), context: RequestContext = RequestContext(),
    settings: PlanSettings = PlanSettings(), accountFacts: [AccountEffect] = [], binding: PlanBinding,
    digest: @escaping @Sendable (Value) -> String
  ) {
    self.resources = resources
    self.types = types
    self.observations = observations
    self.ledger = ledger
    self.context = context
    self.settings = settings
    self.accountFacts = accountFacts
    self.binding = binding
    self.digest = digest
  }
}

/// What a user or a project says about planning.
public struct PlanSettings: Sendable, Hashable {
  /// The user who deploys, canonical; nil when it is not known.
  public var loginUser: String?
  /// The role of the login, canonical.
  public var loginRole: String?
  /// The role that the login is bound to, canonical; nil when it may change its role. It is then the only one that may
  /// run a statement.
  public var singleRole: String?
  /// The account roles that the login may make current; nil when that is not known: then the login role and what every
  /// account's built-in hierarchy puts beneath it.
  public var assumableRoles: [String]?
  /// The target's role for deploying, canonical.
  public var deployRole: String?
  /// How many resources the plan may drop before it is an error; drops that go along with another's do not count.
  public var maxDrops: MaxDrops = .standard
  /// Drops and replaces need no further confirmation. The planner only carries it; `Plan.needsConfirmation` says whether
  /// there is anything to confirm.
  public var allowDrop = false
  /// Adopted resources that leave the configuration are dropped, not released.
  public var dropAdopted = false
  /// What could not be seen is taken as absent: CREATE is planned.
  public var assumeAbsent = false
  /// Sensitive values are sent again although they did not change.
  public var resendSecrets = false
  /// Only these resources are planned; empty: all.
  public var only: [ResourceSelector] = []
  /// Where everything that is not declared is dropped or revoked.
  public var exclusive: [ExclusiveScope] = []
  /// What is left alone although it is in an exclusive scope or in the ledger.
  public var ignore: [IgnorePattern] = []

  /// The standard settings: everything is planned, nothing is exclusive or ignored, and drops need a confirmation.
  public init() {}
}

/// How many resources a plan may drop.
public enum MaxDrops: Sendable, Hashable {
  case count(Int)
  /// Of the resources in the ledger.
  case percent(Int)
  /// 10 % of the resources in the ledger, or 5 when that is more.
  case standard

  /// The number of drops that are allowed when `managed` resources are in the ledger.
  public func limit(managed: Int) -> Int {
    switch self {
    case .count(let count): count
    case .percent(let percent): managed * percent / 100
    case .standard: max(5, managed / 10)
    }
  }
}

/// `TYPE` or `TYPE:NAME`, where the name may have `*` and `?`.
public struct ResourceSelector: Sendable, Hashable, CustomStringConvertible {
  /// A type, singular.
  public var type: String
  /// A pattern for the identity joined with dots; nil for every resource of the type.
  public var name: String?

  /// The selector of the resources of `type` whose joined identity matches the pattern `name`, or of all without one.
  public init(type: String, name: String? = nil) {
    self.type = type
    self.name = name
  }

  /// The selector that a user wrote; the plural of a type is understood too, when `types` has it.
  ///
  /// Throws when the type is none of `types`.
  public init(parsing text: String, types: [String: TypeSchema]) throws(Diagnostic) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let wanted = parts[0].lowercased()
    guard let type = types[wanted]?.type ?? types.values.first(where: { $0.plural == wanted })?.type else {
      let suggestion = Spelling.closest(to: wanted, in: types.keys.sorted(), oneIn: 4).map { "Did you mean '\($0)'?" }
      throw .error("no loaded plugin brings the type '\(parts[0])'", detail: suggestion ?? "", code: "unknown-type")
    }
    self.init(type: type, name: parts.count > 1 && !parts[1].isEmpty ? parts[1] : nil)
  }

  /// Whether the selector means the resource. Unquoted names are compared without case.
  public func matches(_ address: Address) -> Bool {
    guard address.type == type else { return false }
    guard let name else { return true }
    let text = address.identity.joined(separator: ".")
    return Glob.matchesName(name, text)
  }

  /// The selector as a user writes it, `TYPE` or `TYPE:NAME`.
  public var description: String { name.map { "\(type):\($0)" } ?? type }
}

/// A type, or the part of it in a container or where attributes have certain values, in which only what is declared may
/// exist.
public struct ExclusiveScope: Sendable, Hashable {
  /// The type, singular.
  public var type: String
  /// The container's canonical name, e.g. `RAW` or `RAW.SALES`; nil: everywhere.
  public var container: String?
  /// Canonical values that the observed attributes must have; empty: the whole type.
  public var attributes: [String: Value]

  /// The scope of `type` in `container` where the observed attributes are `attributes`; all of the type without both.
  public init(type: String, container: String? = nil, attributes: [String: Value] = [:]) {
    self.type = type
    self.container = container
    self.attributes = attributes
  }
}

/// What is left alone: by type, name, owner, schema and database; what is nil matches everything. Patterns take `*` and
/// `?`, and those without quotes are compared without case.
public struct IgnorePattern: Sendable, Hashable {
  /// The type, singular, compared exactly.
  public var type: String?
  /// A pattern for the last part of the identity.
  public var name: String?
  /// A pattern for the owning role.
  public var owner: String?
  /// A pattern for the schema, `NAME` or `DATABASE.NAME`.
  public var schema: String?
  /// A pattern for the database.
  public var database: String?

  /// A pattern that means what all the given parts match; without any part it matches nothing.
  public init(
    type: String? = nil, name: String? = nil, owner: String? = nil, schema: String? = nil, database: String? = nil
  ) {
    self.type = type
    self.name = name
    self.owner = owner
    self.schema = schema
    self.database = database
  }

  /// Whether the resource is to be left alone; `containers` are those it is in.
  public func matches(_ address: Address, containers: [Address] = [], owner actual: String?) -> Bool {
    if type == nil, name == nil, owner == nil, schema == nil, database == nil { return false }
    if let type, type != address.type { return false }
    if let name, !Glob.matchesName(name, address.identity.last ?? "") { return false }
    if let owner { guard let actual, Glob.matchesName(owner, actual) else { return false } }
    let levels = (containers.isEmpty ? [] : containers + [address]).map(\.identity).sorted { $0.count < $1.count }
    if let database { guard let first = levels.first?.first, Glob.matchesName(database, first) else { return false } }
    if let schema {
      guard let parts = levels.first(where: { $0.count == 2 }) else { return false }
      let isMatch = Glob.matchesName(schema, parts.joined(separator: ".")) || Glob.matchesName(schema, parts[1])
      guard isMatch else { return false }
    }
    return true
  }
}

/// Patterns with `*` (any text) and `?` (any one character).
enum Glob {
  /// Whether a canonical name matches; a pattern without quotes is meant without case.
  static func matchesName(_ pattern: String, _ name: String) -> Bool {
    matches(pattern, name) || (!pattern.contains("\"") && matches(pattern.uppercased(), name))
  }

  static func matches(_ pattern: String, _ text: String) -> Bool {
    let pattern = Array(pattern.unicodeScalars)
    let text = Array(text.unicodeScalars)
    var p = 0
    var t = 0
    var star: (pattern: Int, text: Int)?
    while t < text.count {
      if p < pattern.count, pattern[p] == "*" {
        star = (p, t)
        p += 1
      } else if p < pattern.count, pattern[p] == "?" || pattern[p] == text[t] {
        p += 1
        t += 1
      } else if let last = star {
        p = last.pattern + 1
        t = last.text + 1
        star = (last.pattern, last.text + 1)
      } else {
        return false
      }
    }
    while p < pattern.count, pattern[p] == "*" { p += 1 }
    return p == pattern.count
  }
}
