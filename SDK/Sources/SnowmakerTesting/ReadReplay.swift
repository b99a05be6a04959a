public import SnowmakerSDK

/// A recorded account: answers what was recorded, so that reading is tested without one.
///
/// ```swift
/// var account = ReadReplay()
/// account.record("SHOW RESOURCE MONITORS", columns: ["name", "credit_quota"], rows: [["LIMIT", "100.00"]])
/// let reply = try account.read(ResourceMonitor(), wanted: [["LIMIT"]])
/// #expect(reply.observed[0].attributes["credit_quota"] == 100)
/// #expect(account.asked == ["SHOW RESOURCE MONITORS"])
/// ```
public struct ReadReplay: Sendable {
  /// What was asked by the last `read`, in order.
  public private(set) var asked: [String] = []
  private var answers: [String: ReadResult] = [:]

  /// An account without any recording.
  public init() {}

  /// Recordings from a file: a JSON list of `{"sql", "columns", "rows"}`, or with `failure` instead of the latter two.
  ///
  /// Throws when it cannot be read.
  public init(_ path: String) throws {
    let document = try JSON.decode(Array(try TextFile.read(path).utf8))
    for answer in document.list {
      let result = try ReadResult(document: answer)
      answers[result.sql] = result
    }
  }

  /// Why a replay cannot go on.
  public struct Failure: Error, Sendable, CustomStringConvertible {
    /// What is missing or wrong.
    public let description: String
  }

  /// Records the answer to a statement; nil in a row is SQL's NULL.
  public mutating func record(_ sql: String, columns: [String], rows: [[String?]]) {
    answers[sql] = ReadResult(
      sql: sql, columns: columns, rows: rows.map { $0.map { $0.map(Value.string) ?? .null } })
  }

  /// Records that a statement fails, with Snowflake's code (`002003`: does not exist or not authorized).
  public mutating func record(_ sql: String, failure code: String, message: String = "") {
    answers[sql] = ReadResult(sql: sql, failure: .init(code: code, message: message))
  }

  /// Records that the answer to a statement was cut at its row limit.
  public mutating func recordCut(_ sql: String, columns: [String], rows: [[String?]]) {
    record(sql, columns: columns, rows: rows)
    answers[sql]?.isCut = true
  }

  /// Reads as the host does, round after round.
  ///
  /// Throws when the type fails, asks what was not recorded, or still asks in the eighth round.
  public mutating func read(
    _ type: any ObjectType, wanted: [[String]], attributes: [String]? = nil, all: Bool = false,
    context: RequestContext = RequestContext()
  ) throws -> ReadReply {
    let names = attributes ?? type.schema.attributes.map(\.name)
    var request = ReadRequest(
      context: context, type: type.schema.type,
      wanted: wanted.map { ReadRequest.Wanted(identity: $0, attributes: names) }, wantsAll: all)
    asked = []
    for round in 0..<ReadRequest.maximumRounds {
      request.round = round
      // Through documents, as between processes: what a type keeps outside its state is lost.
      let reply = try ReadReply(document: type.read(ReadRequest(document: request.document)).document)
      if reply.queries.isEmpty { return reply }
      request.state = reply.state
      request.results = []
      for query in reply.queries {
        asked.append(query.sql)
        guard let answer = answers[query.sql] else {
          throw Failure(description: "\(type.schema.type) asks '\(query.sql)', which was not recorded")
        }
        request.results.append(answer)
      }
    }
    throw Failure(description: "\(type.schema.type) still asks after \(ReadRequest.maximumRounds) rounds")
  }
}
