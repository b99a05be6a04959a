/// Something that has an owner and on which privileges are granted: an object, a role, a user, or the account itself.
public struct Securable: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The object type as SQL spells it: `WAREHOUSE`, `FILE FORMAT`, `DATABASE ROLE`, `ACCOUNT`.
  public var type: String
  /// The full name as canonical SQL text: `WH`, `RAW.SALES."my table"`; empty for the account.
  public var name: String

  /// All parts at once.
  public init(type: String, name: String) {
    self.type = type
    self.name = name
  }

  /// The account itself.
  public static let account = Securable(type: "ACCOUNT", name: "")

  /// A database.
  public static func database(_ name: String) -> Securable { Securable(type: "DATABASE", name: name) }
  /// A schema, named `DATABASE.SCHEMA`.
  public static func schema(_ name: String) -> Securable { Securable(type: "SCHEMA", name: name) }
  /// A user.
  public static func user(_ name: String) -> Securable { Securable(type: "USER", name: name) }

  /// What contains it, by its name: the database of a schema or database role, the schema of a schema's object;
  /// nil for what lies in the account directly and for the account.
  public var container: Securable? {
    guard let cut = Self.lastDot(name) else { return nil }
    let outer = String(decoding: name.utf8.prefix(cut), as: UTF8.self)
    return Self.lastDot(outer) == nil ? .database(outer) : .schema(outer)
  }

  /// The last part of the name, as SQL text.
  public var lastPart: String {
    guard let cut = Self.lastDot(name) else { return name }
    return String(decoding: name.utf8.dropFirst(cut + 1), as: UTF8.self)
  }

  /// As SQL writes it.
  public var description: String { name.isEmpty ? type : "\(type) \(name)" }

  /// The order in which lists show them.
  public static func < (left: Self, right: Self) -> Bool {
    left.type == right.type ? left.name < right.name : left.type < right.type
  }

  /// The offset of the last dot outside quotes.
  private static func lastDot(_ name: String) -> Int? {
    var quoted = false
    var found: Int?
    for (offset, byte) in name.utf8.enumerated() {
      if byte == UInt8(ascii: "\"") {
        quoted.toggle()
      } else if byte == UInt8(ascii: "."), !quoted {
        found = offset
      }
    }
    return found
  }
}

/// What holds privileges: a role of the account, a role of a database, a share, or a user.
public enum RoleKind: String, Hashable, Sendable {
  case account, database
  /// A share holds privileges as a role does, for other accounts; nobody here can assume it.
  case share
  /// A user, for the privileges that were given to it itself.
  case user

  var order: Int {
    switch self {
    case .account: 0
    case .database: 1
    case .share: 2
    case .user: 3
    }
  }
}

/// A role, or what else holds privileges, by its kind and canonical name.
public struct RoleReference: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// Whether it belongs to the account or to a database.
  public var kind: RoleKind
  /// `SYSADMIN`; for a database role `DB.R`.
  public var name: String

  /// All parts at once.
  public init(kind: RoleKind, name: String) {
    self.kind = kind
    self.name = name
  }

  /// A role of the account.
  public static func account(_ name: String) -> RoleReference { RoleReference(kind: .account, name: name) }
  /// A role of a database, named `DATABASE.ROLE`.
  public static func database(_ name: String) -> RoleReference { RoleReference(kind: .database, name: name) }

  /// A share.
  public static func share(_ name: String) -> RoleReference { RoleReference(kind: .share, name: name) }

  /// A user, as the holder of privileges.
  public static func user(_ name: String) -> RoleReference { RoleReference(kind: .user, name: name) }

  /// The top of the hierarchy.
  public static let accountAdmin = account("ACCOUNTADMIN")
  /// Manages grants.
  public static let securityAdmin = account("SECURITYADMIN")
  /// Manages users and roles.
  public static let userAdmin = account("USERADMIN")
  /// Owns databases and warehouses.
  public static let sysAdmin = account("SYSADMIN")
  /// Manages the organization.
  public static let orgAdmin = account("ORGADMIN")
  /// The role that everybody has.
  public static let everyone = account("PUBLIC")

  /// The role as an object that is owned and granted.
  public var securable: Securable { Securable(type: typeName, name: name) }
  /// `ROLE`, `DATABASE ROLE`, `SHARE` or `USER`.
  public var typeName: String {
    switch kind {
    case .account: "ROLE"
    case .database: "DATABASE ROLE"
    case .share: "SHARE"
    case .user: "USER"
    }
  }
  /// As SQL writes it.
  public var description: String { kind == .account ? name : "\(typeName) \(name)" }

  /// The order in which lists show them.
  public static func < (left: Self, right: Self) -> Bool {
    left.kind == right.kind ? left.name < right.name : left.kind.order < right.kind.order
  }
}
