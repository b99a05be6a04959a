import Configuration
import SnowmakerModel

/// YAML files and the expressions in them.
struct ConfigurationTarget: FuzzTarget {
  static let batchSize = 5_000

  private let yaml = TextMutation(Self.files, extra: Self.yamlWords)
  private let expressions = TextMutation(Self.templates, extra: Self.expressionWords)
  private(set) var accepted = 0

  private static let files = [
    "warehouses:\n  - name: etl\n    size: XSMALL\n    auto_suspend: 60\n    comment: \"a # b\"\n",
    "databases:\n  RAW: &base\n    owner: SYSADMIN\n    schemas: [A, B, {name: C}]\n  OTHER:\n    <<: *base\n",
    "a: |\n  block\n   text\nb: >-\n  folded\n  text\nc: 'it''s'\nd: \"\\u00e9\\n\"\n",
    "- 1\n- 0o17\n- 0x1F\n- 1.5e3\n- ~\n- yes\n",
    "# only a comment\n", "---\na: 1\n...\n---\nb: 2\n", "x: !!str 1\ny: !secret NAME\n? complex\n: value\n",
    "for_each: \"{{ var.list }}\"\nname: \"{{ each.value | upper }}_X\"\n", "a: {b: [c, {d: e}], f: \"g\"}\n",
  ]
  private static let yamlWords = [
    "\n", "\n  ", "\n    ", "- ", ": ", "&a ", "*a", "!secret ", "|", ">", ">-", "{", "}", "[", "]", "? ", "<<: *base",
    "\t",
    "...", "---", "%YAML 1.2", "\u{feff}", "\u{85}", "\u{2028}", "!!binary ", "!<tag:x> ", "'", "\"", "#", "null",
  ]
  private static let templates = [
    "{{ var.a }}", "{{ var.list[0].name | upper }}", "x {{ var.a ~ 'b' }} y {{- 1 + 2 * 3 -}} z",
    "{{ 'a' if var.flag else [1, 2, {'k': 'v'}] }}", "{{ var.text | replace('a', 'b') | trim | length }}",
    "{{ [x for x in var.list if x] }}", "{{ var.map.items() }}", "{{ not var.flag and 1 < 2 <= 3 or 'a' in 'abc' }}",
    "{{ range(10) | join(', ') }}", "{{ var.a | default('x', true) }}", "{# comment #}{{ var.text[1:2] }}",
    "{{ 7 // 2 }} {{ 7 % 3 }} {{ 2 ** 10 }} {{ -var.number }}", "{{ var.text.split(',') | map('upper') | list }}",
  ]
  private static let expressionWords = [
    "{{", "}}", "{%", "%}", "{#", "#}", "{{-", "-}}", "|", "~", "**", "//", "%", "if", "else", "for", "in", "not",
    "and",
    "or", "is", "none", "true", "[", "]", "(", ")", "{", "}", ",", ":", "var", "var.list", "var.missing", "each",
    "range(1000000000)", "'a' * 1000000", "9223372036854775807", "-9223372036854775808", "1e308", "0", "'", "\"", "\\",
    "round", "batch", "sort", "tojson", "split", "join", "replace", "format", "center", "[:-1]", "[::2]", "[::0]",
  ]
  private static let variables: [String: Value] = [
    "a": "text", "text": "a,b,é", "flag": true, "number": 7, "list": [["name": "x"], "y", 3, nil],
    "map": ["k": "v", "n": 1],
  ]

  mutating func begin(batch: Int) {}
  mutating func end() -> String? { nil }

  mutating func tryOne(_ numbers: inout Numbers, note: ([UInt8]) -> Void) -> String? {
    let isYAML = numbers.oneIn(2)
    let bytes = isYAML ? yaml.next(&numbers) : expressions.next(&numbers)
    note(bytes)
    let (taken, problem) =
      isYAML
      ? ConfigurationProbe.yaml(bytes)
      : ConfigurationProbe.template(String(decoding: bytes, as: UTF8.self), variables: Self.variables)
    if taken { accepted += 1 }
    return problem
  }
}
