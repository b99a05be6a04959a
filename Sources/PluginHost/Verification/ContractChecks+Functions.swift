import CSnowmaker
import SnowmakerModel

extension ContractChecks {
  /// The manifest and the table of `snowmaker.functions/1` are two lists of the same functions.
  @Sendable static func functionsMatch(_ subject: VerificationSubject) throws(Ending) {
    let plugin = try subject.load()
    let manifest = try plugin.ask(.describe, RawPlugin.describeRequest)
    var described: [String: String] = [:]
    for function in manifest["functions"].list {
      guard let name = function["name"].string else { throw .failed("a function in the manifest has no name") }
      guard described.updateValue(function["signature"].string ?? "", forKey: name) == nil else {
        throw .failed("the manifest has the function '\(name)' twice")
      }
    }
    let table = plugin.peer.pointee.extension.flatMap { get in
      get(plugin.peer.pointee.ctx, SNOWMAKER_FUNCTIONS)?.assumingMemoryBound(to: snowmaker_functions_v1.self).pointee
    }
    if plugin.peer.pointee.extension?(plugin.peer.pointee.ctx, "org.example.no-such-extension/1") != nil {
      throw .failed("it answers an extension that does not exist")
    }
    guard let table else {
      if described.isEmpty { throw .skipped("it has no functions") }
      return  // They are called through FUNCTION.
    }
    var offered: Set<String> = []
    for index in 0..<table.count {
      guard let item = table.items.map({ $0[index] }), let name = item.name, let signature = item.signature else {
        throw .failed("entry \(index) of the function table has no name or signature")
      }
      let text = String(cString: name)
      guard offered.insert(text).inserted else { throw .failed("the function table has '\(text)' twice") }
      guard let expected = described[text] else { throw .failed("'\(text)' is in the table and not in the manifest") }
      guard expected == String(cString: signature) else {
        throw .failed(
          "'\(text)' has signature '\(String(cString: signature))' in the table, '\(expected)' in the manifest")
      }
      guard item.address != nil else { throw .failed("'\(text)' has no address") }
    }
  }
}
