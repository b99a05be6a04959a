import Glibc

/// The service that a cloud answers its machines with.
struct Metadata: Sendable {
  let context: LoginContext
  let provider: WorkloadIdentityAuthenticator.Provider

  static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The body of an answer. Throws when there is none soon: outside the cloud nobody answers.
  func ask(
    _ address: String, _ headers: [(String, String)], method: HTTPRequest.Method = .get
  ) async throws(ClientError) -> [UInt8] {
    let operation = "asking the metadata service of \(provider.rawValue) who this workload is"
    var request = HTTPRequest(method: method, url: address, headers: headers, compressesBody: false)
    request.timeouts = HTTPTimeouts(connect: .seconds(3), idle: .seconds(5), total: .seconds(10))
    request.isForMetadata = true
    let policy = RetryPolicy(
      deadline: .seconds(10), connectDeadline: .zero, attempts: 3, firstPause: context.options.loginRetry.firstPause)
    let built = request
    let response: HTTPResponse
    do throws(ExchangeFailure) {
      response = try await context.transport.exchange(operation, policy: policy) { _ in built }.response
    } catch {
      throw error.error
    }
    guard response.status == 200 else { throw missing("its service answered with HTTP status \(response.status)") }
    return response.body
  }

  /// The body as an object. Throws when it is none.
  func object(_ body: [UInt8]) throws(ClientError) -> JSONValue {
    var body = body
    return try readEnvelope(&body, operation: "asking the metadata service of \(provider.rawValue)")
  }

  /// The text of a file that the cloud gives a workload, such as a token, without the space around it. Throws when it
  /// cannot be read or is empty; `name` says what leads to it.
  func text(ofFile path: String, namedBy name: String) throws(ClientError) -> String {
    do throws(ConnectionProblem) {
      let text = trimmingSpace(String(decoding: try FileSystem.read(path), as: UTF8.self)[...])
      guard !text.isEmpty else { throw ConnectionProblem("the file that \(name) names is empty", file: path) }
      return String(text)
    } catch { throw .connection(error) }
  }

  /// What keeps the cloud from saying who this is.
  func missing(
    _ reason: String, hint: String = "check that this runs in that cloud, with an identity that Snowflake knows"
  ) -> ClientError {
    .connection(ConnectionProblem("no workload identity of \(provider.rawValue): \(reason)", hint: hint))
  }
}
