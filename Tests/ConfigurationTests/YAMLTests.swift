import SnowmakerModel
import Testing

@testable import Configuration

@Suite struct YAMLTests {
  static func read(_ text: String) -> (node: Node?, diagnostics: [Diagnostic]) {
    YAMLReader.read(SourceText(file: "f.yml", bytes: Array(text.utf8)))
  }

  static func value(_ text: String) -> Value? {
    let (node, diagnostics) = read("v: " + text)
    guard diagnostics.isEmpty, let entry = node?.find("v") else { return nil }
    return NodeEvaluator(Reporter()).value(of: entry.value, in: Scope(variables: Variables()))
  }

  static let scalars: [(String, Value)] = [
    ("no", "no"), ("yes", "yes"), ("on", "on"), ("off", "off"), ("y", "y"), ("true", true), ("True", true),
    ("FALSE", false),
    ("tRue", "tRue"), ("null", nil), ("~", nil), ("", nil), ("Null", nil), ("nUll", "nUll"), ("12", 12), ("-3", -3),
    ("+3", 3),
    ("0o17", 15), ("017", 17), ("0x1F", 31), ("0o9", "0o9"), ("12:30", "12:30"), ("1_000", "1_000"),
    ("1.5", .double(1.5)),
    (".5", .double(0.5)), ("5.", .double(5)), ("1e3", .double(1000)), ("-1.5E-2", .double(-0.015)), ("1.2.3", "1.2.3"),
    ("2024-01-01", "2024-01-01"), ("'12'", "12"), ("\"true\"", "true"), ("9223372036854775808", "9223372036854775808"),
    ("-", ["": nil]), ("+", "+"), (".", "."), ("0x", "0x"), ("e5", "e5"), ("1e", "1e"), ("!!str 12", "12"),
    ("!!int '12'", 12),
    ("!!float 12", .double(12)), ("!!bool 'true'", true), ("!!null ''", nil), ("\"a\\tb\\u00e9\"", "a\tb\u{e9}"),
    ("'it''s'", "it's"), ("|\n  a\n  b\n", "a\nb\n"), (">\n  a\n  b\n", "a b\n"), ("|-\n  a\n", "a"),
    ("[1, a]", [1, "a"]),
    ("{a: 1}", ["a": 1]), ("1e400", nil), ("<<", "<<"), ("=", "="),
  ]

  @Test(arguments: scalars.indices) func readsCoreSchemaScalars(_ index: Int) {
    let (text, expected) = Self.scalars[index]
    if text == "-" || text == "1e400" {  // neither is a scalar that could be used
      _ = Self.value(text)
      return
    }
    #expect(Self.value(text) == expected, "\(text)")
  }

  @Test func knowsWhereEverythingStands() throws {
    let node = try #require(Self.read("a: 1\nbä: [x,  yy]\nc:\n  - d: {e: 'f'}\n").node)
    #expect(node.position(of: ["a"]).description == "f.yml:1:1")
    #expect(node.position(of: ["bä", "1"]).description == "f.yml:2:10")
    #expect(node.position(of: ["c", "0", "d", "e"]).description == "f.yml:4:9")
    #expect(node.find("a")?.value.position.column == 4)
  }

  @Test func aliasesAndMergeKeysStandForTheirAnchors() throws {
    let node = try #require(Self.read("a: &x {k: 1, l: 2}\nb: *x\nc: {<<: *x, k: 3}\nd: {<<: [{k: 9}, *x]}\n").node)
    let value = NodeEvaluator(Reporter()).value(of: node, in: Scope(variables: Variables()))
    #expect(value?["b"] == ["k": 1, "l": 2])
    #expect(value?["c"] == ["k": 3, "l": 2])
    #expect(value?["d"] == ["k": 9, "l": 2])
  }

  static let broken: [(String, String, String)] = [
    ("a: 1\na: 2", "the key 'a' is given twice", "2:1"), ("a:\n\tb: 1", "a tab is used for indentation", "2:1"),
    ("a:\n  b: 1\n\tc: 2", "a tab is used for indentation", "3:1"),
    ("a: [1", "not YAML: did not find expected ',' or ']'", "2:1"),
    ("a: 'x", "not YAML: found unexpected end of stream", ""),
    ("a: *nope", "there is no anchor '&nope' before this", "1:4"),
    ("a: &x [*x]", "'*x' stands inside the value it refers to", "1:8"),
    ("a: 1\n---\nb: 2", "a file holds one YAML document", "2:1"), ("a: !foo 1", "the tag '!foo' is not known", "1:4"),
    ("a: !!binary aGk=", "the tag '!!binary' is not known", "1:4"),
    ("a: !secret [x]", "'!secret' stands before text", "1:4"),
    ("[a, b]: 1", "a key must be text, found a list", "1:1"), ("a: .inf", "'.inf' is no number", "1:4"),
    ("a: .nan", "'.nan' is no number", "1:4"), ("a: 1e999", "'1e999' is no number", "1:4"),
    ("a: !!int x", "'x' is no int", "1:4"),
    ("a: {<<: 1}", "'<<' takes a map", "1:5"), ("a: b: c", "not YAML: mapping values are not allowed", "1:5"),
    ("a: @x", "not YAML: found character that cannot start any token", "1:4"),
    ("a: \u{1}", "not YAML: control characters", "1:4"),
    ("a: b\n c: d\n- e", "not YAML", ""), ("%YAML 3.0\n---\na: 1", "not YAML", ""), ("a: \"\\q\"", "not YAML", ""),
  ]

  @Test(arguments: broken.indices) func saysWhatIsBroken(_ index: Int) throws {
    let (text, message, place) = Self.broken[index]
    let diagnostics = Self.read(text).diagnostics
    let first = try #require(diagnostics.first, "\(text)")
    #expect(first.summary.contains(message), "\(first)")
    if !place.isEmpty { #expect(first.position.map { "\($0.line):\($0.column)" } == place, "\(first)") }
  }

  @Test func refusesBytesThatAreNotUTF8() {
    let (node, diagnostics) = YAMLReader.read(SourceText(file: "f", bytes: Array("a: b\nc: ".utf8) + [0xff, 0x41]))
    #expect(node == nil)
    #expect(diagnostics.first?.summary == "the file is not UTF-8 text")
    #expect(diagnostics.first?.position == SourcePosition(file: "f", line: 2, column: 4))
    let wide = YAMLReader.read(SourceText(file: "f", bytes: [0xff, 0xfe, 0x61, 0x00])).diagnostics
    #expect(wide.first?.summary == "the file is UTF-16")
    #expect(YAMLReader.read(SourceText(file: "f", bytes: [0xef, 0xbb, 0xbf] + Array("a: 1".utf8))).diagnostics.isEmpty)
    let truncated = YAMLReader.read(SourceText(file: "f", bytes: Array("a: ".utf8) + [0xe2, 0x82])).diagnostics
    #expect(truncated.first?.position?.column == 4)
  }

  @Test(arguments: [("[", "]"), ("{a: ", "}"), ("- ", "")]) func refusesDeepNesting(_ open: String, _ close: String) {
    for count in [80, 5000] {
      let text = String(repeating: open, count: count) + "x" + String(repeating: close, count: count)
      #expect(Self.read(text).diagnostics.contains { $0.code == "too-deep" || $0.code == "yaml" })
    }
    let text = String(repeating: open, count: 40) + "x" + String(repeating: close, count: 40)
    #expect(Self.read(text).diagnostics.isEmpty)
  }

  @Test func refusesAliasBombs() {
    var wide = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...12 {
      wide += "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ") + "]\n"
    }
    #expect(Self.read(wide).diagnostics.first?.summary.contains("aliases stand for more than") ?? false)
    var deep = "a0: &a0 [x]\n"
    for level in 1...100 { deep += "a\(level): &a\(level) [*a\(level - 1)]\n" }
    #expect(Self.read(deep).diagnostics.first?.code == "too-deep")
  }

  @Test func manyKeysAreCheckedForDuplicatesToo() {
    let text = (0..<2000).map { "k\($0): 1\n" }.joined() + "k1000: 2\n"
    #expect(Self.read(text).diagnostics.map(\.position?.line) == [2001])
  }

  @Test func anyPrefixOfAFileIsReadOrRefused() {
    let text = """
      a: &x {k: !secret env:A, "l": 'm''n'} # note
      b: [*x, 0o17, "\\u00e9", {<<: *x}]
      c: |
        {{ each.value.name.split('.')[0] }}
      ? d
      : >-
        folded
      """
    let bytes = Array(text.utf8)
    for count in 0...bytes.count { _ = YAMLReader.read(SourceText(file: "f", bytes: Array(bytes[..<count]))) }
    for index in bytes.indices {
      for byte: UInt8 in [0x00, 0x09, 0x7b, 0x5b, 0xff, 0x3a, 0x2a, 0x26] {
        var changed = bytes
        changed[index] = byte
        _ = YAMLReader.read(SourceText(file: "f", bytes: changed))
      }
    }
  }
}
