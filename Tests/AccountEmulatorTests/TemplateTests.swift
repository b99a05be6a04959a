import SnowmakerModel
import Testing

@testable import AccountEmulator

@Suite struct TemplateTests {
  private static let values: [String: Value] = [
    "name": "sales", "size": "X-SMALL", "count": 3, "on": true,
    "teams": [
      ["name": "Finance", "days": 30, "sandbox": true], ["name": "HR", "days": 7, "sandbox": false], ["name": "IT"],
    ],
    "map": ["a": 1, "b": 2],
  ]

  private func render(_ source: String) throws -> String { try TemplateRenderer(values: Self.values).render(source) }

  private func failure(_ source: String) -> TemplateFailure? {
    do throws(TemplateFailure) {
      _ = try TemplateRenderer(values: Self.values).render(source)
      return nil
    } catch { return error }
  }

  @Test(arguments: [
    ("a {{ name }} b", "a sales b"), ("{{name|upper}}", "SALES"), ("{{ name.upper() ~ '_' ~ count }}", "SALES_3"),
    ("{{ count + 1 }} {{ count / 2 }} {{ count // 2 }} {{ -count % 2 }}", "4 1.5 1 1"),
    ("{{ on }} {{ [1, 'a'] }} {{ map }}", "True [1, 'a'] {'a': 1, 'b': 2}"),
    ("{{ 'yes' if on and count > 2 else 'no' }}", "yes"), ("{{ missing | default('x') }}", "x"),
    ("{{ missing is defined }} {{ name is not none }}", "False True"),
    ("{{ teams[0].name }} {{ map['b'] }}", "Finance 2"),
    ("{{ teams | map(attribute='name') | join(', ') }}", "Finance, HR, IT"),
    ("{# gone #}{% raw %}{{ x }}{% endraw %}", "{{ x }}"),
    (
      "{% for t in teams %}{{ loop.index }}{{ t.name | upper }}{% if not loop.last %},{% endif %}{% endfor %}",
      "1FINANCE,2HR,3IT"
    ),
    ("{% for t in teams if t.sandbox | default(false) %}{{ t.name }}{% else %}none{% endfor %}", "Finance"),
    ("{% for k, v in map.items() %}{{ k }}={{ v }};{% endfor %}", "a=1;b=2;"),
    ("{% set x = 'a' %}{% for i in range(2) %}{% set x = 'b' %}{% endfor %}{{ x }}", "a"),
    ("{% set y %}[{{ name }}]{% endset %}{{ y }}", "[sales]"),
    ("a  {%- if on -%}  b  {%- endif %} c", "ab c"),
    ("{% macro m(a, b='2') %}{{ a }}{{ b }}{% endmacro %}{{ m('1') }}{{ m('1', b='3') }}", "1213"),
    ("{% if count == 1 %}one{% elif count in [2, 3] %}few{% else %}many{% endif %}", "few"),
    ("{{ 'it''s' if false else \"it's\" }}", "it's"), ("{{ 'a}}b' }}", "a}}b"),
  ])
  func languageOfDefinitions(_ source: String, _ expected: String) throws {
    #expect(try render(source) == expected)
  }

  @Test(arguments: [
    ("a\n{{ nope }}", "'nope' is undefined", 2), ("{{ name", "not closed", 1), ("{% for t in teams %}", "endfor", 1),
    ("{% endif %}", "unexpected", 1), ("{% include 'x' %}", "include", 1), ("{{ name | rot13 }}", "rot13", 1),
    ("\n\n{{ count / 0 }}", "zero", 3), ("{{ f() }}", "'f'", 1), ("{{ teams[9].name }}", "undefined", 1),
    ("{% for i in range(100000) %}{% for j in range(100000) %}x{% endfor %}{% endfor %}", "too", 1),
    ("{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}", "deeply", 1), ("{{ range(9999999) }}", "too large", 1),
    ("{% for a, b in teams %}{% endfor %}", "names", 1), ("{{ 1 < 'a' }}", "no order", 1),
  ])
  func whatCannotBeRendered(_ source: String, _ part: String, _ line: Int) {
    let failure = failure(source)
    #expect(failure?.message.contains(part) == true, "\(failure?.message ?? "it was rendered")")
    #expect(failure?.line == line)
  }
}
