import CSnowmaker
import SnowmakerModel

/// A plugin's table of typed functions, read once; it and DESCRIBE must say the same.
struct FunctionTable {
  /// By name.
  let functions: [String: TypedFunction]

  static let none = FunctionTable(functions: [:])
  /// More are taken for a count that was never set.
  static let most = 4096

  private init(functions: [String: TypedFunction]) { self.functions = functions }

  /// The functions of the extension, none when the plugin does not have it. Throws what contradicts the manifest.
  init(
    of peer: UnsafePointer<snowmaker_peer_v1>, _ manifest: Manifest, label: CrashLabel, serial: Lock?
  ) throws(PluginRefusal.Reason) {
    guard let ask = peer.pointee.extension else {
      self = .none
      return
    }
    let answer = label.during("its extension function") { ask(peer.pointee.ctx, SNOWMAKER_FUNCTIONS) }
    guard let answer else {
      self = .none
      return
    }
    let table = answer.assumingMemoryBound(to: snowmaker_functions_v1.self).pointee
    guard table.count <= Self.most, table.count == 0 || table.items != nil else {
      throw .inconsistent("its function table has \(table.count) entries\(table.items == nil ? " at no address" : "")")
    }
    var functions: [String: TypedFunction] = [:]
    for index in 0..<table.count {
      let item = table.items[index]
      guard let name = item.name.flatMap({ String(validatingCString: $0) }),
        let letters = item.signature.flatMap({ String(validatingCString: $0) }), let address = item.address
      else { throw .inconsistent("entry \(index) of its function table lacks its name, signature or address") }
      guard let schema = manifest.functions.first(where: { $0.name == name }) else {
        throw .inconsistent("its function table has '\(name)', which its answer to DESCRIBE has not")
      }
      guard schema.signature.description == letters else {
        throw .inconsistent(
          "the function '\(name)' has the signature '\(schema.signature)' in its answer to DESCRIBE and '\(letters)' in "
            + "its function table")
      }
      guard functions[name] == nil else { throw .inconsistent("its function table has '\(name)' twice") }
      guard let function = TypedFunction(schema, address, label: label, serial: serial) else {
        throw .inconsistent("libffi cannot call the function '\(name)' with the signature '\(letters)'")
      }
      functions[name] = function
    }
    self.init(functions: functions)
  }

  /// Answers FUNCTION for a plugin that offers the function here: for a host that is in another process.
  ///
  /// Nil when the table has no such function.
  func answer(_ request: Value) -> Result<Value, FunctionCallError>? {
    guard let name = request["name"].string, let function = functions[name] else { return nil }
    do throws(FunctionCallError) {
      let arguments = try FunctionArguments.checked(request["arguments"].list, for: function.schema)
      return .success(["result": try function.call(arguments)])
    } catch {
      return .failure(error)
    }
  }
}
