/// Which plugins run in a child process of their own, and what they may take there.
public struct PluginIsolation: Hashable, Sendable {
  /// Which plugins are isolated.
  public enum Mode: String, Hashable, Sendable, CaseIterable {
    /// None; those from outside the install's own folders are only tried in a child before they are loaded.
    case never
    /// Those from outside the install's own folders.
    case untrusted
    /// All.
    case always
  }

  /// Which plugins are isolated.
  public var mode: Mode
  /// How much time, memory and output a call may take.
  public var limits: PluginLimits
  /// The names of the plugins whose APPLY may use the network, if their manifest asks for it.
  public var networkGrants: Set<String>
  /// What was asked for and makes no sense, a sentence each.
  public var problems: [String] = []

  /// Isolation of untrusted plugins with the usual limits, unless said otherwise.
  public init(mode: Mode = .untrusted, limits: PluginLimits = PluginLimits(), networkGrants: Set<String> = []) {
    self.mode = mode
    self.limits = limits
    self.networkGrants = networkGrants
  }

  /// Whether a plugin is isolated.
  /// - Parameter isBundled: whether it lies in one of the install's own folders.
  public func applies(isBundled: Bool) -> Bool {
    switch mode {
    case .never: false
    case .untrusted: !isBundled
    case .always: true
    }
  }
}

/// What a call into an isolated plugin may take.
public struct PluginLimits: Hashable, Sendable {
  /// Seconds for a call; large requests and APPLY get more (`seconds(for:bytes:)`).
  public var seconds: Int
  /// MiB of address space, libraries included (some 100 MiB for a plugin in Swift).
  public var memory: Int
  /// MiB of one answer.
  public var answer: Int
  /// KiB of text that a plugin may print in one call; what goes beyond is dropped.
  public var output: Int

  /// What `seconds` may be set to.
  public static let secondsRange = 1...3600
  /// What `memory` may be set to. With less, not even the Swift runtime finds room.
  public static let memoryRange = 128...65536

  /// The usual limits, unless said otherwise.
  public init(seconds: Int = 30, memory: Int = 2048, answer: Int = 256, output: Int = 64) {
    self.seconds = seconds
    self.memory = memory
    self.answer = answer
    self.output = output
  }

  /// How long a call may take: a third of `seconds` more for each MiB of the request, so that a large PLAN has its
  /// time, and twenty times as long for APPLY, which waits for other systems.
  func nanoseconds(for method: UInt32, bytes: Int) -> UInt64 {
    let base = UInt64(max(1, seconds)) * 1_000_000_000
    let factor: UInt64 = method == Self.apply ? 20 : 1
    return base * factor + base / 3 * UInt64(bytes >> 20)
  }

  private static let apply: UInt32 = 48
}
