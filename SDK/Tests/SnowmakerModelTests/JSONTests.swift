import Testing

@testable import SnowmakerModel

@Suite struct JSONTests {
  private func decode(_ text: String) throws -> Value { try JSON.decode(Array(text.utf8)) }

  private func failure(_ bytes: [UInt8]) -> JSON.Failure? {
    do throws(JSON.Failure) {
      _ = try JSON.decode(bytes)
      return nil
    } catch { return error }
  }

  private func failure(_ text: String) -> JSON.Failure? { failure(Array(text.utf8)) }

  @Test func writesEveryKindOfValueAndReadsItBack() throws {
    let value: Value = [
      "null": nil, "unknown": .unknown, "yes": true, "no": false, "least": .int(.min), "most": .int(.max),
      "half": .double(0.5), "whole": .double(3), "tiny": .double(.leastNonzeroMagnitude), "large": .double(1.7e308),
      "text": "quote \" backslash \\ newline \n tab \t bell \u{7} delete \u{7f} é 漢 🎿", "": "",
      "list": [1, [], ["deep": [:]]], "secret": .secret("env:PASSWORD"),
    ]
    #expect(try JSON.decode(JSON.encode(value)) == value)
    #expect(try JSON.decode(JSON.encode(value, pretty: true)) == value)
    #expect(try CBOR.decode(CBOR.encode(value)) == value)
  }

  @Test func writesCompactAndPrettyText() {
    let value: Value = ["name": "RAW", "tags": ["a", nil], "none": [], "size": .unknown]
    #expect(JSON.string(value) == #"{"name":"RAW","tags":["a",null],"none":[],"size":{"$unknown":true}}"#)
    #expect(
      JSON.string(value, pretty: true) == """
        {
          "name": "RAW",
          "tags": [
            "a",
            null
          ],
          "none": [],
          "size": {"$unknown": true}
        }
        """)
  }

  @Test func writesNumbersThatAreNotFiniteAsNull() {
    #expect(JSON.string([.double(.infinity), .double(.nan)]) == "[null,null]")
  }

  @Test func readsAnUnknownValueOnlyFromItsExactSpelling() throws {
    #expect(try decode(#" { "$unknown" : true } "#) == .unknown)
    #expect(try decode(#"{"$unknown":false}"#) == ["$unknown": false])
    #expect(try decode(#"{"$unknown":true,"x":1}"#) == ["$unknown": true, "x": 1])
  }

  @Test func readsWholeNumbersBeyond64BitsAsDoubles() throws {
    #expect(try decode("9223372036854775807") == .int(.max))
    #expect(try decode("-9223372036854775808") == .int(.min))
    #expect(try decode("9223372036854775808") == .double(9_223_372_036_854_775_808))
    #expect(try decode("1.0") == .double(1))
    #expect(try decode("1E2") == .double(100))
    #expect(try decode("-0.5e-1") == .double(-0.05))
  }

  @Test(arguments: ["01", "-", "1.", ".5", "+1", "1e", "0x10", "NaN", "Infinity", "1e999", "-01", "1_000"])
  func refusesNumbersThatJSONDoesNotHave(text: String) { #expect(failure(text) != nil) }

  @Test func readsEscapes() throws {
    #expect(try decode(#""\"\\\/\b\f\n\r\t\u00e9\ud83c\udfbf""#) == "\"\\/\u{8}\u{c}\n\r\té🎿")
  }

  @Test(arguments: [
    #""\ud83c""#, #""\udfbf""#, #""\ud83cx""#, #""\ud83c\u0041""#, #""\x41""#, #""\u12g4""#, #""\u12"#, "\"a\nb\"",
    "\"a\u{0}\"",
  ])
  func refusesWrongTexts(text: String) { #expect(failure(text) != nil) }

  @Test(
    arguments: [
      [0x22, 0xff, 0x22], [0x22, 0xc0, 0x80, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22],
      [0x22, 0x5c, 0x6e, 0xe2, 0x82, 0x22],
      [0xef, 0xbb, 0xbf, 0x31],
    ] as [[UInt8]])
  func refusesWhatIsNotUTF8(bytes: [UInt8]) { #expect(failure(bytes) != nil) }

  @Test func saysWhatIsWrongAndWhere() {
    #expect(failure("")?.description == "the document ends too early at byte 0")
    #expect(failure("[1,]")?.description == "unexpected byte 0x5d at byte 3")
    #expect(failure("[1 2]")?.description == "unexpected byte 0x32 at byte 3")
    #expect(failure("{\"a\":1,}")?.description == "unexpected byte 0x7d at byte 7")
    #expect(failure("{a:1}")?.description == "unexpected byte 0x61 at byte 1")
    #expect(failure("{\"a\"")?.description == "the document ends too early at byte 4")
    #expect(failure("nul")?.description == "the document ends too early at byte 3")
    #expect(failure("1 1")?.description == "more follows the document at byte 2")
    #expect(failure("\"abc")?.reason == .truncated)
    #expect(failure(#""\q""#)?.description == "not a valid text at byte 2")
  }

  @Test func limitsNestingLikeCBOR() throws {
    func nested(_ depth: Int) -> Value { (1..<depth).reduce([]) { value, _ in [value] } }
    let deepest = nested(JSON.maximumDepth)
    #expect(try JSON.decode(JSON.encode(deepest)) == deepest)
    #expect(try CBOR.decode(CBOR.encode(deepest)) == deepest)
    let tooDeep = nested(JSON.maximumDepth + 1)
    #expect(failure(JSON.encode(tooDeep))?.reason == .tooDeep)
    #expect(throws: CBOR.Failure.tooDeep) { try CBOR.decode(CBOR.encode(tooDeep)) }
    let unknownInside = (1..<JSON.maximumDepth).reduce(Value.unknown) { value, _ in [value] }
    #expect(try JSON.decode(JSON.encode(unknownInside)) == unknownInside)
    #expect(failure(String(repeating: "[", count: 100_000))?.reason == .tooDeep)
    #expect(failure(String(repeating: "{\"$unknown\":", count: 100_000))?.reason != nil)
  }
}
