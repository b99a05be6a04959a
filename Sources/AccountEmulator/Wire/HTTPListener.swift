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
  var acceptsGzip: Bool
  var host: String?
  var chunkSecret: String?
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
  }

  var status: UInt32 = 200
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
    let handler: @Sendable (HTTPRequest) -> HTTPReply

    init(gzipFrom: Int, handler: @escaping @Sendable (HTTPRequest) -> HTTPReply) {
      self.gzipFrom = gzipFrom
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
  ]

  /// Starts to listen on 127.0.0.1 (`port` 0: a free one).
  init(
    port: UInt16, bodyLimit: Int, gzipFrom: Int, handler: @escaping @Sendable (HTTPRequest) -> HTTPReply
  ) throws(EmulatorServer.Failure) {
    let context = Unmanaged.passRetained(Context(gzipFrom: gzipFrom, handler: handler))
    var failure: Int32 = 0
    var number: Int32 = 0
    guard let server = cmhd_start(port, 1000, bodyLimit, Self.answer, context.toOpaque(), &failure, &number) else {
      context.release()
      switch failure {
      case Int32(CMHD_NO_LIBRARY.rawValue): throw .noLibrary(String(cString: cmhd_library_error()))
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
    let request = read(exchange)
    let reply = owner.handler(request)
    let delivery =
      switch reply.delivery {
      case .whole: CMHD_WHOLE
      case .truncated: CMHD_TRUNCATED
      case .reset: CMHD_RESET
      }
    var body = reply.body
    var encoding = reply.isCompressed ? "gzip" : nil
    if encoding == nil, request.acceptsGzip, body.count >= owner.gzipFrom, let packed = WireGzip.compress(body) {
      body = packed
      encoding = "gzip"
    }
    let status = body.withUnsafeBufferPointer {
      cmhd_answer(
        exchange, reply.status, "application/json", encoding, $0.baseAddress, $0.count, Int32(delivery.rawValue))
    }
    _ = status  // a refusal closes the connection, which is all that can be done here
  }

  private static func read(_ exchange: OpaquePointer) -> HTTPRequest {
    func text(_ pointer: UnsafePointer<CChar>?) -> String? { pointer.map { String(cString: $0) } }
    var arguments: [String: String] = [:]
    for name in argumentNames {
      if let value = text(cmhd_argument(exchange, name)) { arguments[name] = value }
    }
    var length = 0
    let bytes = cmhd_body(exchange, &length)
    return HTTPRequest(
      method: text(cmhd_method(exchange)) ?? "", path: collapse(text(cmhd_path(exchange)) ?? "/"),
      authorization: text(cmhd_header(exchange, "Authorization")),
      contentEncoding: text(cmhd_header(exchange, "Content-Encoding")),
      acceptsGzip: text(cmhd_header(exchange, "Accept-Encoding"))?.contains("gzip") ?? false,
      host: text(cmhd_header(exchange, "Host")), chunkSecret: text(cmhd_header(exchange, WireChunks.header)),
      arguments: arguments, body: Array(UnsafeBufferPointer(start: bytes, count: length)))
  }

  /// Some drivers send `/monitoring/queries//<id>`, others a slash at the end.
  private static func collapse(_ path: String) -> String {
    var out = ""
    for part in path.split(separator: "/", omittingEmptySubsequences: true) { out += "/" + part }
    return out.isEmpty ? "/" : out
  }
}

/// gzip of whole bodies.
enum WireGzip {
  /// Why a body cannot be expanded.
  enum Failure: Error, Equatable {
    case damaged
    case tooLarge
    case unavailable
  }

  /// The gzip form, nil when it cannot be made (the body is then sent as it is).
  static func compress(_ bytes: [UInt8]) -> [UInt8]? {
    var out: UnsafeMutablePointer<UInt8>?
    var length = 0
    let status = bytes.withUnsafeBufferPointer { cmhd_gzip($0.baseAddress, $0.count, 1, &out, &length) }
    guard status == Int32(CMHD_GZIP_OK.rawValue), let out else { return nil }
    defer { free(out) }
    return Array(UnsafeBufferPointer(start: out, count: length))
  }

  /// The expanded form, at most `limit` bytes.
  static func expand(_ bytes: [UInt8], limit: Int) throws(Failure) -> [UInt8] {
    var out: UnsafeMutablePointer<UInt8>?
    var length = 0
    let status = bytes.withUnsafeBufferPointer { cmhd_gunzip($0.baseAddress, $0.count, limit, &out, &length) }
    switch status {
    case Int32(CMHD_GZIP_OK.rawValue): break
    case Int32(CMHD_GZIP_BAD_DATA.rawValue): throw .damaged
    case Int32(CMHD_GZIP_TOO_LARGE.rawValue): throw .tooLarge
    default: throw .unavailable
    }
    defer { free(out) }
    return Array(UnsafeBufferPointer(start: out, count: length))
  }
}
