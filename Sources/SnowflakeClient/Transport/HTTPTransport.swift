import Glibc

/// Sends HTTP requests over libcurl: kept-alive connections, one event thread, `async` above it.
///
/// Plain `http` is accepted for loopback addresses only; everything else must be `https`, with the certificate and the
/// host's name checked.
public final class HTTPTransport: Sendable {
  /// The transport that sessions share unless they are given their own.
  public static let shared = HTTPTransport()

  /// What a transport is made with.
  public struct Options: Sendable {
    /// The most connections to one host, idle ones included.
    public var maximumConnections: Int
    /// The largest body that is accepted, in bytes after decompression.
    public var bodyLimit: Int
    /// A file of certificate authorities in PEM form in place of the system's.
    public var caBundle: String?

    /// 64 connections, 512 MiB, and the bundle that `SSL_CERT_FILE` or `CURL_CA_BUNDLE` names, if any.
    public init(maximumConnections: Int = 64, bodyLimit: Int = 512 << 20, caBundle: String? = nil) {
      self.maximumConnections = maximumConnections
      self.bodyLimit = bodyLimit
      self.caBundle = caBundle ?? Options.bundleFromEnvironment()
    }

    private static func bundleFromEnvironment() -> String? {
      for name in ["SSL_CERT_FILE", "CURL_CA_BUNDLE"] {
        if let value = getenv(name), value[0] != 0 { return String(cString: value) }
      }
      return nil
    }
  }

  private let options: Options
  private let loop: CurlEventLoop

  /// A transport with its own connections and thread; the thread starts with the first request.
  public init(options: Options = Options()) {
    self.options = options
    loop = CurlEventLoop(maximumConnections: options.maximumConnections)
  }

  deinit { loop.stop() }

  /// Sends a request and waits for the whole answer, whatever its status. Throws when there is no answer, and
  /// `.cancelled` as soon as the task is cancelled; the request is then removed from the network too.
  public func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
    let target = try URLTarget(request.url)
    guard target.isSecure || target.isLoopback || (request.isForMetadata && target.isLinkLocal) else {
      throw .badAddress(
        "http is accepted for this machine only, and \(target.host) is another one: secrets would be readable on the way"
      )
    }
    let id = loop.reserve()
    let (loop, options) = (loop, options)
    let outcome = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        loop.add(
          CurlTransfer(
            id: id, request: request, target: target, bodyLimit: options.bodyLimit, caBundle: options.caBundle,
            continuation: continuation))
      }
    } onCancel: {
      loop.cancel(id)
    }
    return try outcome.get()
  }
}

/// The parts of an address that the transport decides by.
struct URLTarget: Sendable, Equatable {
  let isSecure: Bool
  let host: String
  let port: Int

  /// Takes an address apart. Throws `.badAddress` when it is not `http(s)://host[:port][/…]`.
  init(_ url: String) throws(TransportError) {
    let rest: Substring
    if url.hasPrefix("https://") {
      isSecure = true
      rest = url.dropFirst(8)
    } else if url.hasPrefix("http://") {
      isSecure = false
      rest = url.dropFirst(7)
    } else {
      throw .badAddress("an address must begin with https://")
    }
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    guard !authority.contains("@"), authority.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x5C }) else {
      throw .badAddress("the address has no usable host name")
    }
    var host = authority
    var port = isSecure ? 443 : 80
    let afterBracket = authority.lastIndex(of: "]") ?? authority.startIndex
    if let colon = authority[afterBracket...].lastIndex(of: ":") {
      host = authority[..<colon]
      guard let number = Int(authority[authority.index(after: colon)...]), (1...65535).contains(number) else {
        throw .badAddress("the port of \(host) is not a number from 1 to 65535")
      }
      port = number
    }
    guard !host.isEmpty else { throw .badAddress("the address has no host name") }
    self.host = host.lowercased()
    self.port = port
  }

  /// Whether the host is an address that no router passes on (169.254.0.0/16): a cloud's metadata service.
  var isLinkLocal: Bool {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "169" && parts[1] == "254" && parts.allSatisfy { UInt8($0) != nil }
  }

  /// Whether the host is this machine's own loopback interface.
  var isLoopback: Bool {
    if host == "localhost" || host == "[::1]" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}
