import CMicroHTTPD
import Glibc
import Synchronization

/// One HTTP request, as the router needs it.
struct HTTPRequest: Sendable {
  var method: String
  /// Percent-decoded, repeated slashes collapsed, without a trailing slash.
  var path: String
  var authorization: String?
  var contentEncoding: String?
  /// Without parameters, in lower case; nil when there was none.
  var contentType: String?
  var acceptsGzip: Bool
  var host: String?
  /// `http` or `https`.
  var scheme = "http"
  var userAgent: String?
  /// X-Snowflake-Authorization-Token-Type.
  var tokenType: String?
  /// What may be there already when a file is put: "0" is nothing.
  var generationMatch: String?
  var chunkSecret: String?
  /// What clients note beside a file they upload; kept and given back with it.
  var fileMetadata: [String: String] = [:]
  var arguments: [String: String]
  /// As it came, perhaps compressed.
  var body: [UInt8]
}

/// The answer to one HTTP request.
struct HTTPReply: Sendable {
  /// How it leaves.
  enum Delivery: Sendable, Equatable {
    case whole
    /// Header and half of the body, then the connection is closed.
    case truncated
    /// Nothing: the connection is reset.
    case reset
    /// Header and half of the body, then this process is killed.
    case killing
  }

  var status: UInt32 = 200
  var contentType = "application/json"
  var headers: [String: String] = [:]
  var body: [UInt8]
  var delivery = Delivery.whole
  /// Whether the body is gzip already.
  var isCompressed = false
}

/// Listens on loopback and hands each request to a closure, on a thread of the connection's own.
final class HTTPListener: Sendable {
  /// What the C side calls back with.
  private final class Context: Sendable {
    let gzipFrom: Int
    let scheme: String
    let handler: @Sendable (HTTPRequest) -> HTTPReply

    init(gzipFrom: Int, scheme: String, handler: @escaping @Sendable (HTTPRequest) -> HTTPReply) {
      self.gzipFrom = gzipFrom
      self.scheme = scheme
      self.handler = handler
    }
  }

  /// The C listener and the context it holds a reference to, as numbers so that they can cross threads; nil once stopped.
  private struct Handles: Sendable {
    var server: UInt
    var context: UInt
  }

  /// The port it listens on.
  let port: UInt16
  private let handles: Mutex<Handles?>

  static let argumentNames = [
    "requestId", "request_id", "retryCount", "delete", "roleName", "warehouse", "databaseName", "schemaName", "since",
    "async", "nullable", "retry", "partition", "like", "startsWith", "showLimit", "fromName", "createMode", "ifExists",
    "mode", "targetDatabase", "targetSchema", "copyGrants",
  ]

  static let metadataNames = [
    "x-goog-meta-sfc-digest", "x-goog-meta-encryptiondata", "x-goog-meta-matdesc",
  ]

  /// Starts to listen on 127.0.0.1 (`port` 0: a free one); with `identity` it speaks HTTPS.
  init(
    port: UInt16, bodyLimit: Int, gzipFrom: Int, identity: ServerIdentity? = nil,
    handler: @escaping @Sendable (HTTPRequest) -> HTTPReply
  ) throws(EmulatorServer.Failure) {
    let context = Unmanaged.passRetained(
      Context(gzipFrom: gzipFrom, scheme: identity == nil ? "http" : "https", handler: handler))
    var failure: Int32 = 0
    var number: Int32 = 0
    let started = cmhd_start(
      port, 1000, bodyLimit, identity?.certificate, identity?.key, Self.answer, context.toOpaque(), &failure, &number)
    guard let server = started else {
      context.release()
      switch failure {
      case Int32(CMHD_NO_LIBRARY.rawValue): throw .noLibrary(String(cString: cmhd_library_error()))
      case Int32(CMHD_NO_TLS.rawValue): throw .noLibrary("it was built without TLS")
      case Int32(CMHD_NO_LISTENER.rawValue): throw .cannotListen(port: port, reason: String(cString: strerror(number)))
      default: throw .cannotListen(port: port, reason: "out of memory")
      }
    }
    self.port = cmhd_port(server)
    handles = Mutex(Handles(server: UInt(bitPattern: server), context: UInt(bitPattern: context.toOpaque())))
  }

  /// Closes every connection and waits for running handlers. They must not wait for this call.
  func stop() {
    let taken = handles.withLock { handles -> Handles? in
      defer { handles = nil }
      return handles
    }
    guard let taken, let context = UnsafeRawPointer(bitPattern: taken.context) else { return }
    cmhd_stop(OpaquePointer(bitPattern: taken.server))
    Unmanaged<Context>.fromOpaque(context).release()
  }

  deinit { stop() }

  private static let answer: cmhd_handler = { context, exchange in
    guard let context, let exchange else { return }
    let owner = Unmanaged<Context>.fromOpaque(context).takeUnretainedValue()
    let request = read(exchange, scheme: owner.scheme)
    let reply = owner.handler(request)
    let delivery =
      switch reply.delivery {
      case .whole: CMHD_WHOLE
      case .truncated: CMHD_TRUNCATED
      case .reset: CMHD_RESET
      case .killing: CMHD_KILLING
      }
    var body = reply.body
    var encoding = reply.isCompressed ? "gzip" : nil
    if encoding == nil, request.acceptsGzip, body.count >= owner.gzipFrom, let packed = WireGzip.compress(body) {
      body = packed
      encoding = "gzip"
    }
    for (name, value) in reply.headers.sorted(by: { $0.key < $1.key }) { cmhd_add_header(exchange, name, value) }
    let status = body.withUnsafeBufferPointer {
      cmhd_answer(
        exchange, reply.status, reply.contentType, encoding, $0.baseAddress, $0.count, Int32(delivery.rawValue))
    }
    _ = status  // a refusal closes the connection, which is all that can be done here
  }

  private static func read(_ exchange: OpaquePointer, scheme: String) -> HTTPRequest {
    func text(_ pointer: UnsafePointer<CChar>?) -> String? { pointer.map { String(cString: $0) } }
    var arguments: [String: String] = [:]
    for name in argumentNames {
      if let value = text(cmhd_argument(exchange, name)) { arguments[name] = value }
    }
    var metadata: [String: String] = [:]
    for name in metadataNames {
      if let value = text(cmhd_header(exchange, name)) { metadata[name] = value }
    }
    var length = 0
    let bytes = cmhd_body(exchange, &length)
    return HTTPRequest(
      method: text(cmhd_method(exchange)) ?? "", path: collapse(text(cmhd_path(exchange)) ?? "/"),
      authorization: text(cmhd_header(exchange, "Authorization")),
      contentEncoding: text(cmhd_header(exchange, "Content-Encoding")),
      contentType: text(cmhd_header(exchange, "Content-Type"))?.split(separator: ";").first.map {
        $0.lowercased().filter { $0 != " " }
      },
      acceptsGzip: text(cmhd_header(exchange, "Accept-Encoding"))?.contains("gzip") ?? false,
      host: text(cmhd_header(exchange, "Host")), scheme: scheme, userAgent: text(cmhd_header(exchange, "User-Agent")),
      tokenType: text(cmhd_header(exchange, "X-Snowflake-Authorization-Token-Type")),
      generationMatch: text(cmhd_header(exchange, WireStages.condition)),
      chunkSecret: text(cmhd_header(exchange, WireChunks.header)),
      fileMetadata: metadata, arguments: arguments, body: Array(UnsafeBufferPointer(start: bytes, count: length)))
  }

  /// Some drivers send `/monitoring/queries//<id>`, others a slash at the end.
  static func collapse(_ path: String) -> String {
    var out = ""
    for part in path.split(separator: "/", omittingEmptySubsequences: true) { out += "/" + part }
    return out.isEmpty ? "/" : out
  }
}
