/// How the account emulator plays a type: what SHOW and DESCRIBE answer. What CREATE and ALTER take follows from the
/// attributes' properties and kinds.
public struct Emulation: Hashable, Sendable {
  /// The columns of SHOW, in Snowflake's order.
  public var showColumns: [EmulatedColumn]
  /// The columns of DESCRIBE for the shapes `row` and `rows`.
  public var describeColumns: [EmulatedColumn]
  /// How DESCRIBE lays its answer out; nil when the emulator answers it by its own rules, or refuses it.
  public var describeShape: ReadGroup.Shape?
  /// Properties that CREATE and ALTER take beyond the attributes' (accepted and stored, not interpreted).
  public var extraProperties: [String]
  /// Words between CREATE and the object type that mean an attribute value: `["TRANSIENT": ("is_transient", true)]`.
  public var modifiers: [Modifier]
  /// The parameters that SHOW PARAMETERS IN answers beside those of attributes: name, default.
  public var parameters: [String: String]

  /// An emulation whose SHOW answers `showColumns`; everything else is empty unless given.
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
    /// The word in SQL, e.g. `TRANSIENT`.
    public var word: String
    /// The name of the attribute that the word sets.
    public var attribute: String
    /// What the attribute becomes when the word is there.
    public var value: Value

    /// The word that sets `attribute` to `value` when CREATE has it.
    public init(_ word: String, sets attribute: String, to value: Value) {
      self.word = word
      self.attribute = attribute
      self.value = value
    }
  }
}

/// A column of an emulated answer.
public struct EmulatedColumn: Hashable, Sendable {
  /// The column's name as the answer spells it, e.g. `created_on`.
  public var name: String
  /// Where the column's value comes from: an attribute, a fact or a constant.
  public var source: Source
  /// How canonical values are echoed: `["XSMALL": "X-Small"]`.
  public var echo: [String: String]

  /// The column `name` that shows `source`; values without an entry in `echo` are shown as they are.
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
