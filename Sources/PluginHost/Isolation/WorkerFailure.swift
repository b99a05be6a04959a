import Glibc
import SnowmakerModel

/// How a worker's process ended when it should not have.
public struct WorkerDeath: Hashable, Sendable, CustomStringConvertible {
  /// The signal that killed it, nil when it ended by itself.
  public let signal: Int32?
  /// The status it ended with; 0 for a signal.
  public let status: Int32
  /// The most memory it had, in MiB, when that was near its limit.
  public let memory: Int?
  /// The limit, in MiB.
  public let limit: Int

  /// - Parameters:
  ///   - status: from `waitpid`.
  ///   - memory: the most it had, in KiB.
  ///   - limit: what it may have, in MiB.
  init(status: Int32, memory: Int, limit: Int) {
    let signal = status & 0x7f
    self.signal = signal == 0 ? nil : signal
    self.status = signal == 0 ? (status >> 8) & 0xff : 0
    self.limit = limit
    // Near enough: what fails is the piece that would have gone beyond.
    self.memory = limit > 0 && memory >> 10 >= limit * 3 / 4 ? memory >> 10 : nil
  }

  /// How it ended, without a subject.
  public var description: String {
    var text = "ended with status \(status)"
    if let signal { text = "was killed by signal \(signal) (\(String(cString: strsignal(signal))))" }
    if let memory {
      text +=
        " when it had \(memory) of the \(limit) MiB it may have ('memory' under 'isolation' in snowmaker.yaml, or "
        + "SNOWMAKER_PLUGIN_MEMORY, gives it more)"
    }
    return text
  }
}

/// Why a worker is of no use any more. Its process has ended.
enum WorkerFailure: Error, Hashable {
  case died(WorkerDeath)
  case hung(seconds: Int)
  /// What it sent makes no sense.
  case garbage(String)

  /// The reason of a call that was made `tries` times.
  func reason(tries: Int) -> PluginError.Reason {
    switch self {
    case .died(let death): .died(death, tries: tries)
    case .hung(let seconds): .hung(seconds: seconds, tries: tries)
    case .garbage(let what): .relay(what, tries: tries)
    }
  }

  /// What it did, for a sentence about the plugin.
  var description: String {
    switch self {
    case .died(let death): "\(death)"
    case .hung(let seconds): "did not answer within \(counted(seconds, "second"))"
    case .garbage(let what): what
    }
  }
}
