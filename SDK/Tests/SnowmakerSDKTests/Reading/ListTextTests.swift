import SnowmakerSDK
import Testing

@Suite struct ListTextTests {
  @Test(arguments: [
    ("", []), ("[]", []), ("a,b", ["a", "b"]), ("[A, B]", ["A", "B"]), ("('a', 'b''c')", ["a", "b'c"]),
    (#"["x","y,z"]"#, ["x", "y,z"]), (#"["a\"b"]"#, [#"a"b"#]), ("('')", [""]),
    ("[a'b, it\"s]", ["a'b", "it\"s"]), ("['a' , 'b']", ["a", "b"]),
    (
      "10.0.0.0/8,192.168.1.0/24",
      ["10.0.0.0/8", "192.168.1.0/24"]
    ),
  ])
  func elements(text: String, expected: [String]) {
    #expect(ListText.elements(of: text) == expected)
  }
}

@Suite struct ObservedTextTests {
  func observed(_ text: String?, _ kind: AttributeKind) -> Value { AttributeSchema("a", kind).observed(text) }

  @Test func namesAreExact() {
    #expect(observed("LOADING", .identifier) == "LOADING")
    #expect(observed("my wh", .identifier) == "\"my wh\"")
    #expect(observed("lower", .identifier) == "\"lower\"")
  }

  @Test func spellingsOfTruth() {
    for text in ["true", "Y", "ON", "1"] { #expect(observed(text, .boolean) == true) }
    for text in ["false", "N", "OFF", "0"] { #expect(observed(text, .boolean) == false) }
  }

  @Test func theWordNullIsNoName() {
    #expect(observed("null", .identifier) == .null)
    #expect(observed("null", .text) == "null")
  }

  @Test func anUnknownWordIsKeptAsADifference() {
    #expect(observed("9X-Large", .enumeration(["XSMALL"])) == "9X-Large")
    #expect(observed("X-Small", .enumeration(["XSMALL"])) == "XSMALL")
  }
}
