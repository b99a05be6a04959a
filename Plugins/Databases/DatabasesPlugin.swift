import CSnowmaker
import SnowmakerSDK

/// Databases, schemas and tags.
struct DatabasesPlugin: Plugin {
  static let name = "databases"
  static let version = "0.1.0"
  static let doc = "Databases and schemas, with the parameters set on them, and tags."
  let types: [any ObjectType] = [Database(), Schema(), Tag()]
}

/// The host's way in.
@c(snowmaker_databases_entry)
public func entry(_ host: UnsafePointer<snowmaker_peer_v1>?) -> UnsafePointer<snowmaker_peer_v1>? {
  DatabasesPlugin.open(host)
}
