extension ClientError: CustomStringConvertible {
  /// What happened, where, and what to do.
  public var description: String {
    switch self {
    case .connection(let problem): problem.description
    case .transport(let error, let operation): "\(operation): \(error.description)"
    case .http(let status, let operation, let host, let hint):
      withHint("\(operation): \(host) answered with HTTP status \(status)", hint)
    case .loginFailed(let failure): failure.description
    case .sql(let failure): failure.description
    case .badAnswer(let reason, let operation): "\(operation): \(reason)"
    case .unsupportedResult(let format, let queryID):
      "the statement has run, but its result\(queryID.map { " (query \($0))" } ?? "") came as \(format), which this "
        + "client does not read: the account ignored the request for JSON results"
    case .cancelled: "cancelled"
    case .unanswered(let cause, let requestID):
      "\(cause.description); the statement was sent (request \(requestID)) and may have run: "
        + "look at the account before sending it again"
    }
  }
}

extension TransportError: CustomStringConvertible {
  /// What happened and what to do.
  public var description: String {
    switch self {
    case .unavailable(let reason): reason
    case .badAddress(let reason): "the address cannot be used: \(reason)"
    case .unresolved(let host):
      "the name \(host) has no address: check the account's name, the network and the proxy settings"
    case .refused(let host, let port, let detail): "no connection to \(host):\(port): \(detail)"
    case .tls(let host, let detail):
      "no secure connection to \(host): \(detail); behind a proxy with its own certificate set SSL_CERT_FILE to its "
        + "bundle"
    case .proxy(let detail): "the proxy failed: \(detail); see HTTPS_PROXY and NO_PROXY"
    case .timeout(let phase, let host, let after):
      "time ran out with \(host) after \(roundedSeconds(after)) s (\(phase.rawValue))"
    case .connectionLost(let host, let received, let detail):
      received == 0
        ? "\(host) closed the connection without an answer (\(detail))"
        : "\(host) closed the connection in the middle of its answer, after \(counted(received, "byte")) (\(detail))"
    case .tooLarge(let limit): "the answer is larger than \(limit >> 20) MiB"
    case .cancelled: "cancelled"
    case .other(let code, let detail): "\(detail) (libcurl error \(code))"
    }
  }
}

extension LoginFailure: CustomStringConvertible {
  /// What the account said and what to do.
  public var description: String {
    withHint("login of \(user) at \(host) failed: \(message)\(code.map { " (\($0))" } ?? "")", hint)
  }
}

extension SQLFailure: CustomStringConvertible {
  /// What the account said, with its code and the query's id.
  public var description: String {
    var details = [code]
    if let sqlState { details.append("SQL state \(sqlState)") }
    if let line, line >= 0 { details.append("line \(line)\(position.map { " position \($0)" } ?? "")") }
    if let queryID { details.append("query \(queryID)") }
    return "\(message) (\(details.joined(separator: ", ")))"
  }
}

extension ConnectionProblem: CustomStringConvertible {
  /// Where, what, and what to do.
  public var description: String {
    var place = file.map { "\($0): " } ?? ""
    if let file, let line { place = "\(file):\(line): " }
    return withHint(place + message, hint)
  }
}

private func withHint(_ text: String, _ hint: String?) -> String { hint.map { "\(text); \($0)" } ?? text }

private func roundedSeconds(_ duration: Duration) -> String {
  let tenths = Int((duration.inSeconds * 10).rounded())
  return "\(tenths / 10).\(tenths % 10)"
}
