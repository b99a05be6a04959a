extension AccountConnection.Options {
  /// Connects as a workspace says: its target's connection and role for reading, its state folder, and its types for the
  /// embedded emulator. A connection's name that is given counts before the target's.
  public init(for workspace: Workspace, name: String? = nil, lanes: Int = 8) {
    let configuration = workspace.configuration
    self.init(
      name: name ?? configuration.target.connection, stateFolder: configuration.project.stateFolder,
      types: workspace.registry.types, lanes: lanes,
      queryTag: AccountConnection.queryTag(of: workspace),
      readRole: configuration.target.readRole)
  }
}

extension AccountConnection {
  /// What the QUERY_TAG of a workspace's statements begins with; those of a run have its id after a colon.
  static func queryTag(of workspace: Workspace) -> String {
    "snowmaker/\(SnowmakerVersion.text):\(workspace.configuration.project.name)"
  }
}
