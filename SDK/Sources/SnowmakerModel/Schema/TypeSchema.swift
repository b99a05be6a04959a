/// One kind of resource, as a provider describes it. Everything the host knows of a type is in here.
public struct TypeSchema: Hashable, Sendable {
  /// The name in addresses, singular: `warehouse`.
  public var type: String
  /// The name in configuration, plural: `warehouses`.
  public var plural: String
  /// The schema version; rises when configuration written for the older one must be rewritten (UPGRADE).
  public var version = 1
  /// What it is, in a paragraph.
  public var doc = ""
  /// The object type in SQL, e.g. `FILE FORMAT`; nil for what is no object (grants).
  public var sqlName: String?
  /// Its plural in SQL, e.g. `FILE FORMATS`.
  public var sqlPlural: String?
  /// What names it, outermost part first.
  public var identity: [IdentityPart]
  /// Resources of types with one namespace cannot share a name (tables and views). Defaults to the type.
  public var namespace: String
  /// The ways in which configuration writes it.
  public var forms: [SurfaceForm]
  /// All attributes, those of the identity included.
  public var attributes: [AttributeSchema]
  /// Where attributes are read from.
  public var reads: [ReadGroup] = []
  /// EXPAND turns what was written into canonical resources (of this or other types).
  public var expands = false
  /// VALIDATE has rules beyond the attributes' kinds.
  public var validates = false
  /// It is only ever expanded: it stands for other resources and is itself never read or planned.
  public var isComposite = false
  /// The same resource declared twice is one resource, not an error (grants).
  public var mergesDuplicates = false
  /// The attributes whose values name a group that is never split across batches.
  public var groupBy: [String] = []
  /// What creating one brings along: (type, name) of children that then exist, e.g. (`schema`, `PUBLIC`).
  public var createsImplicitly: [ImplicitChild] = []
  /// The privileges that can be granted on it, e.g. `USAGE`; for the account model and the emulator.
  public var privileges: [String] = []
  /// The privilege on the container (or the account) that allows creating one, e.g. `CREATE WAREHOUSE`.
  public var createPrivilege: String?
  /// Other types whose declared resources READ has to see (what another grant declares is not revoked).
  public var relatedTypes: [String] = []
  /// Whether CHECK also sees declared resources of this type that do not change (where a policy is active).
  public var standsInChecks = false
  /// Whether one change batch sees the creates planned beneath the scopes it names (ON ALL grants).
  public var wantsPlannedCreates = false
  /// Whether PLAN is asked about an adopted one that leaves the configuration, and takes away what snowmaker itself brought
  /// about since, as `$memory` says; the rest is released. Without it what was adopted is released whole.
  public var adoptsInPart = false
  /// The lowest edition that has the type; declaring one on an account of a lower edition is an error.
  public var minimumEdition: Edition = .standard
  /// SQL does not reach it: its plugin reads it itself (in round 0 of READ) and does what was planned itself (APPLY).
  public var applies = false
  /// Lives of such a resource; documentation shows them and `snowmaker plugin verify` plays them.
  public var examples: [TypeExample] = []
  /// How the account emulator plays it; nil when the emulator knows it by itself or not at all.
  public var emulation: Emulation?

  /// A type with its plural form at the top, its own namespace, and, without a `sqlPlural`, an `S` after its SQL name.
  public init(
    _ type: String, plural: String, sqlName: String? = nil, sqlPlural: String? = nil, identity: [IdentityPart],
    doc: String = "", attributes: [AttributeSchema]
  ) {
    self.type = type
    self.plural = plural
    self.sqlName = sqlName
    self.sqlPlural = sqlPlural ?? sqlName.map { $0 + "S" }
    self.identity = identity
    self.namespace = type
    self.forms = [.plural(plural)]
    self.attributes = attributes
    self.doc = doc
  }

  /// The attribute that `key` in a configuration means, nil when there is none.
  public func attribute(_ key: String) -> AttributeSchema? {
    attributes.first { $0.name == key } ?? attributes.first { $0.aliases.contains(key) }
  }

  /// The types of the containers, outermost first: `["database"]` for a schema.
  public var containers: [String] { identity.compactMap(\.containerType) }
}

/// One part of what names a resource: the attribute that holds it, and what it is.
public struct IdentityPart: Hashable, Sendable {
  /// The attribute.
  public var attribute: String
  /// For a part that is the container: its type. A `name` written with dots fills these parts from the left. The
  /// container's own identity is the parts up to and including this one; it must exist before, and dropping it takes
  /// everything beneath it along.
  public var containerType: String?

  /// The identity part that `attribute` holds; with `type` it is the container of that type.
  public init(_ attribute: String, container type: String? = nil) {
    self.attribute = attribute
    self.containerType = type
  }

  /// The part that names the object itself.
  public static let name = IdentityPart("name")
  /// The database that holds it.
  public static let database = IdentityPart("database", container: "database")
  /// The schema that holds it; its own database is the part before.
  public static let schema = IdentityPart("schema", container: "schema")
}

/// A way in which configuration writes a resource.
public enum SurfaceForm: Hashable, Sendable {
  /// A list (or a map by name) under this key at the top: `warehouses:`.
  case plural(String)
  /// A list under `key` in a resource of type `parent`: `schemas:` under a database. `fills` is the attribute that takes
  /// the parent's identity; an element may be a name instead of a map. Types that expand get the element as written,
  /// with `parent` and `form` beside it.
  case nested(parent: String, key: String, fills: String)
  /// A map of names to single values under this key at the top: `parameters: {TIMEZONE: UTC}`.
  case pairs(String, name: String, value: String)
}

/// A child that exists as soon as its parent was created.
public struct ImplicitChild: Hashable, Sendable {
  /// The child's type, singular.
  public var type: String
  /// The canonical name of the child, the last part of its identity: `PUBLIC`.
  public var name: String

  /// A child of `type` with the canonical name `name`.
  public init(type: String, name: String) {
    self.type = type
    self.name = name
  }
}
