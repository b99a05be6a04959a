import Glibc

/// How often and how long a request is sent again when the network or the server fails.
public struct RetryPolicy: Sendable, Equatable {
  /// The time for all attempts together, pauses included.
  public var deadline: Duration
  /// The time for attempts that never reached a server (no such name, refused).
  public var connectDeadline: Duration
  /// How often a request is sent at most, the first time included.
  public var attempts: Int
  /// The longest first pause; each further one may be twice as long.
  public var firstPause: Duration
  /// The longest pause.
  public var longestPause: Duration

  /// Limits for a policy.
  public init(
    deadline: Duration = .seconds(300), connectDeadline: Duration = .seconds(8), attempts: Int = 8,
    firstPause: Duration = .seconds(1), longestPause: Duration = .seconds(16)
  ) {
    self.deadline = deadline
    self.connectDeadline = connectDeadline
    self.attempts = attempts
    self.firstPause = firstPause
    self.longestPause = longestPause
  }

  /// Whether an HTTP status says "later".
  static func isTransient(_ status: Int) -> Bool { status == 408 || status == 429 || (500...599).contains(status) }

  /// A pause before attempt `number` (1 is the first repetition): any length up to a limit that doubles, so that many
  /// clients do not come back at once.
  /// On this machine there is no one else to make room for, and the pauses are short.
  func pause(before number: Int, isLoopback: Bool) -> Duration {
    let longest = isLoopback ? min(longestPause, .milliseconds(250)) : longestPause
    let limit = min(longest, firstPause * (1 << min(number - 1, 20)))
    return limit * Double.random(in: 0...1)
  }
}

/// One attempt of a request that may be repeated.
struct Attempt: Sendable {
  /// 0 for the first.
  let number: Int
  /// The HTTP status of the attempt before, 0 when it got none.
  let lastStatus: Int
  /// When the first attempt was made, in milliseconds since 1970.
  let startedAt: Int
}

/// An answer, and what it took.
struct Exchange: Sendable {
  let response: HTTPResponse
  let attempts: Int
  /// Whether an attempt before this one may have reached the server without an answer coming back.
  let wasAmbiguous: Bool
}

/// No answer, and what was tried.
struct ExchangeFailure: Error, Sendable {
  let error: ClientError
  let attempts: Int
  /// Whether an attempt may have reached the server.
  let wasAmbiguous: Bool
}

extension HTTPTransport {
  /// Sends a request until it is answered with a status other than "later", the policy's time is over, the failure is
  /// one that time does not cure, or the task is cancelled. `build` makes each attempt's request.
  func exchange(
    _ operation: String, policy: RetryPolicy, onThrottle: (@Sendable () -> Void)? = nil,
    build: @Sendable (Attempt) throws(ClientError) -> HTTPRequest
  ) async throws(ExchangeFailure) -> Exchange {
    let clock = ContinuousClock()
    let start = clock.now
    let startedAt = wallClockMilliseconds()
    var number = 0
    var lastStatus = 0
    var wasAmbiguous = false
    while true {
      let request: HTTPRequest
      do throws(ClientError) {
        request = try build(Attempt(number: number, lastStatus: lastStatus, startedAt: startedAt))
      } catch {
        throw ExchangeFailure(error: error, attempts: number, wasAmbiguous: wasAmbiguous)
      }
      let target = try? URLTarget(request.url)
      let isLoopback = target?.isLoopback ?? false
      let failure: ClientError
      var limit = policy.deadline
      var least = Duration.zero
      var isLoss = false
      do throws(TransportError) {
        let response = try await send(request)
        if !RetryPolicy.isTransient(response.status) {
          return Exchange(response: response, attempts: number + 1, wasAmbiguous: wasAmbiguous)
        }
        lastStatus = response.status
        if response.status == 429 { onThrottle?() } else { wasAmbiguous = true }
        failure = .http(
          status: response.status, operation: operation, host: target?.host ?? "", hint: httpHint(response.status))
        least = response.header("retry-after").flatMap(retryAfter) ?? .zero
      } catch {
        lastStatus = 0
        if case .connectionLost = error { isLoss = true }
        if error.requestMayHaveArrived { wasAmbiguous = true }
        failure = error == .cancelled ? .cancelled : .transport(error, operation: operation)
        if !error.isTransient {
          throw ExchangeFailure(error: failure, attempts: number + 1, wasAmbiguous: wasAmbiguous)
        }
        limit = Self.limit(for: error, policy, isLoopback: isLoopback)
      }
      number += 1
      // A kept connection that turns out to be closed is everyday business, a new one is at hand.
      let isFirstLoss = number == 1 && isLoss
      let pause = max(
        least,
        isFirstLoss ? .milliseconds(Int.random(in: 0...50)) : policy.pause(before: number, isLoopback: isLoopback))
      if number >= policy.attempts || start.duration(to: clock.now) + pause > limit {
        throw ExchangeFailure(error: failure, attempts: number, wasAmbiguous: wasAmbiguous)
      }
      do {
        try await clock.sleep(for: pause)
      } catch {
        throw ExchangeFailure(error: .cancelled, attempts: number, wasAmbiguous: wasAmbiguous)
      }
    }
  }

  private static func limit(for error: TransportError, _ policy: RetryPolicy, isLoopback: Bool) -> Duration {
    switch error {
    case .unresolved, .proxy: min(policy.connectDeadline, policy.deadline)
    // On this machine nobody is about to start listening.
    case .refused: isLoopback ? .zero : min(policy.connectDeadline, policy.deadline)
    default: policy.deadline
    }
  }
}

/// What to do about an HTTP status that is no answer.
func httpHint(_ status: Int) -> String? {
  switch status {
  case 403, 404: "check the account's name and that this address may connect"
  case 407: "the proxy wants a login: put it into HTTPS_PROXY"
  case 429: "too many requests: try again later"
  case 500...599: "Snowflake or something on the way to it is in trouble: see status.snowflake.com"
  default: nil
  }
}

/// What a Retry-After field says: seconds or a date such as `Sun, 06 Nov 1994 08:49:37 GMT`.
func retryAfter(_ text: String) -> Duration? {
  if let seconds = Int(text) { return .seconds(min(max(0, seconds), 3600)) }
  return httpDate(text).map { .seconds(min(max(0, $0 - time(nil)), 3600)) }
}

/// Seconds since 1970 of a date such as `Sun, 06 Nov 1994 08:49:37 GMT`; nil when it is none.
func httpDate(_ text: String) -> Int? {
  let words = text.split { $0 == " " || $0 == "," || $0 == ":" }
  let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
  guard words.count == 8, words[7] == "GMT", let month = months.firstIndex(of: String(words[2])) else { return nil }
  let numbers = [1, 3, 4, 5, 6].compactMap { Int32(words[$0]) }
  guard numbers.count == 5, (1970...9999).contains(numbers[1]) else { return nil }
  var parts = tm()
  parts.tm_mday = numbers[0]
  parts.tm_mon = Int32(month)
  parts.tm_year = numbers[1] - 1900
  parts.tm_hour = numbers[2]
  parts.tm_min = numbers[3]
  parts.tm_sec = numbers[4]
  return timegm(&parts)
}

/// Milliseconds since 1970.
func wallClockMilliseconds() -> Int {
  var now = timespec()
  clock_gettime(CLOCK_REALTIME, &now)
  return now.tv_sec * 1000 + now.tv_nsec / 1_000_000
}
