/// Why an HTTP request got no answer. Nothing in it repeats a header field, a body or a query string.
public enum TransportError: Error, Sendable, Equatable {
  /// The phase in which time ran out.
  public enum Phase: String, Sendable {
    case connect = "connecting"
    case firstByte = "waiting for the answer to begin"
    case idle = "waiting for data"
    case total = "the whole request"
  }

  /// libcurl cannot be used on this machine.
  case unavailable(String)
  /// The address cannot be used; the text says why.
  case badAddress(String)
  /// The host's name has no address.
  case unresolved(host: String)
  /// No connection to the host; the text is the system's reason.
  case refused(host: String, port: Int, detail: String)
  /// The TLS handshake or the check of the certificate failed.
  case tls(host: String, detail: String)
  /// The proxy refused or cannot be reached.
  case proxy(detail: String)
  /// Time ran out.
  case timeout(phase: Phase, host: String, after: Duration)
  /// The connection broke before the answer was complete.
  case connectionLost(host: String, received: Int, detail: String)
  /// The answer exceeds the size that is accepted, in bytes.
  case tooLarge(limit: Int)
  /// The task was cancelled.
  case cancelled
  /// Anything else libcurl reports.
  case other(code: Int, detail: String)

  /// Whether sending the same request again can help.
  public var isTransient: Bool {
    switch self {
    case .unresolved, .refused, .timeout, .connectionLost: true
    case .proxy: true
    case .unavailable, .badAddress, .tls, .tooLarge, .cancelled, .other: false
    }
  }

  /// Whether the server may have received the request and acted on it.
  public var requestMayHaveArrived: Bool {
    switch self {
    case .timeout(let phase, _, _): phase != .connect
    case .connectionLost, .tooLarge, .cancelled, .other: true
    case .unavailable, .badAddress, .unresolved, .refused, .tls, .proxy: false
    }
  }
}
