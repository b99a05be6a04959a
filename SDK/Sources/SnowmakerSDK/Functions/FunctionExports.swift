import CSnowmaker
import SnowmakerModel

/// A plugin's functions as the host gets them: the table of typed ones, and the closures that answer FUNCTION.
///
/// Unchecked: the table lives until the process ends and never changes after `init`.
final class FunctionExports: @unchecked Sendable {
  let table: UnsafePointer<snowmaker_functions_v1>?
  private let closures: [String: @Sendable ([Value]) throws(FunctionFailure) -> Value]

  init(_ functions: [Function]) {
    var closures: [String: @Sendable ([Value]) throws(FunctionFailure) -> Value] = [:]
    var items: [snowmaker_function_v1] = []
    for function in functions {
      switch function.implementation {
      case .closure(let closure): closures[function.schema.name] = closure
      case .address(let address):
        items.append(
          snowmaker_function_v1(
            name: Self.permanent(function.schema.name), signature: Self.permanent("\(function.schema.signature)"),
            address: address))
      case .broken: break
      }
    }
    self.closures = closures
    guard !items.isEmpty else {
      table = nil
      return
    }
    let room = UnsafeMutableBufferPointer<snowmaker_function_v1>.allocate(capacity: items.count)
    _ = room.initialize(fromContentsOf: items)
    let table = UnsafeMutablePointer<snowmaker_functions_v1>.allocate(capacity: 1)
    table.initialize(to: snowmaker_functions_v1(count: items.count, items: room.baseAddress))
    self.table = UnsafePointer(table)
  }

  /// Answers FUNCTION: `{name, arguments}` → `{result}`.
  func answer(_ request: Value) throws(PluginFailure) -> Value {
    guard let closure = closures[request["name"].string ?? ""] else { throw .unsupported }
    do throws(FunctionFailure) { return ["result": try closure(request["arguments"].list)] } catch {
      throw .failed(error.diagnostic)
    }
  }

  /// A copy that lives until the process ends.
  private static func permanent(_ text: String) -> UnsafePointer<CChar>? {
    let bytes = UnsafeMutableBufferPointer<CChar>.allocate(capacity: text.utf8.count + 1)
    _ = bytes.initialize(fromContentsOf: text.utf8CString)
    return UnsafePointer(bytes.baseAddress)
  }
}
