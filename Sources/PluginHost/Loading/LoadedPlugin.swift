import CSnowmaker
public import SnowmakerModel

/// A plugin in use: loaded into this process, where it stays until the process ends, or into children of its own.
public final class LoadedPlugin: Sendable {
  /// The ABI that this host speaks.
  public static let abi = UInt32(SNOWMAKER_ABI)

  /// Where it came from.
  public let file: PluginFile
  /// What it says of itself.
  public let manifest: Manifest
  /// The functions it offers to configuration, in the order of its manifest.
  public let functions: [PluginFunction]
  /// What was let pass because insecure plugins are allowed; nil when nothing was.
  public let tolerated: PluginRefusal?
  /// Whether it runs in child processes, and not in this one.
  public let isIsolated: Bool
  /// What its manifest requires and it may not do, because nobody granted it.
  public let withheld: [String]
  private let ticket: Admission.Ticket
  private let peer: PluginPeer

  init(
    _ ticket: Admission.Ticket, _ peer: PluginPeer, _ manifest: Manifest, _ table: FunctionTable = .none,
    isIsolated: Bool, hasNetwork: Bool
  ) {
    self.ticket = ticket
    self.peer = peer
    self.manifest = manifest
    self.isIsolated = isIsolated
    withheld = manifest.requires.filter { $0 != IsolatedTransport.network || !hasNetwork }
    file = ticket.file
    functions = manifest.functions.map { PluginFunction($0, table.functions[$0.name], peer) }
    tolerated = ticket.tolerated
  }

  /// The plugin's name.
  public var name: String { file.name }
  /// Whether its calls are made one after the other, as it asked for.
  public var isSerial: Bool { peer.isSerial }
  /// What its calls have cost so far.
  public var statistics: CallStatistics { peer.statistics }

  /// The SHA-256 of its file, in hexadecimal. Reads the file.
  ///
  /// Throws when the file is no longer the one that was loaded, or cannot be read.
  public func sha256() throws(PluginRefusal) -> String { try PluginDigest.sha256(of: ticket) }

  /// Asks the plugin, on one of the threads for plugins; encoding and decoding happen there too.
  ///
  /// Throws when it has no answer.
  public func call(_ method: PluginMethod, _ request: Value) async throws(PluginError) -> Value {
    try await outcome(method, request).get()
  }

  /// Asks the plugin for CHECK; during that it may call the functions of other plugins, by the host's FUNCTION.
  ///
  /// Throws when it has no answer.
  public func check(_ request: Value, functions: FunctionLibrary) async throws(PluginError) -> Value {
    let outcome = await withCheckedContinuation { continuation in
      PluginThreads.shared.run {
        let result: Result<Value, PluginError>
        do throws(PluginError) {
          result = .success(
            try self.peer.call(.check, request, services: functions.services(for: self.name)))
        } catch {
          result = .failure(error)
        }
        continuation.resume(returning: result)
      }
    }
    return try outcome.get()
  }

  private func outcome(_ method: PluginMethod, _ request: Value) async -> Result<Value, PluginError> {
    await withCheckedContinuation { continuation in
      PluginThreads.shared.run { continuation.resume(returning: self.result(of: method, request)) }
    }
  }

  /// Asks the plugin on the calling thread, which waits. Not for use in asynchronous code.
  ///
  /// Throws when it has no answer.
  public func callAndWait(_ method: PluginMethod, _ request: Value) throws(PluginError) -> Value {
    try peer.call(method, request)
  }

  /// Asks the plugin all of `requests`, side by side unless it is serial; the answers are in the order of the requests.
  ///
  /// Throws the error of the first request that has no answer, after all were made.
  public func callAll(_ method: PluginMethod, _ requests: [Value]) async throws(PluginError) -> [Value] {
    if requests.count < 2 {
      guard let request = requests.first else { return [] }
      return [try await call(method, request)]
    }
    let results = await withTaskGroup(of: (Int, Result<Value, PluginError>).self) { group in
      // No typed throws inside the task: Swift 6.3 miscompiles that with optimisation (the index comes out wrong).
      for (index, request) in requests.enumerated() {
        group.addTask { (index, await self.outcome(method, request)) }
      }
      var results = [Result<Value, PluginError>?](repeating: nil, count: requests.count)
      for await (index, result) in group { results[index] = result }
      return results.compactMap(\.self)
    }
    var answers: [Value] = []
    answers.reserveCapacity(results.count)
    for result in results { answers.append(try result.get()) }
    return answers
  }

  /// Has the plugin apply, on the calling thread, which waits.
  func applyAndWait(_ request: Value, services: @escaping HostServices) -> Result<Value, PluginError> {
    do throws(PluginError) { return .success(try peer.call(.apply, request, services: services)) } catch {
      return .failure(error)
    }
  }

  private func result(of method: PluginMethod, _ request: Value) -> Result<Value, PluginError> {
    do throws(PluginError) { return .success(try peer.call(method, request)) } catch { return .failure(error) }
  }
}
