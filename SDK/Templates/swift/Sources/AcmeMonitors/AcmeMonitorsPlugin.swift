import CSnowmaker
import SnowmakerSDK

/// Resource monitors.
struct AcmeMonitorsPlugin: Plugin {
  static let name = "acme-monitors"
  static let version = "0.1.0"
  static let doc = "Resource monitors: limits on credits."
  let types: [any ObjectType] = [ResourceMonitor()]
}

/// The host's way in. A `-` in the plugin's name is a `_` here.
@c(snowmaker_acme_monitors_entry)
public func entry(_ host: UnsafePointer<snowmaker_peer_v1>?) -> UnsafePointer<snowmaker_peer_v1>? {
  AcmeMonitorsPlugin.open(host)
}
