/// One SQL statement of a plan, with what it takes to run it and what it does to the account.
public struct Statement: Hashable, Sendable, DocumentCodable {
  /// What is sent, with slots for secrets.
  public var sql: SQLText
  /// What the role that runs it must be able to do; any one of them is enough. Empty: every role can.
  public var authorities: [Authority]
  /// When it runs, relative to what it is connected with.
  public var phase: Phase
  /// Statements with the same key run once in a plan (`ALTER ACCOUNT …` that several changes need).
  public var once: String?
  /// The SQL that takes it back, nil when there is none.
  public var undo: SQLText?
  /// Left out when the role that would run it is this one (handing an object to the role that just created it).
  public var unlessRunBy: String?
  /// What it does to ownership, roles and privileges, so that later statements' roles can be chosen.
  public var effects: [AccountEffect]

  /// Makes one of its parts.
  public init(
    _ sql: SQLText, authorities: [Authority], phase: Phase = .main, once: String? = nil, undo: SQLText? = nil,
    unlessRunBy: String? = nil, effects: [AccountEffect] = []
  ) {
    self.sql = sql
    self.authorities = authorities
    self.phase = phase
    self.once = once
    self.undo = undo
    self.unlessRunBy = unlessRunBy
    self.effects = effects
  }

  /// When it runs, relative to everything else of the same plan that it is connected with.
  public enum Phase: String, Sendable {
    case before, main, after
  }

  /// Reads the document. Throws when a required key is missing or has the wrong kind.
  public init(document: Value) throws(DocumentError) {
    self.init(
      try SQLText(document: document["sql"]), authorities: try document.decodeList("authorities"),
      once: document["once"].string, unlessRunBy: document["unless_run_by"].string,
      effects: try document.decodeList("effects"))
    if let name = document["phase"].string {
      guard let phase = Phase(rawValue: name) else { throw DocumentError("statement", "unknown phase '\(name)'") }
      self.phase = phase
    }
    if let undo = document.find("undo") { self.undo = try SQLText(document: undo) }
  }

  /// The document; what has its default is left out.
  public var document: Value {
    var builder = DocumentBuilder()
    builder.set("sql", sql.document)
    builder.set("authorities", authorities)
    if phase != .main { builder.set("phase", phase.rawValue) }
    builder.set("once", once)
    if let undo { builder.set("undo", undo.document) }
    builder.set("unless_run_by", unlessRunBy)
    builder.set("effects", effects)
    return builder.document
  }
}

/// SQL with slots for secrets. What people see shows the slot; what is sent has the value, quoted by the host.
public struct SQLText: Hashable, Sendable, ExpressibleByStringInterpolation, CustomStringConvertible {
  /// The pieces, in order.
  public var segments: [Segment]

  /// Makes one of its parts.
  public init(_ segments: [Segment]) { self.segments = segments }
  /// The value that a literal in Swift stands for.
  public init(stringLiteral value: String) { segments = [.text(value)] }
  /// Makes one of its parts.
  public init(_ text: String) { segments = [.text(text)] }

  /// A piece of SQL.
  public enum Segment: Hashable, Sendable {
    case text(String)
    /// The secret of this id, as a quoted SQL string.
    case secret(String)
  }

  /// What people see: secrets as `‹secret env:NAME›`.
  public var description: String {
    if segments.count == 1, case .text(let text) = segments[0] { return text }
    var result = ""
    for segment in segments {
      switch segment {
      case .text(let text): result += text
      case .secret(let id): result += id.hasPrefix("literal:") ? "‹secret›" : "‹secret \(id)›"
      }
    }
    return result
  }

  /// The ids of the secrets it needs.
  public var secrets: [String] {
    segments.compactMap { if case .secret(let id) = $0 { id } else { nil } }
  }

  /// Appends text to it, joining neighbours.
  public mutating func append(_ text: String) {
    if case .text(let before)? = segments.last {
      segments[segments.count - 1] = .text(before + text)
    } else {
      segments.append(.text(text))
    }
  }

  /// Appends other SQL to it.
  public mutating func append(_ other: SQLText) {
    for segment in other.segments {
      switch segment {
      case .text(let text): append(text)
      case .secret: segments.append(segment)
      }
    }
  }

  /// Reads the document. Throws when a required key is missing or has the wrong kind.
  public init(document: Value) throws(DocumentError) {
    switch document {
    case .string(let text): self.init(text)
    case .list(let parts):
      var segments: [Segment] = []
      for part in parts {
        if let text = part.string {
          segments.append(.text(text))
        } else if let id = part.secretID {
          segments.append(.secret(id))
        } else {
          throw DocumentError("SQL", "a segment must be text or a secret, found \(part.kindName)")
        }
      }
      self.init(segments)
    default: throw DocumentError("SQL", "must be text or a list of segments, found \(document.kindName)")
    }
  }

  /// The document; what has its default is left out.
  public var document: Value {
    if segments.count == 1, case .text(let text) = segments[0] { return .string(text) }
    return .list(
      segments.map { segment in
        switch segment {
        case .text(let text): .string(text)
        case .secret(let id): .secret(id)
        }
      })
  }
}

/// An object as SQL names it: its type (`WAREHOUSE`, `ACCOUNT`) and its canonical name (empty for the account).
public struct SQLObject: Hashable, Sendable, DocumentCodable, CustomStringConvertible {
  /// The type's name, singular.
  public var type: String
  /// The canonical name; empty for the account.
  public var name: String

  /// Makes one of its parts.
  public init(_ type: String, _ name: String) {
    self.type = type
    self.name = name
  }

  /// The account itself.
  public static let account = SQLObject("ACCOUNT", "")

  /// For people.
  public var description: String { name.isEmpty ? type : "\(type) \(name)" }

  /// Reads the document. Throws when a required key is missing or has the wrong kind.
  public init(document: Value) throws(DocumentError) {
    self.init(try document.require("type", in: "object"), document["name"].string ?? "")
  }

  /// The document; what has its default is left out.
  public var document: Value { ["type": .string(type), "name": .string(name)] }
}

/// What a role must be able to do to run a statement. Never a role: choosing one is the host's part.
public enum Authority: Hashable, Sendable, DocumentCodable {
  /// Own the object.
  case ownership(SQLObject)
  /// Hold the privilege on the object (owning it is enough).
  case privilege(String, SQLObject)
  /// Be able to grant the privilege on the object: owner, grant option, or MANAGE GRANTS.
  case granting(String, SQLObject)
  /// Be able to grant the role: owner of the role, or MANAGE GRANTS. `DATABASE ROLE` or `ROLE`.
  case grantingRole(SQLObject)

  /// Reads the document. Throws when a required key is missing or has the wrong kind.
  public init(document: Value) throws(DocumentError) {
    let object = try SQLObject(document: document["on"])
    switch document["need"].string {
    case "ownership": self = .ownership(object)
    case "privilege": self = .privilege(try document.require("privilege", in: "authority"), object)
    case "granting": self = .granting(try document.require("privilege", in: "authority"), object)
    case "granting-role": self = .grantingRole(object)
    default: throw DocumentError("authority", "unknown need \(AttributeKind.show(document["need"]))")
    }
  }

  /// The document; what has its default is left out.
  public var document: Value {
    switch self {
    case .ownership(let object): ["need": "ownership", "on": object.document]
    case .privilege(let name, let object):
      ["need": "privilege", "privilege": .string(name), "on": object.document]
    case .granting(let name, let object): ["need": "granting", "privilege": .string(name), "on": object.document]
    case .grantingRole(let object): ["need": "granting-role", "on": object.document]
    }
  }
}

/// What a statement does to the account's ownership, roles and privileges.
public enum AccountEffect: Hashable, Sendable, DocumentCodable {
  /// The object exists, owned by the role that ran the statement.
  case created(SQLObject)
  case dropped(SQLObject)
  case renamed(SQLObject, to: String)
  /// The object is owned by the role (`ROLE` or `DATABASE ROLE`).
  case owned(SQLObject, by: SQLObject)
  /// The role is granted to a `ROLE`, `DATABASE ROLE` or `USER`.
  case roleGranted(SQLObject, to: SQLObject)
  case roleRevoked(SQLObject, from: SQLObject)
  case granted(String, on: SQLObject, to: SQLObject, withGrantOption: Bool)
  case revoked(String, on: SQLObject, from: SQLObject)

  /// Reads the document. Throws when a required key is missing or has the wrong kind.
  public init(document: Value) throws(DocumentError) {
    let object = try SQLObject(document: document["on"])
    let kind = try document.require("effect", in: "effect")
    switch kind {
    case "created": self = .created(object)
    case "dropped": self = .dropped(object)
    case "renamed": self = .renamed(object, to: try document.require("to", in: "effect"))
    case "owned": self = .owned(object, by: try SQLObject(document: document["to"]))
    case "role-granted": self = .roleGranted(object, to: try SQLObject(document: document["to"]))
    case "role-revoked": self = .roleRevoked(object, from: try SQLObject(document: document["to"]))
    case "granted":
      self = .granted(
        try document.require("privilege", in: "effect"), on: object, to: try SQLObject(document: document["to"]),
        withGrantOption: document["grant_option"].bool ?? false)
    case "revoked":
      self = .revoked(
        try document.require("privilege", in: "effect"), on: object, from: try SQLObject(document: document["to"]))
    default: throw DocumentError("effect", "unknown effect '\(kind)'")
    }
  }

  /// The document; what has its default is left out.
  public var document: Value {
    switch self {
    case .created(let object): ["effect": "created", "on": object.document]
    case .dropped(let object): ["effect": "dropped", "on": object.document]
    case .renamed(let object, let name): ["effect": "renamed", "on": object.document, "to": .string(name)]
    case .owned(let object, let role): ["effect": "owned", "on": object.document, "to": role.document]
    case .roleGranted(let role, let to): ["effect": "role-granted", "on": role.document, "to": to.document]
    case .roleRevoked(let role, let from): ["effect": "role-revoked", "on": role.document, "to": from.document]
    case .granted(let privilege, let object, let to, let option):
      [
        "effect": "granted", "privilege": .string(privilege), "on": object.document, "to": to.document,
        "grant_option": .bool(option),
      ]
    case .revoked(let privilege, let object, let from):
      ["effect": "revoked", "privilege": .string(privilege), "on": object.document, "to": from.document]
    }
  }
}
