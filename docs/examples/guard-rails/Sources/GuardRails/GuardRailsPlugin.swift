import CSnowmaker
import SnowmakerSDK

/// A company's rules. It brings no type: it looks at whole plans, and an error of it stops them.
///
/// ```yaml
/// providers:
///   guard-rails:
///     credits_per_hour: 16
///     names: { warehouse: WH_, database: DB_ }
/// ```
struct GuardRailsPlugin: Plugin {
  static let name = "guard-rails"
  static let version = "0.1.0"
  static let doc = "Rules of cost and naming over whole plans."
  let types: [any ObjectType] = []

  var check: (@Sendable (CheckRequest) -> [Diagnostic])? {
    { request in
      let settings = request.context.configuration
      return CostRule(limit: settings["credits_per_hour"].int).check(request)
        + NamingRule(prefixes: settings["names"]).check(request)
    }
  }
}

/// The host's way in. A `-` in the plugin's name is a `_` here.
@c(snowmaker_guard_rails_entry)
public func entry(_ host: UnsafePointer<snowmaker_peer_v1>?) -> UnsafePointer<snowmaker_peer_v1>? {
  GuardRailsPlugin.open(host)
}
