import CSnowmaker
import SnowmakerModel
import Synchronization

/// A plugin's side of the boundary: calls it, wherever it runs, and reads what it answers.
///
/// Unchecked: `cost` is only touched with `lock` held.
final class PluginPeer: @unchecked Sendable {
  let file: PluginFile
  private let transport: any PluginTransport
  private let lock = Lock()
  private var cost = CallStatistics()
  private let isUnusable = Atomic(false)

  init(_ file: PluginFile, _ transport: any PluginTransport) {
    self.file = file
    self.transport = transport
  }

  var isSerial: Bool { transport.isSerial }
  var statistics: CallStatistics { lock.locked { cost } }

  /// Asks the plugin on the calling thread. Throws when it has no answer.
  func call(
    _ method: PluginMethod, _ request: Value, services: HostServices? = nil
  ) throws(PluginError) -> Value {
    do throws(PluginError.Reason) {
      guard !isUnusable.load(ordering: .relaxed) else { throw .unusable }
      // A result, since what lends the bytes lets no error through.
      let answer = CBOR.withEncoded(request) { bytes in
        exchange(RelayCall(method: method.rawValue, request: bytes, services: services))
      }
      return try read(answer.get())
    } catch {
      if case .panicked = error { isUnusable.store(true, ordering: .relaxed) }
      throw PluginError(
        plugin: file.name, path: file.path, method: method, type: request["type"].string, reason: error)
    }
  }

  /// Makes one call, and counts what it costs.
  private func exchange(_ call: RelayCall) -> Result<RelayAnswer, PluginError.Reason> {
    let start = Clock.nanoseconds()
    let answer: RelayAnswer
    do throws(PluginError.Reason) { answer = try transport.exchange(call) } catch { return .failure(error) }
    let nanoseconds = Clock.nanoseconds() - start
    lock.locked {
      cost.calls += 1
      cost.requestBytes += call.request.count
      cost.replyBytes += answer.size
      cost.nanoseconds += nanoseconds
    }
    return .success(answer)
  }

  private func read(_ answer: RelayAnswer) throws(PluginError.Reason) -> Value {
    switch Int(answer.status) {
    case SNOWMAKER_OK:
      if let problem = answer.problem { throw .unreadable(problem) }
      do throws(AnyDocument.Failure) { return try answer.document.get() } catch {
        throw .unreadable(error.description)
      }
    case SNOWMAKER_FAILED: throw .failed(diagnostics(answer))
    case SNOWMAKER_UNSUPPORTED: throw .unsupported
    case SNOWMAKER_MALFORMED: throw .malformed(diagnostics(answer))
    case SNOWMAKER_CANCELLED: throw answer.problem.map { PluginError.Reason.unreadable($0) } ?? .cancelled
    case SNOWMAKER_PANIC: throw .panicked(diagnostics(answer))
    default: throw .unknownStatus(answer.status)
    }
  }

  /// The diagnostics of a failure; one that says so when they cannot be read.
  private func diagnostics(_ answer: RelayAnswer) -> [Diagnostic] {
    do {
      return try answer.document.get().decodeList("diagnostics", as: Diagnostic.self)
    } catch {
      return [.error("its diagnostics make no sense: \(error)")]
    }
  }
}
