import CSnowmaker
import Glibc

/// A plugin's shared library in this process, opened and asked for its peer.
///
/// Unchecked: the peer lives until the process ends and never changes.
struct PluginLibrary: @unchecked Sendable {
  let peer: UnsafePointer<snowmaker_peer_v1>
  let host: HostPeer
  let label: CrashLabel

  /// Loads the file and calls its entry. Throws why it cannot be used.
  ///
  /// - Parameters:
  ///   - file: what is being loaded, for names and messages.
  ///   - path: the file without symbolic links, as it was admitted.
  ///   - identity: which file that was then.
  ///   - host: what the plugin gets to see of the host.
  static func open(
    _ file: PluginFile, path: String, identity: FileIdentity, host: HostPeer
  ) throws(PluginRefusal.Reason) -> PluginLibrary {
    let label = CrashLabel(file)
    // Never unloaded: the Swift runtime keeps pointers into every image it has seen.
    let handle = label.during("dlopen") { dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) }
    guard let handle else { throw .notLoadable(LoadFailure.lastReason(path: path)) }
    guard FileIdentity(path: path) == identity else { throw .changed }

    guard let symbol = dlsym(handle, file.entrySymbol) else {
      let exported = (try? ELF(OpenFile(resolving: path).source).exportedSymbols()) ?? []
      throw .noEntry(expected: file.entrySymbol, exported: exported)
    }
    label.addImage(symbol)
    let entry = unsafeBitCast(
      symbol,
      to: (@convention(c) (UnsafePointer<snowmaker_peer_v1>?)
        -> UnsafePointer<snowmaker_peer_v1>?).self)
    let hostPeer = host.makePeer()
    let peer = label.during("its entry") { entry(hostPeer) }
    guard let peer else { throw .declined([]) }
    guard peer.pointee.abi == LoadedPlugin.abi else { throw .wrongABI(peer.pointee.abi) }
    guard peer.pointee.call != nil else { throw .peerWithoutCall }
    return PluginLibrary(peer: peer, host: host, label: label)
  }

  var isSerial: Bool { peer.pointee.flags & SNOWMAKER_SERIAL != 0 }
}

/// What the loader says, in words that help.
private enum LoadFailure {
  static func lastReason(path: String) -> String {
    guard let text = dlerror() else { return "the loader does not say why" }
    var reason = String(cString: text)
    if reason.hasPrefix("\(path): ") { reason.removeFirst(path.count + 2) }
    if let hint = hint(for: reason) { reason += " (\(hint))" }
    return reason
  }

  private static func hint(for reason: String) -> String? {
    if reason.contains("undefined symbol: swift_") || reason.contains("undefined symbol: $s") {
      return "was it built for another Swift runtime?"
    }
    if reason.contains("undefined symbol") { return "link the library that has it into the plugin" }
    if reason.contains("failed to map segment") { return "is the file system mounted noexec?" }
    if reason.contains("cannot open shared object file") { return "the plugin needs this library; install it" }
    return nil
  }
}
