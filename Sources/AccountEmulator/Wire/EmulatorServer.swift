import Synchronization

/// An emulated Snowflake account on loopback HTTP, for real clients: the session protocol in front of a
/// `StatementEngine`.
public final class EmulatorServer: Sendable {
  /// Why the server cannot start.
  public enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
    /// A system library is missing.
    case noLibrary(String)
    /// The port is taken or not allowed.
    case cannotListen(port: UInt16, reason: String)
    /// No certificate could be made.
    case noCertificate(String)
    /// `start` was called before.
    case alreadyStarted

    /// What happened and what to do.
    public var description: String {
      switch self {
      case .noLibrary(let reason):
        "the emulator needs libmicrohttpd (Debian: apt install libmicrohttpd12): \(reason)"
      case .cannotListen(let port, let reason):
        "the emulator cannot listen on 127.0.0.1:\(port): \(reason); choose another port, or 0 for a free one"
      case .noCertificate(let reason): "the emulator cannot make a certificate: \(reason)"
      case .alreadyStarted: "this emulator has been started before"
      }
    }
  }

  /// How a user may log in.
  public enum LoginMethod: Sendable, Hashable, CaseIterable {
    case password, keyPair, oauth, accessToken
  }

  /// How the server behaves.
  public struct Options: Sendable {
    /// How long a session token is good for.
    public var sessionValidity: Duration = .seconds(3600)
    /// How long a master token is good for; a session nobody renews ends with it.
    public var masterValidity: Duration = .seconds(14400)
    /// How long a request waits for its statement before it is answered "in progress".
    public var inProgressAfter: Duration = .seconds(45)
    /// The methods of login; any other is refused with the code of the method.
    public var loginMethods: Set<LoginMethod> = [.password, .keyPair, .oauth, .accessToken]
    /// How long an OAuth access token is good for.
    public var oauthValidity: Duration = .seconds(600)
    /// The passcode that a user must give beside the password, by the user's name; users that are not in it need none.
    public var passcodes: [String: String] = [:]
    /// The folder that files on internal stages are kept in; nil: a temporary one, removed when the server stops.
    public var stageFolder: String?
    /// The most bytes a request may have, expanded.
    public var bodyLimit = 64 << 20
    /// Answers from this size on are compressed for clients that accept it.
    public var compressFrom = 16 << 10
    /// Results with more rows than this are given in parts of so many rows; nil: every result comes whole, which all
    /// clients take.
    public var chunkRows: Int?
    /// What goes wrong from the start; it can be changed while the server runs.
    public var faults = FaultPlan()
    /// The version the account says it has.
    public var serverVersion = "10.10.0"

    /// The service's own behaviour.
    public init() {}
  }

  /// Everything that was asked of the account.
  public let log: EmulatorLog
  private let service: WireService

  private struct Listeners: Sendable {
    var started = false
    var main: HTTPListener?
    var secure: HTTPListener?
    var door: FrontDoor?
    var control: HTTPListener?

    func stop() {
      door?.stop()
      secure?.stop()
      main?.stop()
      control?.stop()
    }
  }

  private let listeners = Mutex(Listeners())
  private let bodyLimit: Int
  private let compressFrom: Int

  /// A server in front of an engine; it does not listen yet.
  public init(engine: any StatementEngine, options: Options = Options(), log: EmulatorLog = EmulatorLog()) {
    self.log = log
    bodyLimit = options.bodyLimit
    compressFrom = options.compressFrom
    service = WireService(engine: engine, options: options, log: log)
  }

  /// The ports to listen on, all on 127.0.0.1; 0 takes a free one: see `port` and its like.
  public struct Ports: Sendable {
    /// HTTP.
    public var http: UInt16 = 0
    /// Changes of the fault plan and questions to the log; nil: none.
    public var control: UInt16?
    /// HTTPS with this certificate; nil: none.
    public var https: (port: UInt16, identity: ServerIdentity)?
    /// A proxy that answers CONNECT and leads to the HTTPS port; nil: none.
    public var proxy: UInt16?

    /// HTTP on a free port and nothing else.
    public init() {}
  }

  /// Listens on 127.0.0.1. Port 0 takes a free one: see `port`.
  ///
  /// - Parameter controlPort: also listens there for changes of the fault plan and questions to the log; nil: not.
  /// Throws `Failure` when a port is taken or a library is missing; the server cannot be started again.
  public func start(port: UInt16 = 0, controlPort: UInt16? = nil) throws(Failure) {
    var ports = Ports()
    ports.http = port
    ports.control = controlPort
    try start(ports)
  }

  /// Listens on several ports. Throws `Failure` when one is taken or a library is missing; nothing listens then, and
  /// the server cannot be started again.
  public func start(_ ports: Ports) throws(Failure) {
    let isFirst = listeners.withLock { listeners -> Bool in
      defer { listeners.started = true }
      return !listeners.started
    }
    guard isFirst else { throw .alreadyStarted }
    let service = service
    let endpoint = ControlEndpoint(service: service)
    var opened = Listeners(started: true)
    do throws(Failure) {
      opened.main = try HTTPListener(port: ports.http, bodyLimit: bodyLimit, gzipFrom: compressFrom) {
        service.answer($0)
      }
      if let (port, identity) = ports.https {
        let secure = try HTTPListener(
          port: port, bodyLimit: bodyLimit, gzipFrom: compressFrom, identity: identity
        ) { service.answer($0) }
        opened.secure = secure
        if let proxy = ports.proxy { opened.door = try FrontDoor(port: proxy, target: secure.port) }
      }
      if let port = ports.control {
        opened.control = try HTTPListener(port: port, bodyLimit: 1 << 20, gzipFrom: .max) { endpoint.answer($0) }
      }
    } catch {
      opened.stop()
      throw error
    }
    listeners.withLock { [opened] in $0 = opened }
  }

  /// The port it listens on; 0 when it does not.
  public var port: UInt16 { listeners.withLock { $0.main?.port ?? 0 } }

  /// The port of the control endpoint; nil when there is none.
  public var controlPort: UInt16? { listeners.withLock { $0.control?.port } }

  /// The HTTPS port; nil when there is none.
  public var httpsPort: UInt16? { listeners.withLock { $0.secure?.port } }

  /// The port of the proxy; nil when there is none.
  public var proxyPort: UInt16? { listeners.withLock { $0.door?.port } }

  /// Stops listening, lets running statements end, and closes every session. Waits until nothing runs any more.
  public func stop() {
    service.beginStop()
    let taken = listeners.withLock { listeners -> Listeners in
      defer { listeners = Listeners(started: true) }
      return listeners
    }
    taken.stop()
    service.endStop()
  }

  deinit { stop() }

  /// What goes wrong and how slow the account is, from now on. Reading it gives what is left of the plan.
  public var faults: FaultPlan {
    get { service.faults.withLock { $0 } }
    set { service.faults.withLock { $0 = newValue } }
  }

  /// Makes every session token expire now (390112 on the next request); with `masterToo` none can be renewed either.
  public func expireSessions(masterToo: Bool = false) { service.sessions.expire(masterToo: masterToo) }

  /// Moves the time of the tokens forward.
  public func advanceTime(by duration: Duration) { service.clock.advance(by: duration) }

  /// How many sessions are open.
  public var openSessions: Int { service.sessions.all.count }
}
