import CSnowmaker
import SnowmakerSDK

/// What a team gets: one word in configuration, many objects in the account.
struct TeamWorkspacesPlugin: Plugin {
  static let name = "team-workspace"
  static let version = "0.1.0"
  static let doc = "Workspaces of teams: a database, roles, grants and a warehouse each."
  let types: [any ObjectType] = [TeamWorkspace()]
}

/// The host's way in. A `-` in the plugin's name is a `_` here.
@c(snowmaker_team_workspace_entry)
public func entry(_ host: UnsafePointer<snowmaker_peer_v1>?) -> UnsafePointer<snowmaker_peer_v1>? {
  TeamWorkspacesPlugin.open(host)
}
