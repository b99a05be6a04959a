/// One HTTP request as the transport sends it.
public struct HTTPRequest: Sendable {
  /// The request's method.
  public enum Method: String, Sendable {
    case get = "GET"
    case post = "POST"
    case put = "PUT"
  }

  /// The method.
  public var method: Method
  /// The whole address, percent-encoded.
  public var url: String
  /// Header fields, sent in this order.
  public var headers: [(name: String, value: String)]
  /// The body; sent gzip-compressed when `compressesBody` is set and it is large enough to gain from that.
  public var body: [UInt8]
  /// Whether a large body may be sent compressed.
  public var compressesBody: Bool
  /// How long each phase may take.
  public var timeouts: HTTPTimeouts
  /// How the revocation of the server's certificate is checked.
  public var revocation: RevocationCheck
  /// Whether it goes to the service that a cloud answers its own machines with, over plain HTTP on a link-local address.
  var isForMetadata = false

  /// A request with no header fields and no body unless given.
  public init(
    method: Method = .get, url: String, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
    compressesBody: Bool = true, timeouts: HTTPTimeouts = HTTPTimeouts(),
    revocation: RevocationCheck = .none
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.compressesBody = compressesBody
    self.timeouts = timeouts
    self.revocation = revocation
  }
}

extension HTTPRequest: CustomStringConvertible, CustomReflectable {
  /// The method and the address without its query: header fields and bodies hold secrets.
  public var description: String { "\(method.rawValue) \(url.prefix { $0 != "?" })" }
  /// Shows nothing to `dump`.
  public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Time limits of one HTTP request.
public struct HTTPTimeouts: Sendable, Equatable {
  /// Name resolution, TCP connection and TLS handshake together.
  public var connect: Duration
  /// From the request sent to the first byte of the answer. A server may hold a request for 45 seconds.
  public var firstByte: Duration
  /// The longest time during which no byte moves once the answer has begun.
  public var idle: Duration
  /// The whole request from start to the last byte.
  public var total: Duration

  /// Limits that suit Snowflake: 10 s to connect, 60 s of silence, 10 minutes in all. The first byte may take as long as
  /// `idle` unless told otherwise.
  public init(
    connect: Duration = .seconds(10), firstByte: Duration? = nil, idle: Duration = .seconds(60),
    total: Duration = .seconds(600)
  ) {
    self.connect = connect
    self.firstByte = firstByte ?? idle
    self.idle = idle
    self.total = total
  }
}

/// How the revocation of a server's certificate is checked, as far as libcurl can.
public enum RevocationCheck: Sendable, Equatable {
  /// Not at all, like Snowflake's current drivers unless told otherwise.
  case none
  /// The server must staple a good OCSP answer to its certificate; one that staples none is refused.
  case stapled
  /// Against the revocation lists in a PEM file; every certificate of the chain needs one.
  case list(String)
}

/// One HTTP answer, its body decompressed as the header fields say.
public struct HTTPResponse: Sendable {
  /// The status code.
  public var status: Int
  /// Header fields, names in lower case.
  public var headers: [(name: String, value: String)]
  /// The body.
  public var body: [UInt8]

  /// A response from its parts.
  public init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// The first value of a header field; `name` in lower case.
  public func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}
