import CSnowmakerEmbed
import SnowflakeClient
import Snowmaker
import SnowmakerModel
import Synchronization

/// What a `snowmaker_deployment *` stands for: it does one thing at a time, and can be told to stop.
final class DeploymentBox: Sendable {
  private struct State {
    var isBusy = false
    var wasCancelled = false
    /// How many handles lead here: its own, and those of its plans.
    var users = 1
    /// What to cancel; nil while nothing is at work that may be cut off in the middle.
    var task: Task<Void, Never>?
  }

  let deployment: Deployment
  private let state = Mutex(State())

  private init(_ deployment: Deployment) { self.deployment = deployment }

  /// Connects. Throws when the options are wrong, the project has errors or the account refuses.
  static func open(_ project: ProjectBox, _ options: consuming CallOptions) throws(CallProblem) -> DeploymentBox {
    let workspace = project.workspace
    var connection = AccountConnection.Options(
      for: workspace, name: try options.text("connection"), lanes: try options.number("lanes", in: 1...64) ?? 8)
    for (name, value) in try options.pairs("parameters") ?? [] {
      guard let key = ConnectionKey(rawValue: name) else {
        throw .invalid("there is no connection parameter '\(name)'")
      }
      connection.overrides[key] = value
    }
    try options.finish()
    if workspace.hasErrors { throw .failed(workspace.diagnostics) }
    let settings = connection
    return try waitFor { await connect(workspace, settings) }.get()
  }

  private static func connect(
    _ workspace: Workspace, _ options: AccountConnection.Options
  ) async -> Result<DeploymentBox, CallProblem> {
    do throws(Diagnostic) {
      let connection = try await AccountConnection.open(options)
      do throws(Diagnostic) {
        return .success(DeploymentBox(try Deployment(workspace, connection)))
      } catch {
        await connection.close()
        throw error
      }
    } catch {
      return .failure(.failed([error]))
    }
  }

  // MARK: - Lifetime

  // The connection is closed on the thread that releases the last handle, and is closed when that call returns. Not in
  // deinit: the last reference may be a task's, whose thread must not be blocked.

  /// Another handle leads here.
  func addUser() { state.withLock { $0.users += 1 } }

  /// A handle that led here was released. The last one closes the connection.
  func removeUser() {
    let users = state.withLock { state in
      state.users -= 1
      return state.users
    }
    guard users == 0 else { return }
    let connection = deployment.connection
    waitFor { await connection.close() }
  }

  // MARK: - One thing at a time

  /// Whether somebody asked to stop.
  var wasCancelled: Bool { state.withLock { $0.wasCancelled } }

  /// Stops what is being done: cuts off what only reads, and keeps an apply from starting more.
  func cancel() {
    let task = state.withLock { state in
      if state.isBusy { state.wasCancelled = true }
      return state.task
    }
    task?.cancel()
  }

  /// From here on what runs writes, and may not be cut off in the middle.
  func startWriting() { state.withLock { $0.task = nil } }

  /// Runs one operation, alone. Throws when another one runs, or it failed; with the status `cancelled` when it failed
  /// because somebody asked to stop.
  func run<T: Sendable>(
    _ body: @escaping @Sendable (DeploymentBox) async -> Result<T, Diagnostic>
  ) throws(CallProblem) -> T {
    let isFree = state.withLock { state in
      guard !state.isBusy else { return false }
      state.isBusy = true
      return true
    }
    guard isFree else { throw .invalid("the deployment is busy with another call") }
    defer {
      state.withLock { state in
        state.isBusy = false
        state.wasCancelled = false
        state.task = nil
      }
    }
    let result = waitFor(onStart: { task in state.withLock { $0.task = task } }) { await body(self) }
    switch result {
    case .success(let value): return value
    case .failure(let diagnostic):
      throw wasCancelled ? .cancelled([diagnostic]) : .failed([diagnostic])
    }
  }
}
