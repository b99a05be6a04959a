extension AccountConnection.Options {
  /// Connects as a workspace says: its target's connection and role for reading, its state folder, and its types for the
  /// embedded emulator. A connection's name that is given counts before the target's.
  public init(for workspace: Workspace, name: String? = nil, lanes: Int = 8) {
    let configuration = workspace.configuration
    self.init(
      name: name ?? configuration.target.connection, stateFolder: configuration.project.stateFolder,
      types: workspace.registry.types, lanes: lanes,
      queryTag: "snowmaker/\(SnowmakerVersion.text):\(configuration.project.name)",
      readRole: configuration.target.readRole)
  }
}
