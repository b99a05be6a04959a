/// One attribute of a type: its kind, where SQL writes it, where the account shows it, and what null means.
public struct AttributeSchema: Hashable, Sendable {
  /// The key in configuration, e.g. `auto_suspend`.
  public var name: String
  /// What values it takes, and what their canonical form is.
  public var kind: AttributeKind
  /// One or two sentences for the reference documentation.
  public var doc: String
  /// The SQL property that writes it, e.g. `AUTO_SUSPEND`; nil when it is not written as `PROPERTY = value`.
  /// `AS` is the body of CREATE: it stands last, without `=`.
  public var property: String?
  /// The clause that writes it, when that is not `PROPERTY = value` and no body after AS.
  public var clause: Clause?
  /// How the value is written in SQL.
  public var rendering: Rendering = .automatic
  /// The column (or property, or parameter) of its read group that shows it; nil when it cannot be read.
  public var column: String?
  /// The name of the read group that shows it.
  public var group: String = "show"
  /// Whether every declaration of the resource must give it.
  public var isRequired = false
  /// What a change of the value takes.
  public var change: Change = .alter
  /// What Snowflake has when the attribute was never set; nil when that is not known or inherited.
  public var defaultValue: Value?
  /// How null is rendered.
  public var unset: Unset = .unset
  /// Never printed, journalled or put on the wire but through a slot. Compared by a keyed digest.
  public var isSensitive = false
  /// `""` means the same as null, as it does for every COMMENT.
  public var isBlankNull = false
  /// Other keys that mean this attribute.
  public var aliases: [String] = []
  /// For references: what the edge means.
  public var edge: Edge = .uses
  /// For references: what becomes of this resource when the target is dropped.
  public var onTargetDrop: OnTargetDrop = .blocks
  /// The lowest edition that has it; declaring it on an account of a lower one is an error.
  public var minimumEdition: Edition = .standard
  /// Values that SQL takes as bare words where others are quoted, e.g. `NONE` and `AUTO` of file formats.
  public var bareWords: [String] = []
  /// CREATE does not take it: it is set by an ALTER right after.
  public var isSetAfterCreation = false

  /// An attribute of `kind` with the usual properties: optional, altered in place, shown by the read group `show`.
  public init(
    _ name: String, _ kind: AttributeKind, property: String? = nil, column: String? = nil, doc: String = ""
  ) {
    self.name = name
    self.kind = kind
    self.property = property
    self.column = column
    self.doc = doc
  }

  /// Whether `key` in a configuration means this attribute.
  public func answers(to key: String) -> Bool { key == name || aliases.contains(key) }

  /// The canonical value of what was written or read: normalised by the kind, blank text as null.
  ///
  /// Throws when the value does not fit the kind.
  public func normalize(_ value: Value) throws(AttributeKind.Mismatch) -> Value {
    let value = try kind.normalize(value)
    return isBlankNull && value == .string("") ? .null : value
  }

  /// How a value is written in SQL.
  public enum Rendering: String, Sendable {
    /// By kind: text and SQL quoted, identifiers and references as names, words, numbers and booleans bare.
    case automatic
    /// In single quotes, whatever the kind: `WAREHOUSE_SIZE = 'XSMALL'`.
    case quoted
    /// As it is.
    case bare
    /// In parentheses, as list elements are: `ALLOWED_IP_LIST = ('1.2.3.4')`; lists render so anyway.
    case parenthesized
    /// A list without `=` and parentheses: `ALLOWED_VALUES 'a', 'b'`.
    case listed
    /// A list in parentheses without `=`: `TABLES (a, b)`.
    case grouped
    /// By an ALTER of its own, without `=`: `SET TAG name = 'value'` of a map, `SET PASSWORD POLICY name` of a name.
    case attached
  }

  /// How CREATE and ALTER write a value within words of their own, such as an alert's `IF (EXISTS (…))`. `{}` stands for
  /// the value, once in each; SQL in its place is written as it is.
  public struct Clause: Hashable, Sendable {
    /// What CREATE has after the properties: `IF (EXISTS ({}))`. SQL at its end takes the rest of the statement, so that
    /// such a clause is the last one.
    public var create: String
    /// What follows `ALTER … name`: `MODIFY CONDITION EXISTS ({})`. nil when no ALTER writes it.
    public var alter: String?

    /// A clause that CREATE writes as `create` and ALTER, if it can, as `alter`.
    public init(create: String, alter: String? = nil) {
      self.create = create
      self.alter = alter
    }

    /// Whether each text has exactly one place for the value.
    public var isSound: Bool {
      [create, alter ?? "{}"].allSatisfy { $0.split(separator: "{}", omittingEmptySubsequences: false).count == 2 }
    }
  }

  /// What a change of the value takes.
  public enum Change: String, Sendable {
    /// `ALTER … SET`.
    case alter
    /// The object must be replaced: destructive.
    case replace
    /// Only used at creation; a later difference is neither seen nor acted on (`INITIALLY_SUSPENDED`).
    case createOnly = "create-only"
    /// Cannot be changed and must not be replaced for it: a difference is an error.
    case never
  }

  /// How null, "back to what Snowflake has by itself", is written.
  public enum Unset: Hashable, Sendable {
    /// `ALTER … UNSET PROPERTY`.
    case unset
    /// `ALTER … SET PROPERTY = value`, because UNSET does something else or does not exist.
    case set(Value)
    /// There is no way back.
    case impossible
  }

  /// What a reference means for the order of steps.
  public enum Edge: String, Sendable {
    /// The target is the container: created before, dropped after (and dropping it drops this).
    case containedIn = "contained-in"
    /// The target must exist before.
    case uses
    /// The target receives a grant: it must exist before.
    case grantee
    /// This comes before everything created beneath the target (FUTURE grants).
    case beforeCreatesIn = "before-creates-in"
    /// This comes after everything created beneath the target (ON ALL grants).
    case afterCreatesIn = "after-creates-in"
  }

  /// What becomes of a resource when the target of its reference is dropped.
  public enum OnTargetDrop: String, Sendable {
    /// It goes along (grants of a dropped role): its own drop is absorbed into the target's step.
    case absorbed
    /// It must be taken off first (a policy's attachment).
    case detachFirst = "detach-first"
    /// It is dropped before the target.
    case blocks
    /// Likewise; and the account keeps the target's name as text, so that a rename of the target does not reach it.
    case keepsName = "keeps-name"
  }
}

/// Snowflake's editions, in order of what they include.
public enum Edition: String, Sendable, Comparable, CaseIterable {
  case standard, enterprise
  case businessCritical = "business_critical"

  /// Orders by what the editions include: standard, enterprise, business critical.
  public static func < (left: Self, right: Self) -> Bool {
    (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
  }
}

// MARK: - Declaring

extension AttributeSchema {
  private func with(_ change: (inout Self) -> Void) -> Self {
    var copy = self
    change(&copy)
    return copy
  }

  /// Must be given.
  public func required() -> Self { with { $0.isRequired = true } }
  /// A change takes a new object.
  public func forcesReplacement() -> Self { with { $0.change = .replace } }
  /// Only used at creation.
  public func createOnly() -> Self { with { $0.change = .createOnly } }
  /// A difference is an error.
  public func immutable() -> Self { with { $0.change = .never } }
  /// What Snowflake has when it was never set.
  public func defaults(to value: Value) -> Self { with { $0.defaultValue = value } }
  /// How null is written.
  public func unset(_ unset: Unset) -> Self { with { $0.unset = unset } }
  /// Values that SQL takes as bare words.
  public func bareWords(_ words: String...) -> Self { with { $0.bareWords = words } }
  /// Written by a clause of CREATE and one of ALTER, in which `{}` stands for the value. Without one of ALTER a change
  /// takes a new object; null has no clause.
  public func clause(_ create: String, alter: String? = nil) -> Self {
    with {
      $0.clause = Clause(create: create, alter: alter)
      $0.unset = .impossible
      if alter == nil { $0.change = .replace }
    }
  }
  /// Attached by an ALTER of its own: tags and policies.
  public func attached() -> Self { with { $0.rendering = .attached } }
  /// Set by an ALTER right after CREATE, which does not take it.
  public func setAfterCreation() -> Self { with { $0.isSetAfterCreation = true } }
  /// Never shown.
  public func sensitive() -> Self { with { $0.isSensitive = true } }
  /// `""` means null.
  public func blankIsNull() -> Self { with { $0.isBlankNull = true } }
  /// Shown by another read group than `show`.
  public func read(by group: String, column: String? = nil) -> Self {
    with {
      $0.group = group
      $0.column = column ?? $0.column ?? $0.property
    }
  }
  /// Another key with the same meaning.
  public func alias(_ names: String...) -> Self { with { $0.aliases += names } }
  /// How SQL writes the value.
  public func rendered(_ rendering: Rendering) -> Self { with { $0.rendering = rendering } }
  /// What the reference means.
  public func edge(_ edge: Edge, onTargetDrop: OnTargetDrop = .blocks) -> Self {
    with {
      $0.edge = edge
      $0.onTargetDrop = onTargetDrop
    }
  }
  /// Needs at least this edition.
  public func edition(_ edition: Edition) -> Self { with { $0.minimumEdition = edition } }
}
