import CSandbox
import Glibc

/// The child process in which one isolated plugin runs. A program that can be started as one calls `serveIfAsked` first
/// thing in `main`; `snowmaker` and `snowmaker-plugin-worker` do.
public enum PluginWorker {
  /// What the host passes, with its process id after it.
  static let argument = "--plugin-worker"
  /// The descriptor of the socket to the host.
  static let channel: Int32 = 3

  /// When the program was started as a worker: serves the host and ends the process. Otherwise does nothing.
  public static func serveIfAsked(_ arguments: [String]) {
    guard arguments.count == 3, arguments[1] == argument else { return }
    guard let host = pid_t(arguments[2]), csandbox_bind_to(host) == 0 else { _exit(EXIT_FAILURE) }
    csandbox_line_output()
    WorkerSession(WorkerChannel(channel)).run()
  }
}

/// Loads what the host says, then answers its calls until it is gone.
final class WorkerSession {
  private let channel: WorkerChannel

  init(_ channel: WorkerChannel) { self.channel = channel }

  func run() -> Never {
    guard let (frame, body) = channel.receive(), frame.kind == .hello else { _exit(EXIT_FAILURE) }
    do throws(PluginRefusal.Reason) {
      let hello = try WorkerHello(body)
      if let rules = hello.sandbox { try Sandbox.enter(rules) }
      let host = HostPeer(log: { [channel] in channel.log($0) })
      let library = try PluginLibrary.open(
        PluginFile(name: hello.name, path: hello.shownPath, origin: .option), path: hello.path,
        identity: hello.identity, host: host)
      if hello.sandbox != nil { try Sandbox.closeFiles() }
      channel.send(.ready, WorkerReady(isSerial: library.isSerial).bytes)
      serve(WorkerCalls(channel, library, largest: hello.largestAnswer))
    } catch {
      channel.send(.refused, WorkerRefusal(error).bytes)
    }
    fflush(nil)
    // Without the handlers that a plugin may have left behind.
    _exit(EXIT_SUCCESS)
  }

  private func serve(_ calls: WorkerCalls) {
    while let (frame, body) = channel.receive() {
      guard frame.kind == .call else { return }
      calls.call(UInt32(bitPattern: frame.code), body)
    }
  }
}
