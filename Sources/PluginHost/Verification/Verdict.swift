public import SnowmakerModel

/// How one check of a plugin ended.
public enum Verdict: Hashable, Sendable {
  /// The plugin does what is asked of it.
  case success
  /// It works, and could be better: why.
  case warning(String)
  /// It does not do what is asked of it: why.
  case failed(String)
  /// The process that ran the check died: of what, and what the plugin was doing.
  case crashed(String)
  /// Nothing to check here: why.
  case skipped(String)

  /// The word in reports.
  public var status: String {
    switch self {
    case .success: "success"
    case .warning: "warning"
    case .failed: "failed"
    case .crashed: "crashed"
    case .skipped: "skipped"
    }
  }

  /// What there is to say; empty for a success.
  public var message: String {
    switch self {
    case .success: ""
    case .warning(let text), .failed(let text), .crashed(let text), .skipped(let text): text
    }
  }

  /// Whether the plugin must be mended.
  public var isBad: Bool {
    switch self {
    case .failed, .crashed: true
    case .success, .warning, .skipped: false
    }
  }

  init(status: String, message: String) {
    switch status {
    case "success": self = .success
    case "warning": self = .warning(message)
    case "skipped": self = .skipped(message)
    case "crashed": self = .crashed(message)
    default: self = .failed(message)
    }
  }
}

/// One thing that is checked of a plugin.
public struct VerificationCheck: Sendable {
  /// Which part of a plugin it is about.
  public enum Group: String, Sendable, CaseIterable {
    /// The file, and what happens while it is loaded and described.
    case library
    /// How requests of any kind are taken.
    case `protocol`
    /// Whether answers mean what they must.
    case contract
    /// Every type's life on an account emulator.
    case lifeCycle = "life-cycle"
  }

  /// Why a check ends before its end.
  public struct Ending: Error {
    /// How it ended.
    public let verdict: Verdict

    /// The plugin does not do what is asked of it.
    public static func failed(_ why: String) -> Ending { Ending(verdict: .failed(why)) }
    /// Nothing to check here.
    public static func skipped(_ why: String) -> Ending { Ending(verdict: .skipped(why)) }
    /// It could be better.
    public static func warning(_ why: String) -> Ending { Ending(verdict: .warning(why)) }
  }

  /// The name for `--only`, e.g. `describe-deterministic`.
  public let name: String
  /// What it is about.
  public let group: Group
  /// What must hold, as a sentence.
  public let rule: String
  /// How long it may take, in seconds.
  public let seconds: Int
  /// Checks, in a process of its own. Returning is success.
  public let run: @Sendable (VerificationSubject) throws(Ending) -> Void

  /// A check; it has 10 seconds, or 30 when it is not about the library, unless told.
  public init(
    _ name: String, _ group: Group, _ rule: String, seconds: Int? = nil,
    run: @escaping @Sendable (VerificationSubject) throws(Ending) -> Void
  ) {
    self.name = name
    self.group = group
    self.rule = rule
    self.seconds = seconds ?? (group == .library ? 10 : 30)
    self.run = run
  }
}

/// What a check works on.
public struct VerificationSubject: Sendable {
  /// The plugin's file.
  public let file: PluginFile
  /// What every random choice follows from.
  public let seed: UInt64
  /// Says what is going on, for when the process dies: `PLAN of resource_monitor`.
  public let note: @Sendable (String) -> Void

  /// Loads the plugin into this process and asks what it is. Throws when it has no manifest that can be read.
  public func manifest() throws(VerificationCheck.Ending) -> Manifest { try load().manifest() }

  /// Loads the plugin into this process; a check that needs none does not load it.
  ///
  /// Throws when it cannot be loaded.
  func load() throws(VerificationCheck.Ending) -> RawPlugin { try RawPlugin(file, note: note) }
}
