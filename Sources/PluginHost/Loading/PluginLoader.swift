import CSnowmaker
import Glibc
import SnowmakerModel

/// Brings an admitted file into the process and asks it what it is.
struct PluginLoader {
  var admission = Admission()
  var sink: PluginLogSink = PluginLog.standardError
  /// How long a plugin may take to load and to describe itself.
  var patience = 10

  /// The plugin in `file`. Throws why it cannot be used.
  func load(_ file: PluginFile) throws(PluginRefusal) -> LoadedPlugin { try load([file])[0].get() }

  /// The plugins in `files`, loaded side by side: while one describes itself, the next is mapped.
  func load(_ files: [PluginFile]) -> [Result<LoadedPlugin, PluginRefusal>] {
    let errands = files.map { file in
      Errand(seconds: patience) { [self] () -> Result<LoadedPlugin, PluginRefusal> in
        do throws(PluginRefusal) { return .success(try open(admission.admit(file), of: file)) } catch {
          return .failure(error)
        }
      }
    }
    return zip(files, errands).map { file, errand in
      errand.wait() ?? .failure(PluginRefusal(file, .silent(seconds: patience)))
    }
  }

  private func open(_ ticket: Admission.Ticket, of file: PluginFile) throws(PluginRefusal) -> LoadedPlugin {
    do throws(PluginRefusal.Reason) { return try open(ticket) } catch { throw PluginRefusal(file, error) }
  }

  private func open(_ ticket: Admission.Ticket) throws(PluginRefusal.Reason) -> LoadedPlugin {
    let file = ticket.file
    if let reason = PluginProbe.verdict(on: file, path: ticket.resolvedPath, seconds: patience) { throw reason }
    let label = CrashLabel(file)
    // Never unloaded: the Swift runtime keeps pointers into every image it has seen.
    let handle = label.during("dlopen") { dlopen(ticket.resolvedPath, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) }
    guard let handle else { throw .notLoadable(LoadFailure.lastReason(path: ticket.resolvedPath)) }
    guard FileIdentity(path: ticket.resolvedPath) == ticket.identity else { throw .changed }

    guard let symbol = dlsym(handle, file.entrySymbol) else {
      let exported = (try? ELF(OpenFile(resolving: ticket.resolvedPath).source).exportedSymbols()) ?? []
      throw .noEntry(expected: file.entrySymbol, exported: exported)
    }
    label.addImage(symbol)
    let entry = unsafeBitCast(
      symbol,
      to: (@convention(c) (UnsafePointer<snowmaker_peer_v1>?)
        -> UnsafePointer<snowmaker_peer_v1>?).self)
    let host = HostPeer(plugin: file.name, sink: sink)
    let hostPeer = host.makePeer()
    let peer = label.during("its entry") { entry(hostPeer) }
    let lines = host.finishOpening()
    guard let peer else { throw .declined(lines) }
    guard peer.pointee.abi == LoadedPlugin.abi else { throw .wrongABI(peer.pointee.abi) }
    guard peer.pointee.call != nil else { throw .peerWithoutCall }

    let plugin = PluginPeer(file, peer, label)
    return LoadedPlugin(ticket, plugin, try manifest(of: plugin))
  }

  private func manifest(of plugin: PluginPeer) throws(PluginRefusal.Reason) -> Manifest {
    let answer: Value
    do throws(PluginError) {
      answer = try plugin.call(.describe, ["host": "snowmaker", "protocol": .string(Manifest.protocolVersion)])
    } catch {
      if case .unreadable(let why) = error.reason { throw .unreadableManifest(why) }
      throw .undescribed(error.reason)
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

  private static func major(_ version: String) -> Substring { version.prefix { $0 != "." } }
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
