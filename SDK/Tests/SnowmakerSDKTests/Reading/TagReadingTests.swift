import SnowmakerSDK
import Testing

@Suite struct TagReadingTests {
  private let reader = SchemaReader(Sample())
  private let wanted = [
    ReadRequest.Wanted(
      identity: ["RAW", "A"], attributes: ["tags"],
      declared: ["tags": ["D.S.COST": "x", "D.S.\"p'i\"": .null]]),
    ReadRequest.Wanted(identity: ["RAW", "B"], attributes: ["size"], declared: ["size": "SMALL"]),
    ReadRequest.Wanted(identity: ["RAW", "C"], attributes: ["tags"]),
  ]
  private let both =
    #"SELECT SYSTEM$GET_TAG('D.S.COST', 'RAW.A', 'SAMPLE'), SYSTEM$GET_TAG('D.S."p''i"', 'RAW.A', 'SAMPLE')"#

  private func ask(_ round: Int, after reply: ReadReply, _ results: [ReadResult]) throws -> ReadReply {
    let reply = try ReadReply(document: reply.document)
    return try reader.read(
      ReadRequest(type: "sample", wanted: wanted, round: round, results: results, state: reply.state))
  }

  /// The reply after the objects themselves were read.
  private func begun() throws -> ReadReply {
    let first = try reader.read(ReadRequest(type: "sample", wanted: wanted))
    let rows: [[Value]] = ["A", "B", "C"].map { ["RAW", .string($0), "Small", "", "SYSADMIN", "2026-01-01"] }
    return try ask(
      1, after: first,
      [
        ReadResult(
          sql: first.queries[0].sql, columns: ["database_name", "name", "size", "comment", "owner", "created_on"],
          rows: rows)
      ])
  }

  private func missing(_ sql: String, _ what: String) -> ReadResult {
    ReadResult(
      sql: sql,
      failure: .init(code: "002003", message: "SQL compilation error:\n\(what) does not exist or not authorized."))
  }

  @Test func oneStatementForEachObjectThatDeclaresTags() throws {
    let asked = try begun()
    #expect(asked.queries.map(\.sql) == [both])
    #expect(asked.queries[0].costClass == "SELECT SYSTEM$GET_TAG")
    let read = try ask(2, after: asked, [ReadResult(sql: both, columns: ["a", "b"], rows: [["x", .null]])])
    #expect(read.queries.isEmpty)
    #expect(
      read.observed.first { $0.identity[1] == "A" }?.attributes["tags"] == ["D.S.\"p'i\"": .null, "D.S.COST": "x"])
    #expect(read.observed.first { $0.identity[1] == "C" }?.attributes.find("tags") == nil)
  }

  @Test func aTagThatDoesNotExistYetLeavesTheOthersReadable() throws {
    let asked = try begun()
    let again = try ask(2, after: asked, [missing(both, "Tag 'D.S.\"p'i\"'")])
    #expect(again.queries.count == 2)
    let read = try ask(
      3, after: again,
      [
        ReadResult(sql: again.queries[0].sql, columns: ["a"], rows: [["x"]]),
        missing(again.queries[1].sql, "Tag 'D.S.\"p'i\"'"),
      ])
    #expect(read.queries.isEmpty && read.unseen.isEmpty)
    #expect(
      read.observed.first { $0.identity[1] == "A" }?.attributes["tags"] == ["D.S.\"p'i\"": .null, "D.S.COST": "x"])
  }

  @Test func anObjectThatMayNotBeLookedAtIsUnseen() throws {
    let asked = try begun()
    let read = try ask(2, after: asked, [missing(both, "Sample 'RAW.A'")])
    #expect(read.queries.isEmpty)
    #expect(read.unseen.map(\.identity) == [["RAW", "A"]])
  }
}
