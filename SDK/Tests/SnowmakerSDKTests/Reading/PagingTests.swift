import SnowmakerSDK
import Testing

/// Objects of the account beyond the 10,000 rows that SHOW answers.
@Suite struct PagingTests {
  struct Unit: ObjectType {
    let schema: TypeSchema = {
      var schema = TypeSchema(
        "unit", plural: "units", sqlName: "UNIT", identity: [.name], attributes: [.objectName, .owner, .comment])
      schema.reads = [ReadGroup("show", "SHOW UNITS", per: .account, shape: .rows)]
      return schema
    }()
  }

  /// An account with so many units, that cuts, or refuses to answer more than 10,000.
  struct Account {
    var count: Int
    var refuses = false
    /// SHOW of this type knows no LIMIT.
    var takesLimit = true

    func answer(_ query: ReadQuery) -> ReadResult {
      var names = (0..<count).map { number -> String in
        let digits = String(number)
        return "U" + String(repeating: "0", count: 6 - digits.count) + digits
      }
      if query.sql.contains(" LIMIT "), !takesLimit {
        return ReadResult(sql: query.sql, failure: .init(code: "001003", message: "syntax error"))
      }
      if let from = query.sql.firstRange(of: "FROM '")?.upperBound {
        let name = String(query.sql[from...].dropLast())
        names.removeAll { $0 <= name }
      }
      if refuses, !query.sql.contains(" LIMIT "), names.count > 10_000 {
        return ReadResult(sql: query.sql, failure: .init(code: "090153", message: "too many"), isCut: true)
      }
      let rows = names.prefix(10_000).map { [Value.string($0), .string("c")] }
      return ReadResult(
        sql: query.sql, columns: ["name", "comment"], rows: rows, isCut: rows.count >= query.rowLimit ?? .max)
    }
  }

  private func read(_ account: Account) throws -> (reply: ReadReply, sent: [String]) {
    let reader = SchemaReader(Unit())
    var request = ReadRequest(type: "unit", wanted: [], wantsAll: true, round: 0, results: [], state: .null)
    var sent: [String] = []
    while true {
      let reply = try reader.read(request)
      if reply.queries.isEmpty { return (reply, sent) }
      sent += reply.queries.map(\.sql)
      request.round += 1
      request.results = reply.queries.map(account.answer)
      request.state = reply.state
    }
  }

  @Test func whatIsCutIsReadOnFromTheLastNameAndNothingIsReadTwice() throws {
    let (reply, sent) = try read(Account(count: 25_000))
    #expect(sent == ["SHOW UNITS", "SHOW UNITS LIMIT 10000 FROM 'U009998'", "SHOW UNITS LIMIT 10000 FROM 'U019997'"])
    #expect(reply.partial == nil && reply.observed.count == 25_000)
    #expect(Set(reply.observed.map(\.identity)).count == 25_000)
  }

  @Test func anAccountThatRefusesIsAskedInPages() throws {
    let (reply, sent) = try read(Account(count: 10_001, refuses: true))
    #expect(sent == ["SHOW UNITS", "SHOW UNITS LIMIT 10000", "SHOW UNITS LIMIT 10000 FROM 'U009998'"])
    #expect(reply.partial == nil && reply.observed.count == 10_001)
  }

  @Test func exactlyFullIsNotMissingAnything() throws {
    let (reply, sent) = try read(Account(count: 10_000))
    #expect(sent.count == 2 && reply.partial == nil && reply.observed.count == 10_000)
    #expect(try read(Account(count: 9_999)).sent == ["SHOW UNITS"])
  }

  @Test func whatCannotBePagedIsIncomplete() throws {
    let (reply, _) = try read(Account(count: 10_001, takesLimit: false))
    #expect(reply.partial?.contains("syntax error") == true && reply.observed.count == 10_000)
    let refused = try read(Account(count: 10_001, refuses: true, takesLimit: false))
    #expect(refused.reply.partial != nil && refused.reply.observed.isEmpty)
    let endless = try read(Account(count: 200_000))
    #expect(endless.reply.partial?.contains("was cut") == true, "more pages than rounds")
  }

  /// Something in a schema of which several may share a name, as overloads do.
  struct Piece: ObjectType {
    let schema: TypeSchema = {
      var schema = TypeSchema(
        "piece", plural: "pieces", sqlName: "PIECE", identity: [.database, .schema, .name],
        attributes: [.databaseName, .schemaName, .objectName, .comment])
      schema.reads = [
        ReadGroup(
          "show", "SHOW PIECES IN ACCOUNT", per: .account, shape: .rows,
          keyColumns: ["database_name", "schema_name", "name"])
      ]
      return schema
    }()
  }

  @Test func aSchemaWithTooManyIsReadOnWithinItself() throws {
    let reader = SchemaReader(Piece())
    var request = ReadRequest(
      type: "piece", wanted: [.init(identity: ["D", "S", "LAST"], attributes: [])], wantsAll: true)
    // The last two of the first page share a name with the first of what is missing.
    let first = (0..<9_998).map { "N\(10_000 + $0)" } + ["TWICE", "TWICE"]
    var sent: [String] = []
    while true {
      let reply = try reader.read(request)
      guard !reply.queries.isEmpty else {
        #expect(reply.partial == nil && reply.unseen.isEmpty)
        #expect(Set(reply.observed.map(\.identity)).count == 10_000 && reply.observed.last?.identity[2] == "LAST")
        break
      }
      sent += reply.queries.map(\.sql)
      request.round += 1
      request.results = reply.queries.map { query in
        let names = query.sql.contains(" FROM ") ? ["TWICE", "TWICE", "TWICE", "LAST"] : first
        return ReadResult(
          sql: query.sql, columns: ["database_name", "schema_name", "name", "comment"],
          rows: names.map { ["D", "S", .string($0), .null] }, isCut: names.count == 10_000)
      }
      request.state = reply.state
    }
    #expect(
      sent == [
        "SHOW PIECES IN ACCOUNT", "SHOW PIECES IN DATABASE D", "SHOW PIECES IN SCHEMA D.S",
        "SHOW PIECES IN SCHEMA D.S LIMIT 10000 FROM 'N19997'",
      ])
  }
}
