import SnowmakerModel

/// Loads a plugin in a child process first, so that one that crashes or exits while it is loaded and described is refused
/// instead of taking the program along.
///
/// Only for programs that can start themselves as workers, and for plugins that are loaded into the program although they
/// do not come with it (`--isolate never`).
enum PluginProbe {
  /// Throws why the file must not be loaded into this process.
  static func check(_ ticket: Admission.Ticket, patience: Int) throws(PluginRefusal.Reason) {
    guard ticket.file.origin != .bundled, WorkerExecutable.isThisProgram else { return }
    let log = PluginLogService(plugin: ticket.file.name, sink: { _ in })
    do throws(PluginRefusal.Reason) {
      let isolation = PluginIsolation(mode: .always, limits: PluginLimits(seconds: patience, memory: 0))
      let transport = try IsolatedTransport(ticket, isolation, log, patience: patience, isSandboxed: false)
      do throws(PluginError) {
        _ = try PluginPeer(ticket.file, transport).call(.describe, PluginLoader.describeRequest)
      } catch {
        switch error.reason {
        case .died(let death, _): throw .crashed(death.description)
        case .hung: throw .silent(seconds: patience)
        case .relay(let what, _): throw .crashed("its process \(what)")
        default: return  // the same happens again in this process, and is a refusal there
        }
      }
    } catch {
      switch error {
      case .crashed, .silent: throw error
      default: return
      }
    }
  }
}
