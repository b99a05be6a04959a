import CSnowmakerEmbed
import Glibc
import SnowmakerModel

// Everything that touches the caller's memory. Texts that come in are copied before anything else; texts that go out are
// allocated with malloc and belong to the caller.

typealias TextResult = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
typealias HandleResult = UnsafeMutablePointer<OpaquePointer?>?

/// Runs a call: its status, and the problem as JSON when there is one.
func perform(_ problem: TextResult, _ body: () throws(CallProblem) -> Void) -> Int32 {
  problem?.pointee = nil
  do throws(CallProblem) {
    try body()
    return Int32(SNOWMAKER_OK.rawValue)
  } catch {
    put(JSON.string(.list(error.diagnostics.map(\.view))), problem)
    return Int32(error.status.rawValue)
  }
}

/// Gives the caller a text. Without effect when the caller does not want it.
func put(_ text: String, _ result: TextResult) {
  guard let result else { return }
  result.pointee = text.withCString { strdup($0) }
}

/// Gives the caller a handle. Throws when there is no place for it.
func requirePlace(_ result: HandleResult, _ name: String) throws(CallProblem) -> UnsafeMutablePointer<OpaquePointer?> {
  guard let result else { throw .invalid("there is no place for the \(name): the pointer is NULL") }
  result.pointee = nil
  return result
}

/// A copy of the caller's text. Throws when it is NULL or no UTF-8.
func requireText(_ text: UnsafePointer<CChar>?, _ name: String) throws(CallProblem) -> String {
  guard let text else { throw .invalid("the \(name) is NULL") }
  guard let copy = String(validatingCString: text) else { throw .invalid("the \(name) is not UTF-8") }
  return copy
}

/// The options of a call. Throws when they are no JSON object.
func readOptions(_ options: UnsafePointer<CChar>?) throws(CallProblem) -> CallOptions {
  guard let options else { return CallOptions([]) }
  let text = try requireText(options, "options")
  let value: Value
  do throws(JSON.Failure) { value = try JSON.decode(Array(text.utf8)) } catch {
    throw .invalid("the options are no JSON: \(error)")
  }
  guard case .object(let fields) = value else { throw .invalid("the options are no JSON object") }
  return CallOptions(fields)
}

/// The caller's function for events, and what it wants back with each.
///
/// `@unchecked Sendable`: the header says that the function is called on a thread of the library, and the caller answers
/// for `user` being fit for that; `Progress` calls it one event at a time.
struct EventTarget: @unchecked Sendable {
  var function: snowmaker_event_function?
  var user: UnsafeMutableRawPointer?

  func send(_ event: Value) {
    guard let function else { return }
    JSON.string(event).withCString { function(user, $0) }
  }
}
