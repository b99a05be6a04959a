/// One SQL statement of a plan, with what it takes to run it and what it does to the account.
public struct Statement: Hashable, Sendable, DocumentCodable {
  /// The SQL that is sent, with slots where secrets go.
  public var sql: SQLText
  /// What the role that runs it must be able to do; any one of them is enough. Empty: every role can.
  public var authorities: [Authority]
  /// When it runs, relative to the rest of the plan; `main` unless said otherwise.
  public var phase: Phase
  /// Statements with the same key run once in a plan (`ALTER ACCOUNT …` that several changes need).
  public var once: String?
  /// The SQL that takes it back, nil when there is none.
  public var undo: SQLText?
  /// Left out when the role that would run it is this one (handing an object to the role that just created it).
  public var unlessRunBy: String?
  /// What it does to ownership, roles and privileges, so that later statements' roles can be chosen.
  public var effects: [AccountEffect]
  /// For types with `applies`: the document that APPLY gets. Nothing is sent to the account then, and `sql` is what
  /// people are shown instead: `PUT /teams/7 name=data`.
  public var operation: Value?
  /// What of its answer goes into a file, nil for nothing: a secret that the account shows only there.
  public var keeps: KeptAnswer?

  /// A statement that any role with one of `authorities` can run; without an undo it is not taken back.
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

  /// A step of a type with `applies`: its plugin gets `operation`, people see `summary`.
  public init(applying operation: Value, summary: SQLText) {
    self.init(summary, authorities: [])
    self.operation = operation
  }

  /// When it runs, relative to everything else of the same plan that it is connected with.
  public enum Phase: String, Sendable {
    case before, main, after
  }

  /// Reads a statement. Throws when `sql` is missing, `phase` is no known word, or another part cannot be read.
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
    operation = document.find("operation")
    if let keeps = document.find("keeps") { self.keeps = try KeptAnswer(document: keeps) }
  }

  /// The statement as the provider answers it; `phase` is left out when `main`, the rest when nil or empty.
  public var document: Value {
    var builder = DocumentBuilder()
    builder.set("sql", sql.document)
    builder.set("authorities", authorities)
    if phase != .main { builder.set("phase", phase.rawValue) }
    builder.set("once", once)
    if let undo { builder.set("undo", undo.document) }
    builder.set("unless_run_by", unlessRunBy)
    builder.set("effects", effects)
    if let operation { builder.set("operation", operation) }
    builder.set("keeps", keeps)
    return builder.document
  }
}

/// SQL with slots for secrets. What people see shows the slot; what is sent has the value, quoted by the host.
public struct SQLText: Hashable, Sendable, ExpressibleByStringInterpolation, CustomStringConvertible {
  /// Text and secret slots in the order in which they stand in the SQL.
  public var segments: [Segment]

  /// SQL made of the pieces, joined without anything between them.
  public init(_ segments: [Segment]) { self.segments = segments }
  /// SQL without secrets, as it is in the literal.
  public init(stringLiteral value: String) { segments = [.text(value)] }
  /// SQL without secrets, as it is in `text`.
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

  /// Reads plain text, or a list of texts and secret references. Throws when it, or an element, is anything else.
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

  /// Text when it is one piece without a secret, otherwise a list of texts and secret references.
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
  /// The object type as SQL writes it, in upper case: `WAREHOUSE`, `FILE FORMAT`.
  public var type: String
  /// The canonical qualified name, e.g. `RAW.SALES`; empty for the account.
  public var name: String

  /// The object of the SQL type `type` with the canonical name `name`.
  public init(_ type: String, _ name: String) {
    self.type = type
    self.name = name
  }

  /// The account itself.
  public static let account = SQLObject("ACCOUNT", "")

  /// Type and name as SQL writes them, e.g. `DATABASE RAW`; for the account the type alone.
  public var description: String { name.isEmpty ? type : "\(type) \(name)" }

  /// Reads an object; an absent name is empty. Throws when `type` is not text.
  public init(document: Value) throws(DocumentError) {
    self.init(try document.require("type", in: "object"), document["name"].string ?? "")
  }

  /// The object as a document of `type` and `name`.
  public var document: Value { ["type": .string(type), "name": .string(name)] }
}

/// What a role must be able to do to run a statement. Never a role: choosing one is the host's part.
public indirect enum Authority: Hashable, Sendable, DocumentCodable {
  /// Own the object.
  case ownership(SQLObject)
  /// Hold the privilege on the object (owning it is enough).
  case privilege(String, SQLObject)
  /// Be able to grant the privilege on the object: owner, grant option, or MANAGE GRANTS.
  case granting(String, SQLObject)
  /// Be able to grant the role: owner of the role, or MANAGE GRANTS. `DATABASE ROLE` or `ROLE`.
  case grantingRole(SQLObject)
  /// All of these; the first is the one that an owner is sought for. Never empty, never nested.
  case all([Authority])

  /// Reads an authority. Throws when `need` is no known word, `on` is no object or a needed `privilege` is missing.
  public init(document: Value) throws(DocumentError) {
    if document["need"].string == "all" {
      let parts: [Authority] = try document.decodeList("of")
      guard !parts.isEmpty else { throw DocumentError("authority", "'all' of nothing") }
      self = .all(parts)
      return
    }
    let object = try SQLObject(document: document["on"])
    switch document["need"].string {
    case "ownership": self = .ownership(object)
    case "privilege": self = .privilege(try document.require("privilege", in: "authority"), object)
    case "granting": self = .granting(try document.require("privilege", in: "authority"), object)
    case "granting-role": self = .grantingRole(object)
    default: throw DocumentError("authority", "unknown need \(AttributeKind.show(document["need"]))")
    }
  }

  /// The authority as a document: `need` says which, `on` is the object, `privilege` is there where one matters; `all`
  /// has its parts under `of`.
  public var document: Value {
    switch self {
    case .ownership(let object): ["need": "ownership", "on": object.document]
    case .privilege(let name, let object):
      ["need": "privilege", "privilege": .string(name), "on": object.document]
    case .granting(let name, let object): ["need": "granting", "privilege": .string(name), "on": object.document]
    case .grantingRole(let object): ["need": "granting-role", "on": object.document]
    case .all(let parts): ["need": "all", "of": .list(parts.map(\.document))]
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

  /// Reads an effect. Throws when `effect` is no known word or one of the parts it needs is missing.
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

  /// The effect as a document: `effect` says which, `on` is the object, `to` the other party.
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
