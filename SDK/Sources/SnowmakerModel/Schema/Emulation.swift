/// How the account emulator plays a type: what SHOW and DESCRIBE answer. What CREATE and ALTER take follows from the
/// attributes' properties and kinds.
public struct Emulation: Hashable, Sendable {
  /// The columns of SHOW, in Snowflake's order.
  public var showColumns: [EmulatedColumn]
  /// The columns of DESCRIBE for the shapes `row` and `rows`.
  public var describeColumns: [EmulatedColumn]
  /// How DESCRIBE answers; nil when it is not answered.
  public var describeShape: ReadGroup.Shape?
  /// Properties that CREATE and ALTER take beyond the attributes' (accepted and stored, not interpreted).
  public var extraProperties: [String]
  /// Words between CREATE and the object type that mean an attribute value: `["TRANSIENT": ("is_transient", true)]`.
  public var modifiers: [Modifier]
  /// The parameters that SHOW PARAMETERS IN answers beside those of attributes: name, default.
  public var parameters: [String: String]

  /// Makes one of its parts.
  public init(
    showColumns: [EmulatedColumn], describeShape: ReadGroup.Shape? = nil, describeColumns: [EmulatedColumn] = [],
    extraProperties: [String] = [], modifiers: [Modifier] = [], parameters: [String: String] = [:]
  ) {
    self.showColumns = showColumns
    self.describeShape = describeShape
    self.describeColumns = describeColumns
    self.extraProperties = extraProperties
    self.modifiers = modifiers
    self.parameters = parameters
  }

  /// A word in CREATE that sets an attribute.
  public struct Modifier: Hashable, Sendable {
    /// The word (or words) in CREATE.
    public var word: String
    /// The attribute that it sets.
    public var attribute: String
    /// What the attribute becomes.
    public var value: Value

    /// Makes one of its parts.
    public init(_ word: String, sets attribute: String, to value: Value) {
      self.word = word
      self.attribute = attribute
      self.value = value
    }
  }
}

/// A column of an emulated answer.
public struct EmulatedColumn: Hashable, Sendable {
  /// The column as SHOW prints it, lower case.
  public var name: String
  /// Where the value comes from.
  public var source: Source
  /// How canonical values are echoed: `["XSMALL": "X-Small"]`.
  public var echo: [String: String]

  /// Makes one of its parts.
  public init(_ name: String, _ source: Source, echo: [String: String] = [:]) {
    self.name = name
    self.source = source
    self.echo = echo
  }

  /// Where the value comes from.
  public enum Source: Hashable, Sendable {
    /// The attribute of this name; its default when it was never set.
    case attribute(String)
    /// A fact that every object has: `name`, `created_on`, `owner`, `owner_role_type`, `database_name`, `schema_name`.
    case fact(String)
    /// Always this text; nil is SQL NULL.
    case constant(String?)
  }
}
