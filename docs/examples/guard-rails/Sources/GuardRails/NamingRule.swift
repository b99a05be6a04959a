import SnowmakerSDK

/// Names of what is created begin as the company says. What is there already may keep its name.
struct NamingRule {
  /// By type, what its names begin with.
  var prefixes: Value

  func check(_ request: CheckRequest) -> [Diagnostic] {
    request.changes.compactMap { change in
      guard change.change.action == .create, let prefix = prefixes[change.address.type].string?.uppercased(),
        let name = change.address.identity.last, !name.hasPrefix(prefix)
      else { return nil }
      return .error(
        "\(change.address): names of type \(change.address.type) begin with \(prefix)",
        detail: "Call it \(prefix)\(name).", path: ["name"], code: "naming", address: change.address)
    }
  }
}
