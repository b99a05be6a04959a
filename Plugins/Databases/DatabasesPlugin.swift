import CSnowmaker
import SnowmakerSDK

/// Databases and schemas.
struct DatabasesPlugin: Plugin {
  static let name = "databases"
  static let version = "0.1.0"
  static let doc = "Databases and schemas, with the parameters set on them."
  let types: [any ObjectType] = [Database(), Schema()]
}

/// The host's way in.
@c(snowmaker_databases_entry)
public func entry(_ host: UnsafePointer<snowmaker_peer_v1>?) -> UnsafePointer<snowmaker_peer_v1>? {
  DatabasesPlugin.open(host)
}
