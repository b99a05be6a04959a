import CSnowmaker
import SnowmakerModel

/// How a plugin is reached: in this process, or in a child.
protocol PluginTransport: Sendable {
  /// Whether calls must not overlap. The transport sees to it.
  var isSerial: Bool { get }

  /// Makes one call on the calling thread and waits for its end. Throws when there was none.
  func exchange(_ call: RelayCall) throws(PluginError.Reason) -> RelayAnswer
}

/// One question to a plugin.
struct RelayCall {
  /// The number of the method.
  var method: UInt32
  /// The request's document, valid during the call.
  var request: UnsafeRawBufferPointer
  /// Answers what the plugin asks the host during the call: method and request → status and reply. Only APPLY may ask.
  var services: HostServices?
}

/// Answers what a plugin asks the host during APPLY, on the thread that runs the call.
typealias HostServices = (_ method: UInt32, _ request: UnsafeRawBufferPointer) -> (
  status: snowmaker_status, reply: [UInt8]
)

/// How a call ended.
struct RelayAnswer {
  var status: snowmaker_status
  /// What was answered; an empty map when nothing was.
  var document: Result<Value, AnyDocument.Failure> = .success([:])
  /// How many bytes that had.
  var size = 0
  /// What is wrong with the answer, other than its contents.
  var problem: String?
}
