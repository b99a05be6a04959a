/// The router beneath the sockets, in this process: what the fuzzers feed.
package final class WireProbe: Sendable {
  /// One request.
  package struct Request: Sendable {
    /// The method.
    package var method: String
    /// The path, percent-decoded, without arguments.
    package var path: String
    /// Arguments by name; those the emulator does not know are not looked at.
    package var arguments: [String: String] = [:]
    /// Headers that the emulator looks at.
    package var authorization, contentEncoding, host, userAgent, tokenType, generationMatch, chunkSecret: String?
    /// The body as it is sent.
    package var body: [UInt8]

    /// A request without headers.
    package init(_ method: String, _ path: String, body: [UInt8] = []) {
      self.method = method
      self.path = path
      self.body = body
    }
  }

  /// One answer.
  package struct Reply: Sendable {
    /// The HTTP status.
    package var status: UInt32
    /// The content type.
    package var contentType: String
    /// Headers beside it.
    package var headers: [String: String]
    /// The body; compressed when the emulator did so by itself.
    package var body: [UInt8]
    /// Whether the body is compressed.
    package var isCompressed: Bool
  }

  private let service: WireService
  private let control: ControlEndpoint

  /// A router in front of an engine.
  package init(engine: any StatementEngine, options: EmulatorServer.Options = .init()) {
    service = WireService(engine: engine, options: options, log: EmulatorLog(capacity: 16))
    control = ControlEndpoint(service: service)
  }

  /// Opens a session for a login of the engine and gives its tokens.
  package func open(_ session: EngineSession) -> (session: String, master: String) {
    let tokens = service.sessions.open(session).tokens
    return (tokens.session, tokens.master)
  }

  /// Answers a request as the HTTP port would.
  package func answer(_ request: Request) -> Reply { Self.reply(service.answer(Self.plain(request))) }

  /// Answers a request as the control port would.
  package func answerControl(_ request: Request) -> Reply { Self.reply(control.answer(Self.plain(request))) }

  /// The bytes in gzip.
  package static func compress(_ bytes: [UInt8]) -> [UInt8] { WireGzip.compress(bytes) ?? bytes }

  /// Cancels what waits and ends every session.
  package func stop() {
    service.beginStop()
    service.endStop()
  }

  private static func plain(_ request: Request) -> HTTPRequest {
    HTTPRequest(
      method: request.method, path: HTTPListener.collapse(request.path), authorization: request.authorization,
      contentEncoding: request.contentEncoding, acceptsGzip: false, host: request.host, userAgent: request.userAgent,
      tokenType: request.tokenType, generationMatch: request.generationMatch, chunkSecret: request.chunkSecret,
      arguments: request.arguments.filter { HTTPListener.argumentNames.contains($0.key) }, body: request.body)
  }

  private static func reply(_ reply: HTTPReply) -> Reply {
    Reply(
      status: reply.status, contentType: reply.contentType, headers: reply.headers, body: reply.body,
      isCompressed: reply.isCompressed)
  }
}
