public import SnowmakerModel

/// What a read of the account brought: the planner's other half.
public struct Observations: Sendable {
  /// What was seen.
  public var byAddress: [Address: Observation]
  /// Per type: why absence must not be concluded; no entry for a complete read.
  public var partial: [String: String]
  /// Resources that could not be looked at, with the reason.
  public var unseen: [Address: String]
  /// What reading cost.
  public var cost: ReadCost

  /// All parts at once.
  public init(
    byAddress: [Address: Observation] = [:], partial: [String: String] = [:], unseen: [Address: String] = [:],
    cost: ReadCost = ReadCost()
  ) {
    self.byAddress = byAddress
    self.partial = partial
    self.unseen = unseen
    self.cost = cost
  }

  /// What is known of a resource.
  public enum State: Sendable {
    case present(Observation)
    case absent
    case unknown(String)
  }

  /// What is known of the resource at `address`.
  public func state(of address: Address) -> State {
    if let observation = byAddress[address] { return .present(observation) }
    if let reason = unseen[address] { return .unknown(reason) }
    if let reason = partial[address.type] { return .unknown(reason) }
    return .absent
  }
}

/// The providers, as the planner and the reader call them. Implemented over the plugin host; by plain values in tests.
public protocol Providers: Sendable {
  /// Every loaded type by name.
  var types: [String: TypeSchema] { get }
  /// One batch of VALIDATE: diagnostics per resource. Throws when the plugin fails.
  func validate(_ resources: [DeclaredResource], type: String, context: RequestContext) async throws(Diagnostic)
    -> [[Diagnostic]]
  /// One round of READ. Throws when the plugin fails.
  func read(_ request: ReadRequest) async throws(Diagnostic) -> ReadReply
  /// One batch of PLAN: a change per item, in order. Throws when the plugin fails.
  func plan(_ request: PlanRequest) async throws(Diagnostic) -> [Change]
  /// CHECK of every plugin that offers it. Throws when a plugin fails.
  func check(_ request: CheckRequest) async throws(Diagnostic) -> [Diagnostic]
}
