import Glibc
import PluginHost

/// What standard output and standard error are connected to, and writing to them.
enum Terminal {
  /// What plugins print goes to standard error from the first use of this on, so that results stay readable by machines.
  private static let guardOfOutput = StandardOutputGuard()
  private static let output: Int32 = guardOfOutput?.descriptor ?? 1

  /// Keeps standard output for results. Call before plugins are loaded.
  static func keepOutput() { _ = output }

  /// Whether a person reads standard output.
  static let outputIsTerminal = isatty(output) == 1
  /// Whether a person reads standard error.
  static let errorIsTerminal = isatty(2) == 1
  /// Whether a person can be asked.
  static let inputIsTerminal = isatty(0) == 1

  /// Whether to colour: `NO_COLOR` (<https://no-color.org>) and dumb terminals say no.
  static func wantsColour(_ isTerminal: Bool) -> Bool {
    guard isTerminal, getenv("NO_COLOR") == nil else { return false }
    guard let term = getenv("TERM") else { return false }
    return String(cString: term) != "dumb"
  }

  /// Writes what was asked for: results, machine formats.
  static func out(_ text: String) { write(text, to: output) }
  /// Writes everything else: progress, questions, errors.
  static func error(_ text: String) { write(text, to: 2) }

  /// The line a person types after a question; nil at the end of input.
  static func ask(_ question: String) -> String? {
    error(question)
    return readLine(strippingNewline: true)
  }

  private static func write(_ text: String, to descriptor: Int32) {
    var text = text
    text.withUTF8 { bytes in
      var sent = 0
      while sent < bytes.count {
        let count = Glibc.write(descriptor, bytes.baseAddress.map { $0 + sent }, bytes.count - sent)
        if count < 0 {
          if errno == EINTR { continue }
          return  // the reader has gone; there is nobody left to tell
        }
        sent += count
      }
    }
  }
}
