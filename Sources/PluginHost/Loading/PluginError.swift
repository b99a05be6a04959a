public import SnowmakerModel

/// Why a call into a plugin has no answer.
public struct PluginError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The plugin that was asked.
  public let plugin: String
  /// Where its file is.
  public let path: String
  /// What it was asked.
  public let method: PluginMethod
  /// The type that the request was about, nil when it names none.
  public let type: String?
  /// What went wrong.
  public let reason: Reason

  /// What went wrong in a call.
  public enum Reason: Error, Hashable, Sendable {
    /// The plugin understood and says no, for these reasons.
    case failed([Diagnostic])
    /// The plugin does not know the method.
    case unsupported
    /// The plugin could not read the request.
    case malformed([Diagnostic])
    /// The plugin stopped because it was told to.
    case cancelled
    /// The plugin found a bug of its own.
    case panicked([Diagnostic])
    /// The plugin had found a bug of its own in an earlier call and is not called again.
    case unusable
    /// The answer is no document, or there is more than one.
    case unreadable(String)
    /// A status that this ABI does not have.
    case unknownStatus(Int32)

    // Only of plugins in a child.
    /// Its process ended during the call, which was made so many times.
    case died(WorkerDeath, tries: Int)
    /// It did not answer in time and was stopped; the call was made so many times.
    case hung(seconds: Int, tries: Int)
    /// What came from its process is not what a worker says; the call was made so many times.
    case relay(String, tries: Int)
    /// Its process could not be started.
    case notStarted(String)
    /// It had failed too often in this run; with how, the last time.
    case disabled(String)
  }

  /// What the plugin said; empty when it said nothing.
  public var diagnostics: [Diagnostic] {
    switch reason {
    case .failed(let diagnostics), .malformed(let diagnostics), .panicked(let diagnostics): diagnostics
    default: []
    }
  }

  /// The sentence for the user: which plugin, what it was asked, what went wrong.
  public var description: String {
    "plugin '\(plugin)' (\(path)): \(method.name)\(type.map { " of type '\($0)'" } ?? ""): \(reason)"
  }
}

extension PluginError.Reason: CustomStringConvertible {
  /// What went wrong, without the plugin's name.
  public var description: String {
    switch self {
    case .failed(let diagnostics): "failed\(Self.said(diagnostics))"
    case .unsupported: "the plugin does not support it"
    case .malformed(let diagnostics): "the plugin could not read the request\(Self.said(diagnostics))"
    case .cancelled: "cancelled"
    case .panicked(let diagnostics): "the plugin found a bug of its own\(Self.said(diagnostics))"
    case .unusable: "not called, because the plugin found a bug of its own earlier"
    case .unreadable(let why): "the answer makes no sense: \(why)"
    case .unknownStatus(let status): "the answer makes no sense: unknown status \(status)"
    case .died(let death, let tries): "its process \(death)\(Self.again(tries)); report this to the plugin's author"
    case .hung(let seconds, let tries):
      "did not answer within \(counted(seconds, "second")) and was stopped\(Self.again(tries)); 'timeout' under "
        + "'isolation' in snowmaker.yaml, or SNOWMAKER_PLUGIN_TIMEOUT, gives it more"
    case .relay(let what, let tries):
      "its process \(what) and was stopped\(Self.again(tries)); report this to the plugin's author"
    case .notStarted(let why): "cannot be isolated: \(why)"
    case .disabled(let last):
      "not called: the plugin failed three times and is not used any more in this run (the last time it \(last))"
    }
  }

  private static func again(_ tries: Int) -> String { tries == 1 ? "" : ", and the same when asked again" }

  private static func said(_ diagnostics: [Diagnostic]) -> String {
    guard !diagnostics.isEmpty else { return ", without saying why" }
    let sentences = diagnostics.map { $0.detail.isEmpty ? $0.summary : "\($0.summary) (\($0.detail))" }
    return ": \(sentences.joined(separator: "; "))"
  }
}
