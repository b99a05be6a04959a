import Glibc

/// Keeps plugins from writing into the program's output: while it is there, what anything in the process prints to
/// standard output goes to standard error, and the program writes its own output to `descriptor`.
public final class StandardOutputGuard: Sendable {
  /// Where standard output led before. Closed when the guard goes.
  public let descriptor: Int32

  /// Redirects standard output. Nil when there is none, or the system has no descriptor left.
  public init?() {
    fflush(nil)
    descriptor = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
    guard descriptor >= 0 else { return nil }
    guard dup2(STDERR_FILENO, STDOUT_FILENO) >= 0 else {
      close(descriptor)
      return nil
    }
  }

  /// Standard output leads where it did before.
  deinit {
    fflush(nil)
    dup2(descriptor, STDOUT_FILENO)
    close(descriptor)
  }

  /// Runs `body` with standard output redirected.
  public static func redirected<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let output = StandardOutputGuard()
    defer { withExtendedLifetime(output) {} }
    return try body()
  }
}
