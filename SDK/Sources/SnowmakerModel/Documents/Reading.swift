/// One round of READ: what is wanted, and what the queries of the round before brought.
public struct ReadRequest: Hashable, Sendable, DocumentCodable {
  /// A provider that still asks after this many rounds has failed.
  public static let maximumRounds = 8

  /// What every request carries.
  public var context: RequestContext
  /// The type's name, singular.
  public var type: String
  /// The identities that are declared or in the ledger.
  public var wanted: [Wanted]
  /// What is declared of the types that the schema names in `related_types`, by type.
  public var related: [String: [Wanted]]
  /// Every resource of the type is wanted (an exclusive type or scope).
  public var wantsAll: Bool
  /// 0 in the first round.
  public var round: Int
  /// The answers to the queries of the round before, in their order.
  public var results: [ReadResult]
  /// What the provider's last answer said to give back.
  public var state: Value

  /// Makes one of its parts.
  public init(
    context: RequestContext = RequestContext(), type: String, wanted: [Wanted], related: [String: [Wanted]] = [:],
    wantsAll: Bool = false, round: Int = 0, results: [ReadResult] = [], state: Value = .null
  ) {
    self.related = related
    self.context = context
    self.type = type
    self.wanted = wanted
    self.wantsAll = wantsAll
    self.round = round
    self.results = results
    self.state = state
  }

  /// A resource that is wanted, and the attributes that matter.
  public struct Wanted: Hashable, Sendable, DocumentCodable {
    /// The identity parts, outermost first, in canonical text.
    public var identity: [String]
    /// The attributes that are declared, or were when it was last applied.
    public var attributes: [String]
    /// The canonical declared attributes, nil when it is only in the ledger.
    public var declared: Value?

    /// Makes one of its parts.
    public init(identity: [String], attributes: [String], declared: Value? = nil) {
      self.identity = identity
      self.attributes = attributes
      self.declared = declared
    }

    /// Reads the document. Throws when a required key is missing or has the wrong kind.
    public init(document: Value) throws(DocumentError) {
      self.init(
        identity: document["identity"].strings, attributes: document["attributes"].strings,
        declared: document.find("declared"))
    }

    /// The document; what has its default is left out.
    public var document: Value {
      var builder = DocumentBuilder()
      builder.set("identity", Value.list(identity.map(Value.string)))
      builder.set("attributes", attributes)
      if let declared { builder.set("declared", declared) }
      return builder.document
    }
  }

  /// Reads the document. Throws when a required key is missing or has the wrong kind.
  public init(document: Value) throws(DocumentError) {
    self.init(
      context: try RequestContext(document: document["context"]), type: try document.require("type", in: "READ"),
      wanted: try document.decodeList("wanted"), wantsAll: document["all"].bool ?? false,
      round: Int(document["round"].int ?? 0), results: try document.decodeList("results"), state: document["state"])
    for field in document["related"].fields {
      related[field.key] = try document["related"].decodeList(field.key, as: Wanted.self)
    }
  }

  /// The document; what has its default is left out.
  public var document: Value {
    var builder = DocumentBuilder()
    builder.set("context", context.document)
    builder.set("type", type)
    builder.set("wanted", wanted)
    if !related.isEmpty {
      builder.set(
        "related",
        Value.object(
          related.sorted { $0.key < $1.key }.map { .init($0.key, .list($0.value.map(\.document))) }))
    }
    builder.set(flag: "all", wantsAll)
    builder.set("round", round)
    builder.set("results", results)
    builder.set("state", state)
    return builder.document
  }
}

/// A statement that a provider wants to read. The host runs equal statements once, whoever asks.
public struct ReadQuery: Hashable, Sendable, DocumentCodable {
  /// The statement.
  public var sql: String
  /// What the read cost counts it under: `SHOW WAREHOUSES`, `SHOW GRANTS TO ROLE` …
  public var costClass: String
  /// How many rows Snowflake may cut the answer at, nil when the answer is never cut.
  public var rowLimit: Int?

  /// Makes one of its parts.
  public init(_ sql: String, costClass: String, rowLimit: Int? = 10_000) {
    self.sql = sql
    self.costClass = costClass
    self.rowLimit = rowLimit
  }

  /// Reads the document. Throws when a required key is missing or has the wrong kind.
  public init(document: Value) throws(DocumentError) {
    self.init(
      try document.require("sql", in: "read query"), costClass: try document.require("class", in: "read query"),
      rowLimit: document["row_limit"].int.map(Int.init))
  }

  /// The document; what has its default is left out.
  public var document: Value {
    var builder = DocumentBuilder()
    builder.set("sql", sql)
    builder.set("class", costClass)
    builder.set("row_limit", rowLimit)
    return builder.document
  }
}

/// The answer to a query: rows of text and nulls, or why there are none.
public struct ReadResult: Hashable, Sendable, DocumentCodable {
  /// The statement.
  public var sql: String
  /// Lower-case column names.
  public var columns: [String]
  /// One list per row; each value is text or null.
  public var rows: [[Value]]
  /// Snowflake's error code and message when the statement failed.
  public var failure: Failure?
  /// The answer was cut at the row limit.
  public var isCut: Bool

  /// Makes one of its parts.
  public init(sql: String, columns: [String] = [], rows: [[Value]] = [], failure: Failure? = nil, isCut: Bool = false) {
    self.sql = sql
    self.columns = columns
    self.rows = rows
    self.failure = failure
    self.isCut = isCut
  }

  /// Why a statement failed.
  public struct Failure: Hashable, Sendable {
    /// Snowflake's code, e.g. `002003`.
    public var code: String
    /// Snowflake's own words.
    public var message: String

    /// Makes one of its parts.
    public init(code: String, message: String) {
      self.code = code
      self.message = message
    }

    /// "does not exist or not authorized", in its several codes.
    public var isMissingOrForbidden: Bool { code == "002003" || code == "002043" }
  }

  /// Reads the document. Throws when a required key is missing or has the wrong kind.
  public init(document: Value) throws(DocumentError) {
    self.init(
      sql: try document.require("sql", in: "read result"), columns: document["columns"].strings,
      rows: document["rows"].list.map(\.list), isCut: document["cut"].bool ?? false)
    if let failure = document.find("failure") {
      self.failure = Failure(
        code: try failure.require("code", in: "read result"), message: failure["message"].string ?? "")
    }
  }

  /// The document; what has its default is left out.
  public var document: Value {
    var builder = DocumentBuilder()
    builder.set("sql", sql)
    builder.set("columns", columns)
    builder.set("rows", Value.list(rows.map(Value.list)))
    if let failure {
      builder.set("failure", ["code": .string(failure.code), "message": .string(failure.message)])
    }
    builder.set(flag: "cut", isCut)
    return builder.document
  }
}

/// What a provider answers to READ: the queries it wants next, or what it saw.
public struct ReadReply: Hashable, Sendable, DocumentCodable {
  /// Not empty: run these and ask again. Empty: `observed` is the answer.
  public var queries: [ReadQuery]
  /// Given back in the next round.
  public var state: Value
  /// What was seen; only looked at when there are no queries.
  public var observed: [Observation]
  /// Why absence must not be concluded from this read; nil when it is complete.
  public var partial: String?
  /// Identities of which nothing can be said, with the reason (usually a missing privilege).
  public var unseen: [Unseen]

  /// Makes one of its parts.
  public init(
    queries: [ReadQuery] = [], state: Value = .null, observed: [Observation] = [], partial: String? = nil,
    unseen: [Unseen] = []
  ) {
    self.queries = queries
    self.state = state
    self.observed = observed
    self.partial = partial
    self.unseen = unseen
  }

  /// A resource that could not be looked at.
  public struct Unseen: Hashable, Sendable, DocumentCodable {
    /// The identity parts, outermost first, in canonical text.
    public var identity: [String]
    /// Usually the privilege that is missing.
    public var reason: String

    /// Makes one of its parts.
    public init(identity: [String], reason: String) {
      self.identity = identity
      self.reason = reason
    }

    /// Reads the document. Throws when a required key is missing or has the wrong kind.
    public init(document: Value) throws(DocumentError) {
      self.init(identity: document["identity"].strings, reason: try document.require("reason", in: "unseen"))
    }

    /// The document; what has its default is left out.
    public var document: Value {
      ["identity": .list(identity.map(Value.string)), "reason": .string(reason)]
    }
  }

  /// Reads the document. Throws when a required key is missing or has the wrong kind.
  public init(document: Value) throws(DocumentError) {
    self.init(
      queries: try document.decodeList("queries"), state: document["state"],
      observed: try document.decodeList("observed"), partial: document["partial"].string,
      unseen: try document.decodeList("unseen"))
  }

  /// The document; what has its default is left out.
  public var document: Value {
    var builder = DocumentBuilder()
    builder.set("queries", queries)
    if state != .null { builder.set("state", state) }
    builder.set("observed", observed)
    builder.set("partial", partial)
    builder.set("unseen", unseen)
    return builder.document
  }
}
