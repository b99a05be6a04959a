public import SnowmakerModel

/// What apply will do: every resource with what becomes of it, and the statements in their order.
public struct Plan: Sendable {
  /// The project, account, configuration, plugins and ledger it was made for.
  public var binding: PlanBinding
  /// Every declared resource and everything in the ledger, sorted for display: containers before what is in them.
  public var resources: [PlannedResource]
  /// The statements; `dependsOn` refers to indices in this list, always smaller ones.
  public var steps: [PlanStep]
  /// Errors make the plan unusable; warnings and notes are shown.
  public var diagnostics: [Diagnostic]
  /// The statements, requests and time that reading the account took.
  public var readCost: ReadCost
  /// The options that shaped it.
  public var choices = PlanChoices()

  /// A plan whose steps refer to each other, and whose resources refer to steps, by their index.
  public init(
    binding: PlanBinding, resources: [PlannedResource] = [], steps: [PlanStep] = [], diagnostics: [Diagnostic] = [],
    readCost: ReadCost = ReadCost()
  ) {
    self.binding = binding
    self.resources = resources
    self.steps = steps
    self.diagnostics = diagnostics
    self.readCost = readCost
  }

  /// Whether there is anything to apply.
  public var isEmpty: Bool { !resources.contains { $0.action.isChange } }
  /// Whether one of the diagnostics is an error; then the plan must not be applied.
  public var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
}

/// What a plan was made for; a saved plan is refused anywhere else.
public struct PlanBinding: Hashable, Sendable {
  /// The project whose ledger the plan was made with.
  public var project: String
  /// The target, within the project, whose ledger the plan was made with.
  public var target: String
  /// Organisation and account, or host, as the session reports it.
  public var account: String
  /// SHA-256 (hex) of the canonical declared resources.
  public var configurationDigest: String
  /// Plugin name and version to SHA-256 (hex) of its file.
  public var plugins: [String: String]
  /// Rises with every apply.
  public var ledgerGeneration: Int

  /// What a plan is bound to; digests and generation are those of nothing yet unless given.
  public init(
    project: String, target: String, account: String, configurationDigest: String = "", plugins: [String: String] = [:],
    ledgerGeneration: Int = 0
  ) {
    self.project = project
    self.target = target
    self.account = account
    self.configurationDigest = configurationDigest
    self.plugins = plugins
    self.ledgerGeneration = ledgerGeneration
  }
}

/// One resource of a plan.
public struct PlannedResource: Sendable {
  /// The resource, after any rename.
  public var address: Address
  /// What becomes of the resource.
  public var action: PlanAction
  /// The attributes that differ, each with its value before and after.
  public var attributes: [AttributeChange]
  /// What is lost for good, a line each.
  public var losses: [String]
  /// What it would take to get back what the change takes away.
  public var risk: Change.Risk
  /// A few words, e.g. "2 of 5 missing", "released: was declared", "because MONITOR is missing".
  public var note: String
  /// Resources whose drop this one's drop brings about by itself; they have no steps of their own.
  public var absorbs: [Address]
  /// The resource whose drop takes this one along, nil for all others.
  public var absorbedBy: Address?
  /// The identity before a rename.
  public var renamedFrom: [String]?
  /// Where the configuration declares it, or did at the last apply; nil when neither is known.
  public var position: SourcePosition?
  /// Indices into `Plan.steps`.
  public var steps: [Int]
  /// What the ledger has to remember once the resource's steps are done.
  public var ledger: LedgerChange
  /// What a saved plan holds the account to: digest of the observed state of the attributes this change rests on,
  /// nil when the resource did not exist.
  public var fingerprint: String?

  /// A resource of a plan; without `steps` nothing is sent for it.
  public init(
    address: Address, action: PlanAction, attributes: [AttributeChange] = [], losses: [String] = [],
    risk: Change.Risk = .reversible, note: String = "", absorbs: [Address] = [], absorbedBy: Address? = nil,
    renamedFrom: [String]? = nil, position: SourcePosition? = nil, steps: [Int] = [], ledger: LedgerChange = .none,
    fingerprint: String? = nil
  ) {
    self.address = address
    self.action = action
    self.attributes = attributes
    self.losses = losses
    self.risk = risk
    self.note = note
    self.absorbs = absorbs
    self.absorbedBy = absorbedBy
    self.renamedFrom = renamedFrom
    self.position = position
    self.steps = steps
    self.ledger = ledger
    self.fingerprint = fingerprint
  }
}

/// What becomes of a resource.
public enum PlanAction: String, Sendable, CaseIterable {
  /// Nothing to do.
  case none
  /// It exists and matches, and is from now on managed.
  case adopt
  case create
  case update
  case replace
  case rename
  case drop
  /// It is forgotten, not dropped: it was adopted and has left the configuration.
  case release
  /// It could not be seen; the note says what is missing.
  case unknown

  /// Whether apply sends statements for it (adopt and release only change the ledger).
  public var sendsStatements: Bool {
    switch self {
    case .create, .update, .replace, .rename, .drop: true
    case .none, .adopt, .release, .unknown: false
    }
  }

  /// Whether it counts as a change in the summary and the exit code.
  public var isChange: Bool { sendsStatements || self == .adopt || self == .release }
  /// Whether it takes something away.
  public var isDestructive: Bool { self == .drop || self == .replace }
}

/// One statement of a plan.
public struct PlanStep: Sendable {
  /// The resource that the statement is for.
  public var address: Address
  /// What is sent, with slots where secrets go.
  public var statement: Statement
  /// The role that runs it, canonical SQL text.
  public var role: String
  /// Why that role, e.g. "owns DATABASE RAW".
  public var reason: String
  /// Indices of steps that must have succeeded before.
  public var dependsOn: [Int]
  /// The risk of the change that the statement belongs to.
  public var risk: Change.Risk

  /// A step that runs `statement` as `role`, once the steps at the indices `dependsOn` have succeeded.
  public init(
    address: Address, statement: Statement, role: String, reason: String, dependsOn: [Int] = [],
    risk: Change.Risk = .reversible
  ) {
    self.address = address
    self.statement = statement
    self.role = role
    self.reason = reason
    self.dependsOn = dependsOn
    self.risk = risk
  }
}

/// What a plan's reading cost.
public struct ReadCost: Sendable, Hashable {
  /// Statements by class, e.g. `SHOW WAREHOUSES`: 1.
  public var statements: [String: Int]
  /// Requests on the wire.
  public var roundTrips: Int
  /// The time that reading took, in seconds.
  public var seconds: Double

  /// What was spent; by itself nothing.
  public init(statements: [String: Int] = [:], roundTrips: Int = 0, seconds: Double = 0) {
    self.statements = statements
    self.roundTrips = roundTrips
    self.seconds = seconds
  }

  /// All statements together.
  public var total: Int { statements.values.reduce(0, +) }

  /// This and what another reading cost.
  public func adding(_ other: ReadCost) -> ReadCost {
    ReadCost(
      statements: statements.merging(other.statements, uniquingKeysWith: +), roundTrips: roundTrips + other.roundTrips,
      seconds: seconds + other.seconds)
  }
}
