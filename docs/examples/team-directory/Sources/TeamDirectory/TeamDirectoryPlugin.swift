import CSnowmaker
import SnowmakerSDK

/// Teams in a company's directory, which is a service of its own and no part of Snowflake.
///
/// ```yaml
/// providers:
///   team-directory: { port: 8099 }
/// ```
struct TeamDirectoryPlugin: Plugin {
  static let name = "team-directory"
  static let version = "0.1.0"
  static let doc = "Teams in the company's directory."
  static let requires = ["network"]
  let types: [any ObjectType] = [Team()]
}

/// The host's way in. A `-` in the plugin's name is a `_` here.
@c(snowmaker_team_directory_entry)
public func entry(_ host: UnsafePointer<snowmaker_peer_v1>?) -> UnsafePointer<snowmaker_peer_v1>? {
  TeamDirectoryPlugin.open(host)
}
