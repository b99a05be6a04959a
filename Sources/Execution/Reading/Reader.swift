public import SnowmakerCore
public import SnowmakerModel

/// How the account is read.
public struct ReadSettings: Sendable {
  /// The role that reads, canonical SQL text; nil for the login's own, then `actualRole` should be told.
  public var role: String?
  /// The role that the login's own is; only looked at when `role` is nil.
  public var actualRole: String?
  /// The role sees every object although it is none of the built-in ones that do.
  public var seesEverything: Bool
  /// How many statements run side by side.
  public var lanes: Int
  /// The rows that SHOW answers at most: an answer with so many is taken as cut.
  public var rowLimit = standardRowLimit

  /// What Snowflake answers to SHOW at most.
  ///
  /// Source: <https://docs.snowflake.com/en/sql-reference/sql/show>.
  public static let standardRowLimit = 10_000

  /// Settings from their parts.
  public init(role: String? = nil, actualRole: String? = nil, seesEverything: Bool = false, lanes: Int = 8) {
    self.role = role
    self.actualRole = actualRole
    self.seesEverything = seesEverything
    self.lanes = lanes
  }

  /// The built-in roles that see every object: ACCOUNTADMIN inherits SECURITYADMIN, which holds MANAGE GRANTS on the
  /// account.
  public static let allSeeing: Set<String> = ["ACCOUNTADMIN", "SECURITYADMIN"]

  /// Why absence cannot be concluded from what the role sees; nil when it can.
  public var blindness: String? {
    if seesEverything { return nil }
    let role = role ?? actualRole
    if let role, Self.allSeeing.contains(role) { return nil }
    return "\(role ?? "the reading role") sees only what it has a privilege on; MANAGE GRANTS on the account is missing"
  }
}

/// What is wanted of one type.
public struct ReadWish: Sendable {
  /// The identities that are declared, referred to, or in the ledger.
  public var wanted: [ReadRequest.Wanted]
  /// Every resource of the type is wanted.
  public var wantsAll: Bool
  /// What is declared of the type and not read, because only a part of the configuration is planned. Providers that say
  /// with `relatedTypes` that they have to know are told.
  public var beside: [ReadRequest.Wanted] = []

  /// A wish from its parts.
  public init(wanted: [ReadRequest.Wanted], wantsAll: Bool = false) {
    self.wanted = wanted
    self.wantsAll = wantsAll
  }
}

/// Reads the account: asks every provider which queries it wants, runs each different one once, and goes on until every
/// provider has said what it saw.
public struct Reader: Sendable {
  private let providers: any Providers
  private let runner: any StatementRunner
  private let settings: ReadSettings

  /// A reader for `providers` over `runner`.
  public init(providers: any Providers, runner: any StatementRunner, settings: ReadSettings) {
    self.providers = providers
    self.runner = runner
    self.settings = settings
  }

  /// Reads what is wanted, by type. Types do not wait for each other. `context` gives each type's requests their
  /// context.
  ///
  /// Throws when a provider fails or asks for too many rounds, when the connection fails, and when the task is
  /// cancelled. A statement that the account refuses is the provider's to judge.
  public func read(
    _ wishes: [String: ReadWish], context: @Sendable (String) -> RequestContext = { _ in RequestContext() }
  ) async throws(Diagnostic) -> Observations {
    var shared: [String: ReadResult] = [:]
    return try await read(wishes, sharing: &shared, where: { _ in false }, context: context)
  }

  /// Reads what is wanted, by type, as `read` does, without sending the statements that `answers` has the answers of.
  /// Adds to `answers` those of the statements that `isShared` is true of.
  public func read(
    _ wishes: [String: ReadWish], sharing answers: inout [String: ReadResult],
    where isShared: @Sendable (String) -> Bool,
    context: @Sendable (String) -> RequestContext = { _ in RequestContext() }
  ) async throws(Diagnostic) -> Observations {
    let clock = ContinuousClock()
    let start = clock.now
    let board = ReadBoard(
      blindness: settings.blindness, applied: Set(providers.types.values.filter(\.applies).map(\.type)),
      rowLimit: settings.rowLimit, known: answers)
    var work: [ReadBoard.Work] = []
    for (type, wish) in wishes.sorted(by: { $0.key < $1.key }) {
      guard providers.types[type] != nil else {
        throw .error("no loaded plugin brings the type '\(type)'", code: "unknown-type")
      }
      if wish.wanted.isEmpty, !wish.wantsAll { continue }
      var related: [String: [ReadRequest.Wanted]] = [:]
      for other in providers.types[type]?.relatedTypes ?? [] {
        guard let wish = wishes[other] else { continue }
        // Of its own type it has the rest before it.
        related[other] = (other == type ? [] : wish.wanted.filter { $0.declared != nil }) + wish.beside
      }
      work.append(
        board.begin(
          ReadRequest(
            context: context(type), type: type, wanted: wish.wanted, related: related, wantsAll: wish.wantsAll)))
    }
    let done = try await run(work, on: board).get()
    answers.merge(done.answers(where: isShared)) { _, new in new }
    var observations = done.observations
    observations.cost.seconds = (clock.now - start) / .seconds(1)
    return observations
  }

  /// What comes back from the work that runs beside the board.
  private enum Event: Sendable {
    case reply(ReadRequest, Result<ReadReply, Diagnostic>)
    case answer(ReadQuery, Result<StatementAnswer, StatementError>)
  }

  private static func reply(
    to request: ReadRequest, _ providers: any Providers
  ) async -> Result<ReadReply, Diagnostic> {
    do throws(Diagnostic) { return .success(try await providers.read(request)) } catch { return .failure(error) }
  }

  private static func answer(
    to query: ReadQuery, _ role: String?, _ runner: any StatementRunner
  ) async -> Result<StatementAnswer, StatementError> {
    do throws(StatementError) {
      return .success(try await runner.run(query.sql, role: role, purpose: .read(query.costClass)))
    } catch {
      return .failure(error)
    }
  }

  private func run(_ work: [ReadBoard.Work], on empty: ReadBoard) async -> Result<ReadBoard, Diagnostic> {
    let providers = providers
    let runner = runner
    let role = settings.role
    let lanes = max(1, settings.lanes)
    return await withTaskGroup(of: Event.self) { group in
      var board = empty
      var running = 0
      var queue: [ReadQuery] = []
      var next = 0

      func start(_ work: [ReadBoard.Work]) {
        for item in work {
          switch item {
          case .ask(let request):
            // No typed throws inside tasks: Swift 6.3 miscompiles that with optimisation.
            group.addTask { .reply(request, await Self.reply(to: request, providers)) }
          case .send(let query): queue.append(query)
          }
        }
        while running < lanes, next < queue.count {
          let query = queue[next]
          next += 1
          running += 1
          group.addTask { .answer(query, await Self.answer(to: query, role, runner)) }
        }
      }

      start(work)
      while let event = await group.next() {
        do throws(Diagnostic) {
          switch event {
          case .reply(let request, let reply): start(try board.take(try reply.get(), for: request))
          case .answer(let query, let answer):
            running -= 1
            start(try board.take(answer, for: query))
          }
        } catch {
          group.cancelAll()
          return .failure(error)
        }
      }
      return .success(board)
    }
  }
}
