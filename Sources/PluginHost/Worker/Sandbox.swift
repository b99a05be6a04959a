import CSandbox

/// What the worker gives up before it loads a plugin.
enum Sandbox {
  /// What is kept.
  struct Rules: Hashable {
    /// The plugin's file without symbolic links.
    var plugin: String
    /// Folders that may be read beyond the system's libraries.
    var readable: [String]
    /// The most address space, in MiB.
    var memory: Int
    /// Whether there is a network.
    var network: Bool
  }

  /// Gives up the rest. Throws when that is not possible; the plugin must not be loaded then.
  static func enter(_ rules: Rules) throws(PluginRefusal.Reason) {
    let readable = CStrings(rules.readable)
    let failure = readable.withPointers { folders in
      rules.plugin.withCString { plugin in
        folders.withMemoryRebound(to: UnsafePointer<CChar>?.self) { folders in
          var wanted = csandbox_rules(
            plugin: plugin, readable: folders.baseAddress, memory: UInt64(rules.memory) << 20,
            network: rules.network ? 1 : 0)
          return attempt { csandbox_enter(&wanted, $0, $1) }
        }
      }
    }
    if let failure { throw .notIsolated(failure) }
  }

  /// Where the kernel cannot restrict reading by path, ends it altogether. Throws when that is not possible.
  static func closeFiles() throws(PluginRefusal.Reason) {
    guard csandbox_restricts_reading() == 0 else { return }
    if let failure = attempt(csandbox_close_files) { throw .notIsolated(failure) }
  }

  /// The sentence that `body` leaves when it fails.
  private static func attempt(_ body: (UnsafeMutablePointer<CChar>?, Int) -> Int32) -> String? {
    var why = [CChar](repeating: 0, count: 256)
    guard body(&why, why.count) != 0 else { return nil }
    return String(decoding: why.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
