import CSnowmaker
import Glibc
import SnowmakerModel

/// Brings an admitted file into the process and asks it what it is.
struct PluginLoader {
  var admission = Admission()
  var sink: PluginLogSink = PluginLog.standardError
  /// How long a plugin may take to load and to describe itself.
  var patience = 10
  /// Which plugins run in a child, and what they may take.
  var isolation = PluginIsolation(mode: .never)

  /// The plugin in `file`. Throws why it cannot be used.
  func load(_ file: PluginFile) throws(PluginRefusal) -> LoadedPlugin { try load([file])[0].get() }

  /// The plugins in `files`. Those that start a process are loaded side by side, since they mostly wait; the others
  /// one after another, since in one process they would only wait for each other's locks and page tables.
  func load(_ files: [PluginFile]) -> [Result<LoadedPlugin, PluginRefusal>] {
    let apart = files.map { file in
      startsProcess(file) ? Errand(seconds: patience + 1) { [self] in attempt(file) } : nil
    }
    var here = load(inTurn: files.filter { !startsProcess($0) })[...]
    return zip(files, apart).map { file, errand in
      guard let errand else { return here.removeFirst() }
      return errand.wait() ?? .failure(PluginRefusal(file, .silent(seconds: patience)))
    }
  }

  /// The plugins in `files`, loaded one after another. One that hangs is left to itself.
  private func load(inTurn files: [PluginFile]) -> [Result<LoadedPlugin, PluginRefusal>] {
    var results: [Result<LoadedPlugin, PluginRefusal>] = []
    while results.count < files.count {
      let series = Series(files[results.count...]) { [self] file in attempt(file) }
      results += series.wait(patience: patience + 1)
      guard results.count < files.count else { break }
      results.append(.failure(PluginRefusal(files[results.count], .silent(seconds: patience))))
    }
    return results
  }

  /// Whether the plugin runs in a child, or is tried in one first.
  private func startsProcess(_ file: PluginFile) -> Bool {
    file.origin != .bundled || isolation.applies(isBundled: true)
  }

  private func attempt(_ file: PluginFile) -> Result<LoadedPlugin, PluginRefusal> {
    do throws(PluginRefusal) { return .success(try open(admission.admit(file), of: file)) } catch {
      return .failure(error)
    }
  }

  private func open(_ ticket: Admission.Ticket, of file: PluginFile) throws(PluginRefusal) -> LoadedPlugin {
    do throws(PluginRefusal.Reason) { return try open(ticket) } catch { throw PluginRefusal(file, error) }
  }

  private func open(_ ticket: Admission.Ticket) throws(PluginRefusal.Reason) -> LoadedPlugin {
    let log = PluginLogService(plugin: ticket.file.name, sink: sink)
    let isIsolated = isolation.applies(isBundled: ticket.file.origin == .bundled)
    let transport: any PluginTransport
    do throws(PluginRefusal.Reason) {
      if isIsolated {
        transport = try IsolatedTransport(ticket, isolation, log, patience: patience)
      } else {
        try PluginProbe.check(ticket, patience: patience)
        let library = try PluginLibrary.open(
          ticket.file, path: ticket.resolvedPath, identity: ticket.identity, host: HostPeer(log: log.log))
        transport = InProcessTransport(library, largest: isolation.limits.answer << 20)
      }
    } catch {
      if case .declined = error { throw .declined(log.finishOpening()) }
      throw error
    }
    _ = log.finishOpening()
    let plugin = PluginPeer(ticket.file, transport)
    let manifest = try manifest(of: plugin)
    try admission.trust.check(ticket.file, version: manifest.version)
    let table = try table(of: transport, plugin, manifest)
    let grants = isolation.networkGrants.contains(ticket.file.name)
    if grants, manifest.requires.contains(IsolatedTransport.network) {
      (transport as? IsolatedTransport)?.allowNetwork()
    }
    return LoadedPlugin(
      ticket, plugin, manifest, table, isIsolated: isIsolated, hasNetwork: grants || !isIsolated)
  }

  /// The plugin's typed functions, when they are in this process. Throws when table and manifest do not agree, wherever
  /// they are: a worker compares them when it is asked to, by a request that plugins never see.
  private func table(
    of transport: any PluginTransport, _ plugin: PluginPeer, _ manifest: Manifest
  ) throws(PluginRefusal.Reason) -> FunctionTable {
    if let transport = transport as? InProcessTransport { return try transport.functions(manifest) }
    if manifest.functions.isEmpty { return .none }
    do throws(PluginError) { _ = try plugin.call(.function, WorkerFunctions.comparison) } catch {
      if case .failed(let diagnostics) = error.reason, let first = diagnostics.first {
        throw .inconsistent(first.summary)
      }
    }
    return .none
  }

  private func manifest(of plugin: PluginPeer) throws(PluginRefusal.Reason) -> Manifest {
    let answer: Value
    do throws(PluginError) {
      answer = try plugin.call(.describe, Self.describeRequest)
    } catch {
      switch error.reason {
      case .unreadable(let why): throw .unreadableManifest(why)
      case .hung: throw .silent(seconds: patience)
      case .died(let death, _): throw .crashed(death.description)
      default: throw .undescribed(error.reason)
      }
    }
    guard case .object = answer else { throw .unreadableManifest("expected a map, found \(answer.kindName)") }
    // Before anything else of it is read: another protocol may mean another manifest.
    if let version = answer["protocol"].string, Self.major(version) != Self.major(Manifest.protocolVersion) {
      throw .wrongProtocol(version)
    }
    let manifest: Manifest
    do throws(DocumentError) { manifest = try Manifest(document: answer) } catch {
      throw .unreadableManifest(error.description)
    }
    guard manifest.name == plugin.file.name else { throw .wrongName(manifest.name) }
    if let problem = ManifestCheck.problem(in: manifest) { throw .inconsistent(problem) }
    return manifest
  }

  /// DESCRIBE's request.
  static let describeRequest: Value = ["host": "snowmaker", "protocol": .string(Manifest.protocolVersion)]

  private static func major(_ version: String) -> Substring { version.prefix { $0 != "." } }
}
