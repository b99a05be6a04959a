import Testing

@testable import SnowflakeClient

private func tree(_ text: String) throws -> JSONValue {
  var bytes = Array(text.utf8)
  return try JSONReader.read(&bytes) { (reader) throws(JSONError) in try reader.value() }
}

private func rows(_ text: String) throws -> [[String?]] {
  var bytes = Array(text.utf8)
  let rows = try JSONReader.read(&bytes) { (reader) throws(JSONError) in
    var rows = JSONRows()
    try rows.readRowset(&reader)
    return rows
  }
  let batch = ResultBatch(bytes: bytes, rows: rows)
  return (0..<batch.rowCount).map { row in (0..<batch.columnCount).map { batch[row, $0] } }
}

@Suite struct JSONTests {
  @Test func valuesOfEveryKindAreRead() throws {
    let value = try tree(" {\"a\":[1,-2.5e+3,true,false,null,\"x\"],\"b\":{},\"c\":[]} \n")
    #expect(
      value
        == .object([
          .init("a", .array([.number("1"), .number("-2.5e+3"), .bool(true), .bool(false), .null, .string("x")])),
          .init("b", .object([])), .init("c", .array([])),
        ]))
  }

  @Test(arguments: [
    ("\"\"", ""), ("\"a\\nb\\t\\\"\\\\\\/\\b\\f\\r\"", "a\nb\t\"\\/\u{8}\u{C}\r"), ("\"\\u00e9\\u20AC\"", "é€"),
    ("\"\\ud83d\\ude00!\"", "😀!"), ("\"\\ud83d\"", "\u{FFFD}"), ("\"\\ud83dx\"", "\u{FFFD}x"),
    ("\"\\ud83d\\n\"", "\u{FFFD}\n"), ("\"\\ud83d\\ud83d\\ude00\"", "\u{FFFD}😀"), ("\"\\u0000\"", "\0"),
    (
      "\"plain text longer than eight bytes, then \\\\ and more of it\"",
      "plain text longer than eight bytes, then \\ and more of it"
    ),
    ("\"日本語のとても長い文字列\"", "日本語のとても長い文字列"),
  ])
  func stringsAreDecoded(_ text: String, _ expected: String) throws {
    #expect(try tree(text) == .string(expected))
  }

  @Test(arguments: 0..<24)
  func escapesAtEveryOffsetAreDecoded(_ offset: Int) throws {
    let pad = String(repeating: "p", count: offset)
    #expect(try tree("\"\(pad)\\n\(pad)\\u0041\"") == .string("\(pad)\n\(pad)A"))
  }

  @Test(arguments: [
    "", " ", "{", "[1,", "{\"a\"", "{\"a\":", "\"abc", "\"abc\\", "\"\\u12", "tru", "nul", "-", "1.", "1e", "[[\"a\"",
    "\"0123456789",
  ])
  func whatEndsTooEarlySaysSo(_ text: String) {
    let error = #expect(throws: JSONError.self) { try tree(text) }
    #expect(error?.isTruncated == true)
  }

  @Test(arguments: [
    "x", "{a:1}", "[1 2]", "{\"a\" 1}", "{\"a\":1,}", "[1,]", "\"\\x\"", "\"\\uZZZZ\"", "01x", "1 2", "\"a\u{1}b\"",
    "nulL", "+1",
    "<html>",
  ])
  func whatIsNotJSONIsRefused(_ text: String) {
    let error = #expect(throws: JSONError.self) { try tree(text) }
    #expect(error?.isTruncated == false)
  }

  @Test func deepNestingIsRefusedNotACrash() {
    let error = #expect(throws: JSONError.self) { try tree(String(repeating: "[", count: 100_000)) }
    #expect(error?.reason.contains("deeper") == true)
    #expect(throws: JSONError.self) { try tree(String(repeating: "{\"a\":", count: 100_000)) }
  }

  @Test func rowsKeepTextNullAndOtherValues() throws {
    #expect(try rows("[]") == [])
    #expect(try rows("null") == [])
    #expect(try rows("[[\"a\",null],[\"\\u0062\",\"\"],[1.50,true]]") == [["a", nil], ["b", ""], ["1.50", "true"]])
    #expect(try rows("[ [ \"a\" ] , [ null ] ]") == [["a"], [nil]])
  }

  @Test(arguments: [
    "[[\"a\"],[\"a\",\"b\"]]", "[[\"a\"],[]]", "[\"a\"]", "[[\"a\"]", "[[\"a\"],]", "[[,]]", "[[nothing]]",
  ])
  func brokenRowsAreRefused(_ text: String) {
    #expect(throws: JSONError.self) { try rows(text) }
  }

  @Test func everyPrefixOfAnAnswerIsRefusedWithoutACrash() throws {
    let text = Array(Answers.rowsText(["A", "B"], "[[\"x\\u00e9\\\\\",null],[\"1\",\"2\"]]").utf8)
    for length in 0..<text.count {
      var part = Array(text[..<length])
      let error = #expect(throws: JSONError.self) { try StatementAnswer.read(&part) }
      #expect(error?.isTruncated == true)
    }
    var whole = text
    #expect(try StatementAnswer.read(&whole).rows.rowCount == 2)
  }

  @Test func damagedAnswersNeverCrash() throws {
    let text = Array(Answers.rowsText(["A", "B"], "[[\"x\\u00e9\\\\\",null],[\"1\",\"2\"]]").utf8)
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<3000 {
      var bytes = text
      for _ in 0..<3 {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      }
      guard let answer = try? StatementAnswer.read(&bytes) else { continue }
      let batch = ResultBatch(bytes: bytes, rows: answer.rows)
      for row in 0..<batch.rowCount { for column in 0..<batch.columnCount { _ = batch[row, column] } }
    }
  }

  @Test func whatIsWrittenCanBeReadBack() throws {
    let value = JSONValue.object([
      .init("k\"\\\n\u{1}é😀", .array([.integer(-5), .string(""), .bool(true), .null, .number("1e400")]))
    ])
    #expect(try tree(String(decoding: value.encoded, as: UTF8.self)) == value)
  }

  @Test func gzipGoesBothWaysAndStopsAtTheLimit() throws {
    let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
    let packed = try #require(Gzip.compress(bytes))
    #expect(Gzip.isCompressed(packed))
    #expect(Gzip.decompress(packed, limit: 1 << 20) == bytes)
    #expect(Gzip.decompress(packed + packed, limit: 1 << 20) == bytes + bytes)
    #expect(Gzip.decompress(packed, limit: 1000) == nil)
    #expect(Gzip.decompress(Array(packed.dropLast(10)), limit: 1 << 20) == nil)
  }
}
