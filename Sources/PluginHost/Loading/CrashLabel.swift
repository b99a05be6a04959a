import CHostSupport
import Glibc
import SnowmakerModel

/// What a crash inside a plugin is reported as. The texts live until the process ends, for the signal handler.
///
/// Unchecked: the memory behind the pointers never changes.
struct CrashLabel: @unchecked Sendable {
  private let plugin: UnsafePointer<CChar>?
  private let path: UnsafePointer<CChar>?

  init(_ file: PluginFile) {
    plugin = UnsafePointer(strdup(file.name))
    path = UnsafePointer(strdup(file.path))
  }

  /// The plugin answers the method of this number on this thread, until `leave`.
  func enter(method: UInt32) -> chost_activity {
    chost_crash_enter(plugin, path, Self.methods[min(Int(method), Self.lastMethod)])
  }

  /// Runs `body`, in which the plugin's own code may run.
  func during<Result>(_ doing: StaticString, _ body: () -> Result) -> Result {
    during(UnsafeRawPointer(doing.utf8Start).assumingMemoryBound(to: CChar.self), body)
  }

  /// The plugin's own code runs on this thread from here to `leave`, and does what the text says, which must live until
  /// then.
  @inline(__always)
  func enter(_ doing: UnsafePointer<CChar>?) -> chost_activity { chost_crash_enter(plugin, path, doing) }
  /// The calling thread is back.
  @inline(__always)
  static func leave(_ before: chost_activity) { chost_crash_leave(before) }

  /// Makes the plugin's code known by an address in it.
  func addImage(_ address: UnsafeRawPointer) { chost_crash_add_image(plugin, path, address) }

  private func during<Result>(_ doing: UnsafePointer<CChar>?, _ body: () -> Result) -> Result {
    let before = chost_crash_enter(plugin, path, doing)
    defer { chost_crash_leave(before) }
    return body()
  }

  private static let lastMethod = 127

  /// The names by number; the last one is for every number without a name.
  // Never changed after it was made; the names live until the process ends.
  nonisolated(unsafe) private static let methods: UnsafeMutablePointer<UnsafePointer<CChar>?> = {
    let unknown = UnsafePointer(strdup("an unknown method"))
    let names = UnsafeMutablePointer<UnsafePointer<CChar>?>.allocate(capacity: lastMethod + 1)
    names.initialize(repeating: unknown, count: lastMethod + 1)
    for method in PluginMethod.allCases { names[Int(method.rawValue)] = UnsafePointer(strdup(method.name)) }
    return names
  }()
}
