import Configuration
public import Execution
public import SnowmakerCore
public import SnowmakerModel

/// A workspace on an account: reads, plans and applies.
public struct Deployment: Sendable {
  /// The project and its plugins.
  public let workspace: Workspace
  /// The way to the account.
  public let connection: AccountConnection
  /// The ledger, wherever it is kept.
  public let desk: LedgerDesk
  /// The project's own ledger, or the working copy of the one in the account.
  public var ledger: LocalLedger { desk.local }
  let store: StateStore
  let secrets: SecretResolver
  let providers: PluginProviders
  let graph: ResourceGraph
  let runner: LaneRunner

  /// What a user says about one plan.
  public struct PlanOptions: Sendable {
    /// Only these resources; empty for all.
    public var only: [String] = []
    /// Drops and replaces need no further confirmation.
    public var allowDrop = false
    /// Drop adopted resources that left the configuration, instead of releasing them.
    public var dropAdopted = false
    /// Take what could not be seen as absent.
    public var assumeAbsent = false
    /// Send sensitive values again although they did not change.
    public var resendSecrets = false
    /// The most drops, counting before what the project says; nil for that.
    public var maxDrops: Int?

    /// Everything as the project says.
    public init() {}

    /// What of it shapes a plan, and so belongs to a saved one.
    public var choices: PlanChoices {
      get {
        var choices = PlanChoices()
        choices.only = only
        choices.dropAdopted = dropAdopted
        choices.assumeAbsent = assumeAbsent
        choices.resendSecrets = resendSecrets
        return choices
      }
      set {
        only = newValue.only
        dropAdopted = newValue.dropAdopted
        assumeAbsent = newValue.assumeAbsent
        resendSecrets = newValue.resendSecrets
      }
    }
  }

  /// Opens ledger and journal. Throws when the workspace has errors or the state file cannot be used.
  public init(_ workspace: Workspace, _ connection: AccountConnection) throws(Diagnostic) {
    if let error = workspace.diagnostics.first(where: { $0.severity == .error }) { throw error }
    let configuration = workspace.configuration
    try Self.checkDeployRole(configuration.target.deployRole, connection.facts)
    let folder = configuration.project.stateFolder
    try AccountConnection.makeFolder(folder)
    self.workspace = workspace
    self.connection = connection
    // The configuration keys them by id, the resolver by what follows the kind.
    let literals = configuration.literalSecrets.map {
      ($0.key.replacing("literal:", with: "", maxReplacements: 1), $0.value)
    }
    secrets = SecretResolver(
      literals: Dictionary(uniqueKeysWithValues: literals), directory: configuration.project.folder)
    let runner = LaneRunner(
      reading: connection.reading, writing: connection.writing, tag: AccountConnection.queryTag(of: workspace))
    self.runner = runner
    (store, desk) = try Self.openLedger(configuration, connection, secrets, runner)
    providers = PluginProviders(workspace.registry, configurations: configuration.project.providers) {
      let answer = try? await runner.run("SELECT CURRENT_IP_ADDRESS()", role: nil, purpose: .read("SELECT"))
      return answer?.rows.first?.first?.string
    }
    graph = ResourceGraph(configuration.declarations.map(Resource.init), types: providers.types)
  }

  /// Reads the account and plans. Mistakes are among the plan's diagnostics.
  ///
  /// Throws when the account cannot be read, a plugin fails, or the state file cannot be used.
  public func plan(
    _ options: PlanOptions = PlanOptions(), progress: @Sendable (String) -> Void = { _ in }
  ) async throws(Diagnostic) -> Plan {
    let wrong = await workspace.providersRules(graph, context: RequestContext(user: canonicalUser))
    progress("Reading the account")
    let (snapshot, cost) = try await desk.read()
    var inquiry = RoleInquiry(runner)
    var observations = try await observe(snapshot, options, &inquiry)
    observations.cost = observations.cost.adding(cost)
    progress("Planning")
    var draft = await Planner().draft(try planInput(options, snapshot, observations), providers: providers)
    if draft.plan.resources.contains(where: \.action.sendsStatements) {
      // Only now does it matter which roles the login can take.
      try await learnRoles(&draft, &inquiry)
    }
    var plan = await draft.finish(providers)
    plan.diagnostics += wrong.filter { !plan.diagnostics.contains($0) }
    if let warning = missingSecrets() { plan.diagnostics.append(warning) }
    if let warning = desk.warning { plan.diagnostics.append(warning) }
    plan.choices = options.choices
    return plan
  }

  /// A warning about secrets that cannot be had here: whether they changed cannot be told.
  private func missingSecrets() -> Diagnostic? {
    do throws(Diagnostic) {
      try secrets.check(graph.resources.flatMap { $0.attributes.flatMap { $0.value.secretIDs } })
      return nil
    } catch {
      return .warning(
        error.summary, detail: "The plan shows such a value as changed; applying that needs it.", code: error.code)
    }
  }

  // MARK: - Reading

  /// Reads what is declared and remembered. What that tells of roles is `inquiry`'s to remember.
  func observe(
    _ snapshot: LedgerSnapshot, _ options: PlanOptions, _ inquiry: inout RoleInquiry
  ) async throws(Diagnostic) -> Observations {
    let settings = try await readSettings(&inquiry)
    var wishes: [String: ReadWish] = [:]
    let selectors = try selectors(options)
    let wanted = graph.wanted(ledger: snapshot, only: selectors)
    for (type, wanted) in wanted where providers.types[type] != nil { wishes[type] = ReadWish(wanted: wanted) }
    for exclusive in workspace.configuration.project.exclusive.map({ $0.planned(providers.types) })
    where selectors.isEmpty || selectors.contains(where: { $0.type == exclusive.type }) {
      wishes[exclusive.type, default: ReadWish(wanted: [])].wantsAll = true
    }
    if !selectors.isEmpty {
      let related = Set(wishes.keys.flatMap { providers.types[$0]?.relatedTypes ?? [] })
      for (type, others) in graph.declared(beside: wanted) where related.contains(type) {
        wishes[type, default: ReadWish(wanted: [])].beside = others
      }
    }
    let context = RequestContext(user: canonicalUser)
    var observations = try await Reader(providers: providers, runner: runner, settings: settings)
      .read(wishes, sharing: &inquiry.answers, where: RoleInquiry.isAboutRoles) { _ in context }
    observations.cost = observations.cost.adding(inquiry.takeCost())
    return observations
  }

  private var canonicalUser: String { Identifier(exact: connection.facts.user.uppercased()).sql }

  // MARK: - Planning

  /// What `--only` selects; throws when a type is none.
  private func selectors(_ options: PlanOptions) throws(Diagnostic) -> [ResourceSelector] {
    var selectors: [ResourceSelector] = []
    for text in options.only { selectors.append(try ResourceSelector(parsing: text, types: providers.types)) }
    return selectors
  }

  private func planInput(
    _ options: PlanOptions, _ snapshot: LedgerSnapshot, _ observations: Observations
  ) throws(Diagnostic) -> PlanInput {
    let configuration = workspace.configuration
    var settings = PlanSettings()
    settings.loginUser = canonicalUser
    settings.loginRole = connection.facts.role.map { Identifier(exact: $0).sql }
    settings.singleRole = connection.facts.isSingleRole ? settings.loginRole : nil
    settings.deployRole = configuration.target.deployRole
    settings.allowDrop = options.allowDrop
    settings.dropAdopted = options.dropAdopted
    settings.assumeAbsent = options.assumeAbsent
    settings.resendSecrets = options.resendSecrets
    if let count = options.maxDrops {
      settings.maxDrops = .count(count)
    } else if let stated = configuration.project.maxDrops {
      settings.maxDrops = stated.planned
    }
    settings.only = try selectors(options)
    settings.exclusive = configuration.project.exclusive.map { $0.planned(providers.types) }
    settings.ignore = configuration.project.ignore.map { $0.planned(providers.types) }
    if let place = configuration.target.ledger?.schema {
      // The ledger's own objects are no stray ones, should their type be exclusive.
      settings.ignore.append(IgnorePattern(name: "SNOWMAKER_*", schema: place))
    }
    let context = RequestContext(user: canonicalUser)
    var input = PlanInput(
      resources: graph.resources, types: providers.types, observations: observations, ledger: snapshot,
      context: context, settings: settings, binding: try binding(snapshot),
      digest: try ledger.digester(secrets: secrets))
    input.composites = workspace.plannedComposites
    return input
  }

  /// What a plan made now is bound to.
  func binding(_ snapshot: LedgerSnapshot) throws(Diagnostic) -> PlanBinding {
    let declared = Value.list(
      graph.resources.map { resource in
        ["type": .string(resource.address.type), "attributes": .object(resource.attributes)]
      })
    return PlanBinding(
      project: ledger.scope.project, target: ledger.scope.target, account: ledger.scope.account,
      configurationDigest: try PlanFile.digest(ofConfiguration: declared), plugins: try workspace.providers.digests(),
      ledgerGeneration: snapshot.generation)
  }
}
