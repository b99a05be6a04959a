import SnowflakeClient
import Testing

@testable import Execution

@Suite struct LaneRunnerTests {
  @Test func theAccountsRefusalsKeepTheirCode() {
    let failure = SQLFailure(code: "003001", sqlState: "42501", message: "Insufficient privileges", queryID: "q")
    for isWrite in [true, false] {
      let error = StatementError(ClientError.sql(failure), isWrite: isWrite)
      #expect(
        error
          == StatementError(
            .failed, code: "003001", message: "Insufficient privileges", sqlState: "42501", queryID: "q"))
    }
  }

  @Test func aWriteThatMayHaveRunIsUnanswered() {
    let lost = ClientError.unanswered(cause: .badAnswer("cut", operation: "x"), requestID: "r")
    #expect(StatementError(lost, isWrite: true).kind == .unanswered)
    #expect(StatementError(ClientError.cancelled, isWrite: true).kind == .unanswered)
    #expect(StatementError(lost, isWrite: false).kind == .notSent)
    #expect(StatementError(ClientError.cancelled, isWrite: false).kind == .cancelled)
  }

  @Test func aFailureToConnectIsNotSent() {
    let refused = ClientError.loginFailed(
      LoginFailure(code: "390100", message: "Incorrect username or password", user: "u", host: "h", hint: nil))
    let error = StatementError(refused, isWrite: true)
    #expect(error.kind == .notSent)
    #expect(error.message.contains("Incorrect username or password"))
  }
}
