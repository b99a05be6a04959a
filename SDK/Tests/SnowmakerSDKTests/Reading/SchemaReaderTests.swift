import SnowmakerSDK
import Testing

@Suite struct SchemaReaderTests {
  let reader = SchemaReader(Sample())

  func request(_ wanted: [ReadRequest.Wanted], round: Int, after reply: ReadReply? = nil, results: [ReadResult] = [])
    -> ReadRequest
  {
    ReadRequest(type: "sample", wanted: wanted, round: round, results: results, state: reply?.state ?? .null)
  }

  func row(_ database: String, _ name: String, _ size: String, comment: String = "") -> [Value] {
    [.string(database), .string(name), .string(size), .string(comment), "SYSADMIN", "2026-01-01"]
  }

  let columns = ["database_name", "name", "size", "comment", "owner", "created_on"]

  @Test func readsInBulkAndKeepsWhatIsWanted() throws {
    let wanted = [ReadRequest.Wanted(identity: ["RAW", "A"], attributes: ["size"])]
    let first = try reader.read(request(wanted, round: 0))
    #expect(first.queries.map(\.sql) == ["SHOW SAMPLE THINGS IN ACCOUNT"])
    let answer = ReadResult(
      sql: first.queries[0].sql, columns: columns, rows: [row("RAW", "A", "X-Small"), row("RAW", "other", "Small")])
    let second = try reader.read(request(wanted, round: 1, after: first, results: [answer]))
    #expect(second.queries.isEmpty)
    #expect(second.observed.map(\.identity) == [["RAW", "A"]])
    #expect(second.observed[0].attributes["size"] == "XSMALL")
    #expect(second.observed[0].attributes["comment"] == .null)
    #expect(second.observed[0].owner == "SYSADMIN")
    #expect(second.observed[0].attributes.find("hosts") == nil)
  }

  @Test func asksPerObjectOnlyWhereItMattersAndTheObjectExists() throws {
    let wanted = [
      ReadRequest.Wanted(identity: ["RAW", "A"], attributes: ["level"]),
      ReadRequest.Wanted(identity: ["RAW", "B"], attributes: ["size"]),
      ReadRequest.Wanted(identity: ["RAW", "GONE"], attributes: ["level"]),
    ]
    let first = try reader.read(request(wanted, round: 0))
    let bulk = ReadResult(
      sql: first.queries[0].sql, columns: columns, rows: [row("RAW", "A", "Small"), row("RAW", "B", "Small")])
    let second = try reader.read(request(wanted, round: 1, after: first, results: [bulk]))
    #expect(second.queries.map(\.sql) == ["SHOW PARAMETERS IN SAMPLE THING RAW.A"])
    let parameters = ReadResult(
      sql: second.queries[0].sql, columns: ["key", "value", "default", "level"],
      rows: [["LEVEL", "7", "1", "SAMPLE THING"]])
    let third = try reader.read(request(wanted, round: 2, after: second, results: [parameters]))
    #expect(third.queries.isEmpty)
    #expect(third.observed.first { $0.identity == ["RAW", "A"] }?.attributes["level"] == 7)
    #expect(third.observed.count == 2)
  }

  @Test func anInheritedParameterIsNotSet() throws {
    let wanted = [ReadRequest.Wanted(identity: ["RAW", "A"], attributes: ["level"])]
    let first = try reader.read(request(wanted, round: 0))
    let bulk = ReadResult(sql: first.queries[0].sql, columns: columns, rows: [row("RAW", "A", "Small")])
    let second = try reader.read(request(wanted, round: 1, after: first, results: [bulk]))
    let parameters = ReadResult(
      sql: second.queries[0].sql, columns: ["key", "value", "default", "level"], rows: [["LEVEL", "7", "1", "ACCOUNT"]])
    let third = try reader.read(request(wanted, round: 2, after: second, results: [parameters]))
    #expect(third.observed[0].attributes.find("level") == .null)
  }

  @Test func aCutAnswerIsSplitByDatabaseInUse() throws {
    let wanted = [
      ReadRequest.Wanted(identity: ["RAW", "A"], attributes: []),
      ReadRequest.Wanted(identity: ["MART", "B"], attributes: []),
    ]
    let first = try reader.read(request(wanted, round: 0))
    let cut = ReadResult(sql: first.queries[0].sql, columns: columns, rows: [row("RAW", "A", "Small")], isCut: true)
    let second = try reader.read(request(wanted, round: 1, after: first, results: [cut]))
    #expect(
      second.queries.map(\.sql) == ["SHOW SAMPLE THINGS IN DATABASE RAW", "SHOW SAMPLE THINGS IN DATABASE MART"])
    let answers = [
      ReadResult(sql: second.queries[0].sql, columns: columns, rows: [row("RAW", "A", "Small")]),
      ReadResult(sql: second.queries[1].sql, columns: columns, rows: [row("MART", "B", "Small")], isCut: true),
    ]
    let third = try reader.read(request(wanted, round: 2, after: second, results: answers))
    #expect(third.observed.map(\.identity) == [["RAW", "A"], ["MART", "B"]])
    #expect(third.partial == "SHOW SAMPLE THINGS IN DATABASE MART was cut at its row limit")
  }

  @Test func aFailedBulkReadProvesNothing() throws {
    let wanted = [ReadRequest.Wanted(identity: ["RAW", "A"], attributes: [])]
    let first = try reader.read(request(wanted, round: 0))
    let failed = ReadResult(
      sql: first.queries[0].sql, failure: .init(code: "003001", message: "Insufficient privileges"))
    let second = try reader.read(request(wanted, round: 1, after: first, results: [failed]))
    #expect(second.observed.isEmpty)
    #expect(second.partial == "SHOW SAMPLE THINGS IN ACCOUNT failed: Insufficient privileges (003001)")
  }

  @Test func anAnswerWithoutTheNamingColumnIsAnError() throws {
    let wanted = [ReadRequest.Wanted(identity: ["RAW", "A"], attributes: [])]
    let first = try reader.read(request(wanted, round: 0))
    let strange = ReadResult(sql: first.queries[0].sql, columns: ["x"], rows: [["y"]])
    #expect(throws: Diagnostic.self) { try reader.read(request(wanted, round: 1, after: first, results: [strange])) }
  }

  @Test func theDatabaseOfAStatementPerDatabaseIsPartOfTheName() throws {
    struct Inner: ObjectType {
      let schema: TypeSchema = {
        var schema = TypeSchema(
          "inner", plural: "inners", sqlName: "INNER", identity: [.database, .name],
          attributes: [.databaseName, .objectName, .comment])
        schema.reads = [
          ReadGroup("show", "SHOW INNERS IN DATABASE {name}", per: .database, shape: .rows, keyColumns: ["", "name"])
        ]
        return schema
      }()
    }
    let wanted = ["A", "B", "\"c d\"", "E"].flatMap { database in
      ["X", "Y"].map { ReadRequest.Wanted(identity: [database, $0], attributes: ["comment"]) }
    }
    let first = try SchemaReader(Inner()).read(ReadRequest(type: "inner", wanted: wanted))
    #expect(first.queries.map(\.sql) == ["A", "B", "\"c d\"", "E"].map { "SHOW INNERS IN DATABASE \($0)" })
    func answer(_ index: Int, isCut: Bool = false, failure: ReadResult.Failure? = nil) -> ReadResult {
      ReadResult(
        sql: first.queries[index].sql, columns: ["name", "comment"], rows: failure == nil ? [["X", "c"]] : [],
        failure: failure, isCut: isCut)
    }
    let reply = try SchemaReader(Inner()).read(
      ReadRequest(
        type: "inner", wanted: wanted, round: 1,
        results: [
          answer(0), answer(1, failure: .init(code: "002003", message: "gone")), answer(2, isCut: true),
          answer(3, failure: .init(code: "000001", message: "odd")),
        ], state: first.state))
    #expect(reply.partial == nil)
    #expect(reply.observed.map(\.identity) == [["A", "X"], ["\"c d\"", "X"]])
    #expect(reply.unseen.map(\.identity) == [["\"c d\"", "Y"], ["E", "X"], ["E", "Y"]])
  }
}
