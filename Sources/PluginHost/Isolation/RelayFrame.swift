/// What host and worker send each other over their socket, in the machine's byte order:
///
/// ```
///  0      4      8          16
///  | kind | code | length   | body: `length` bytes
/// ```
///
/// The host says `hello`; the worker loads the plugin and says `ready` or `refused`. Then the host asks, one question at
/// a time, and the worker answers: any number of `log`, `hostCall` (each answered by a `hostReply`) and `piece`, and one
/// `answer`. Between questions it may send `log`.
struct RelayFrame {
  /// The version of this file and of the documents in `hello`, `ready` and `refused`.
  static let version: Int64 = 1

  /// What a frame is. The numbers are unlikely bytes, so that what else a plugin writes to the socket is found out.
  enum Kind: UInt32 {
    /// To the worker: what to load and how.
    case hello = 0x534e_5701
    /// To the worker: a call of the method `code`; the body is the request.
    case call
    /// To the worker: the answer to its `hostCall`; `code` is the status.
    case hostReply

    /// To the host: the plugin is loaded; the body says what it can do.
    case ready = 0x534e_5781
    /// To the host: the plugin is not loaded; the body says why. The worker ends.
    case refused
    /// To the host: the call has ended; `code` is the status, the body the answer, unless a `piece` had it.
    case answer
    /// To the host: the call has ended, but the plugin's answer was no good; `code` is an `AnswerProblem`.
    case badAnswer
    /// To the host: an answer that is too large to be copied; `answer` follows.
    case piece
    /// To the host: a line for the log.
    case log
    /// To the host: the plugin asks the host the method `code` during a call.
    case hostCall
  }

  var kind: Kind
  var code: Int32
  var length: Int

  static let headerSize = 16

  init(_ kind: Kind, code: Int32 = 0, length: Int) {
    self.kind = kind
    self.code = code
    self.length = length
  }

  /// Reads a header of `headerSize` bytes; nil when it is none.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= Self.headerSize,
      let kind = Kind(rawValue: bytes.loadUnaligned(fromByteOffset: 0, as: UInt32.self))
    else { return nil }
    let length = bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
    guard length <= UInt64(Int.max) else { return nil }
    self.kind = kind
    code = bytes.loadUnaligned(fromByteOffset: 4, as: Int32.self)
    self.length = Int(length)
  }

  /// Writes the header to the first `headerSize` bytes.
  func write(to bytes: UnsafeMutableRawBufferPointer) {
    bytes.storeBytes(of: kind.rawValue, toByteOffset: 0, as: UInt32.self)
    bytes.storeBytes(of: code, toByteOffset: 4, as: Int32.self)
    bytes.storeBytes(of: UInt64(length), toByteOffset: 8, as: UInt64.self)
  }
}

/// What is wrong with what a plugin emitted, other than its contents.
enum AnswerProblem: Int32, Hashable, Sendable {
  case twice, noAddress, tooLarge

  /// The problem in words.
  func description(largest: Int) -> String {
    switch self {
    case .twice: "two answers to one request"
    case .noAddress: "bytes at no address"
    case .tooLarge: "it is larger than the \(largest >> 20) MiB it may have"
    }
  }
}
