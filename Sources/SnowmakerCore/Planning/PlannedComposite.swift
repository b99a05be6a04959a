public import SnowmakerModel

/// A declared composite: what stands for other resources and is itself in no account.
public struct PlannedComposite: Hashable, Sendable {
  /// Everything that its plugin makes the resources of; as long as it is the same, only another plugin makes others.
  public var source: Value
  /// The plugin that brings its type.
  public var plugin: String

  /// A composite of the type that `plugin` brings.
  public init(source: Value, plugin: String) {
    self.source = source
    self.plugin = plugin
  }
}
