/// What a plugin is and brings: its answer to DESCRIBE.
public struct Manifest: Hashable, Sendable {
  /// The version of the documents this file describes, `major.minor`.
  public static let protocolVersion = "1.0"

  /// The plugin's name, equal to the one in its file name.
  public var name: String
  /// The plugin's own version, `major.minor.patch`.
  public var version: String
  /// The protocol it was built for.
  public var protocolVersion: String
  /// What it was built with, e.g. `swift 0.1.0`; may be empty.
  public var sdk: String
  /// What the plugin is for, in a sentence or a paragraph; may be empty.
  public var doc: String
  /// The types of resources that it brings.
  public var types: [TypeSchema]
  /// The functions that it offers to configuration.
  public var functions: [FunctionSchema]
  /// Whether it answers CHECK.
  public var checks: Bool
  /// What it must be allowed to do beyond answering: `network`, in READ and APPLY. An isolated plugin has it only when
  /// the user grants it.
  public var requires: [String] = []

  /// The manifest of a plugin that is built for this file's protocol version.
  public init(
    name: String, version: String, sdk: String = "", doc: String = "", types: [TypeSchema],
    functions: [FunctionSchema] = [], checks: Bool = false
  ) {
    self.name = name
    self.version = version
    self.protocolVersion = Self.protocolVersion
    self.sdk = sdk
    self.doc = doc
    self.types = types
    self.functions = functions
    self.checks = checks
  }
}
