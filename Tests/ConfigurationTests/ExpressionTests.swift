import SnowmakerModel
import Testing

@testable import Configuration

@Suite struct ExpressionTests {
  static var variables: Variables {
    Variables([
      "n": 7, "s": "Hello World", "l": ["b", "a", "c", "a"], "m": ["name": "X", "size": 3, "none": nil], "empty": [],
      "people": [["name": "bo", "age": 3], ["name": "al", "age": 5], ["name": "cy"]], "t": true,
      "secret": .secret("env:X"),
    ])
  }

  static func evaluate(_ text: String, each: Value = ["name": "RAW.SALES", "auto": 60]) throws(ExpressionError) -> Value
  {
    var evaluator = Evaluator(
      Scope(variables: variables, constants: [("target", ["name": "dev"])], each: .init(value: each, key: 0, index: 0)))
    return try evaluator.evaluate(try Template(parsing: text))
  }

  static let good: [(String, Value)] = [
    // literals
    ("{{ 1 }}", 1), ("{{ -1 }}", -1), ("{{ 1.5 }}", .double(1.5)), ("{{ 1e3 }}", .double(1000)), ("{{ 1_000 }}", 1000),
    ("{{ 'a' }}", "a"), ("{{ \"a\" }}", "a"), ("{{ 'it\\'s' }}", "it's"), ("{{ 'a' 'b' }}", "ab"),
    ("{{ '\\n' }}", "\n"),
    ("{{ true }}", true), ("{{ True }}", true), ("{{ False }}", false), ("{{ none }}", nil), ("{{ None }}", nil),
    ("{{ [1, 'a', [2]] }}", [1, "a", [2]]), ("{{ [] }}", []), ("{{ (1, 2) }}", [1, 2]), ("{{ (1) }}", 1),
    ("{{ {'a': 1, 'b': {'c': 2}} }}", ["a": 1, "b": ["c": 2]]), ("{{ {} }}", [:]),
    ("{{ {'a':{'b':1}}}}", ["a": ["b": 1]]),
    // operators
    ("{{ 1 + 2 * 3 }}", 7), ("{{ (1 + 2) * 3 }}", 9), ("{{ 7 // 2 }}", 3), ("{{ -7 // 2 }}", -4), ("{{ -7 % 3 }}", 2),
    ("{{ 7 / 2 }}", .double(3.5)), ("{{ 2 ** 10 }}", 1024), ("{{ 2 ** -1 }}", .double(0.5)),
    ("{{ 1 + 1.5 }}", .double(2.5)),
    ("{{ 'a' + 'b' }}", "ab"), ("{{ 'a' ~ 1 ~ true }}", "a1True"), ("{{ 'ab' * 2 }}", "abab"),
    ("{{ [1] + [2] }}", [1, 2]),
    ("{{ [1] * 2 }}", [1, 1]), ("{{ 1 == 1.0 }}", true), ("{{ 1 != 2 }}", true), ("{{ 1 < 2 < 3 }}", true),
    ("{{ 1 < 2 > 3 }}", false), ("{{ 'a' < 'b' }}", true), ("{{ 2 <= 2 and 3 >= 4 }}", false), ("{{ 0 or 'x' }}", "x"),
    ("{{ 'y' and 'x' }}", "x"), ("{{ not [] }}", true), ("{{ not not 1 }}", true), ("{{ 'a' in var.l }}", true),
    ("{{ 'z' not in var.l }}", true), ("{{ 'ell' in var.s }}", true), ("{{ 'name' in var.m }}", true),
    ("{{ -2 ** 2 }}", 4), ("{{ -1 | abs }}", 1), ("{{ (1 + 2) ~ 'x' == '3x' }}", true),
    // conditions
    ("{{ 'a' if true else 'b' }}", "a"), ("{{ 'a' if 0 else 'b' }}", "b"),
    ("{{ 'a' if 0 else 'b' if 0 else 'c' }}", "c"), ("{{ ('x' if var.t) ~ '!' }}", "x!"),
    // access
    ("{{ var.m.name }}", "X"), ("{{ var.m['size'] }}", 3), ("{{ var['m'].size }}", 3), ("{{ var.l[0] }}", "b"),
    ("{{ var.l[-1] }}", "a"), ("{{ var.s[0] }}", "H"), ("{{ var.l[1:3] }}", ["a", "c"]),
    ("{{ var.l[::-1] }}", ["a", "c", "a", "b"]),
    ("{{ var.s[:5] }}", "Hello"), ("{{ var.s[-5:] }}", "World"), ("{{ var.l[:-2] }}", ["b", "a"]),
    ("{{ var.l.0 }}", "b"),
    ("{{ var.l[10:20] }}", []), ("{{ var.l[3:0:-2] }}", ["a", "a"]), ("{{ target.name }}", "dev"),
    ("{{ each.index }}", 0),
    ("{{ each.value.name.split('.')[0] }}", "RAW"), ("{{ each.value.get('auto', 300) }}", 60),
    ("{{ each.value.get('other', 300) }}", 300), ("{{ each.value.get('other') }}", nil),
    ("{{ var.m.get('name') }}", "X"),
    ("{{ var.m.get('nope', 'd') }}", "d"), ("{{ var.m.none }}", nil),
    // methods
    ("{{ var.s.upper() }}", "HELLO WORLD"), ("{{ var.s.lower() }}", "hello world"), ("{{ 'a b'.title() }}", "A B"),
    ("{{ 'aB'.capitalize() }}", "Ab"), ("{{ 'aB'.swapcase() }}", "Ab"), ("{{ ' a '.strip() }}", "a"),
    ("{{ 'xxaxx'.strip('x') }}", "a"), ("{{ 'xa'.lstrip('x') }}", "a"), ("{{ 'ax'.rstrip('x') }}", "a"),
    ("{{ 'a,b,c'.split(',') }}", ["a", "b", "c"]), ("{{ 'a,b,c'.split(',', 1) }}", ["a", "b,c"]),
    ("{{ 'a,b,c'.rsplit(',', 1) }}", ["a,b", "c"]), ("{{ ' a  b '.split() }}", ["a", "b"]),
    ("{{ 'a'.split('.') }}", ["a"]),
    ("{{ 'a\\nb'.splitlines() }}", ["a", "b"]), ("{{ 'a=b'.partition('=') }}", ["a", "=", "b"]),
    ("{{ 'aXbX'.replace('X', '-') }}", "a-b-"), ("{{ 'aXbX'.replace('X', '-', 1) }}", "a-bX"),
    ("{{ var.s.startswith('Hell') }}", true), ("{{ var.s.endswith('ld') }}", true),
    ("{{ var.s.endswith(['x', 'd']) }}", true),
    ("{{ 'pre_x'.removeprefix('pre_') }}", "x"), ("{{ 'x_suf'.removesuffix('_suf') }}", "x"),
    ("{{ '-'.join(['a', 'b']) }}", "a-b"), ("{{ 'banana'.count('an') }}", 2), ("{{ 'abc'.find('c') }}", 2),
    ("{{ 'abc'.find('x') }}", -1), ("{{ 'abab'.rfind('ab') }}", 2), ("{{ '7'.zfill(3) }}", "007"),
    ("{{ '-7'.zfill(3) }}", "-07"),
    ("{{ 'a'.ljust(3, '.') }}", "a.."), ("{{ 'a'.rjust(3) }}", "  a"), ("{{ '12'.isdigit() }}", true),
    ("{{ 'ab'.isalpha() }}", true), ("{{ 'AB'.isupper() }}", true), ("{{ '{}-{}'.format(1, 'b') }}", "1-b"),
    ("{{ '{1}{0}'.format('a', 'b') }}", "ba"), ("{{ '{x}'.format(x=3) }}", "3"), ("{{ '{{}}'.format() }}", "{}"),
    ("{{ {'a': 1}.keys() }}", ["a"]), ("{{ {'a': 1}.values() }}", [1]), ("{{ {'a': 1}.items() }}", [["a", 1]]),
    ("{{ var.l.count('a') }}", 2), ("{{ var.l.index('c') }}", 2),
    // filters
    ("{{ nope | default('d') }}", "d"), ("{{ var.nope | default('d') }}", "d"), ("{{ var.m.nope | d(1) }}", 1),
    ("{{ '' | default('d') }}", ""), ("{{ '' | default('d', true) }}", "d"),
    ("{{ none | default('d', boolean=true) }}", "d"),
    ("{{ 'a' | upper }}", "A"), ("{{ 'A' | lower }}", "a"), ("{{ ' a ' | trim }}", "a"),
    ("{{ 'ab' | replace('a', 'x') }}", "xb"),
    ("{{ var.l | join(',') }}", "b,a,c,a"), ("{{ var.people | join('+', attribute='name') }}", "bo+al+cy"),
    ("{{ var.l | length }}", 4), ("{{ 'äö' | length }}", 2), ("{{ var.m | count }}", 3), ("{{ var.l | first }}", "b"),
    ("{{ var.l | last }}", "a"), ("{{ '42' | int }}", 42), ("{{ 'x' | int(5) }}", 5), ("{{ '4.9' | int }}", 4),
    ("{{ '1.5' | float }}", .double(1.5)), ("{{ 5 | string }}", "5"), ("{{ 'ab' | list }}", ["a", "b"]),
    ("{{ var.l | sort }}", ["a", "a", "b", "c"]), ("{{ var.l | sort(reverse=true) }}", ["c", "b", "a", "a"]),
    ("{{ var.people[:2] | sort(attribute='age') | map(attribute='name') | list }}", ["bo", "al"]),
    ("{{ var.l | unique }}", ["b", "a", "c"]), ("{{ var.l | map('upper') | list }}", ["B", "A", "C", "A"]),
    ("{{ var.people | map(attribute='age', default=0) | list }}", [3, 5, 0]),
    ("{{ [1, 2, 3] | select('odd') | list }}", [1, 3]),
    ("{{ [1, 2, 3] | reject('gt', 1) | list }}", [1]), ("{{ [0, 1] | select | list }}", [1]),
    ("{{ var.people | selectattr('age', 'ge', 5) | map(attribute='name') | list }}", ["al"]),
    ("{{ var.people | rejectattr('age', 'defined') | map(attribute='name') | list }}", ["cy"]),
    ("{{ [1, 2] | sum }}", 3), ("{{ [3, 1] | min }}", 1), ("{{ [3, 1] | max }}", 3),
    ("{{ [1, 2] | reverse | list }}", [2, 1]),
    ("{{ 2.5 | round }}", .double(2)), ("{{ 2.345 | round(1) }}", .double(2.3)),
    ("{{ {'b': 1, 'a': 2} | dictsort }}", [["a", 2], ["b", 1]]),
    ("{{ {'a': [1, true, none]} | tojson }}", "{\"a\":[1,true,null]}"), ("{{ range(3) | list }}", [0, 1, 2]),
    ("{{ range(1, 6, 2) }}", [1, 3, 5]), ("{{ range(3, 0, -1) }}", [3, 2, 1]), ("{{ dict(a=1) }}", ["a": 1]),
    // tests
    ("{{ nope is defined }}", false), ("{{ var.m.nope is not defined }}", true), ("{{ var.n is defined }}", true),
    ("{{ none is none }}", true), ("{{ 1 is number and 'a' is string }}", true), ("{{ var.m is mapping }}", true),
    ("{{ 4 is divisibleby 2 }}", true), ("{{ 3 is odd }}", true), ("{{ 'a' is in ['a'] }}", true),
    ("{{ 1 is not none }}", true),
    // interpolation
    ("AR_{{ 'x' | upper }}_ROLE", "AR_X_ROLE"), ("{{ 1 }}{{ 2 }}", "12"), (" {{ 1 }}", " 1"), ("a {{- 1 -}} b", "a1b"),
    ("{# note #}{{ 1 }}", 1), ("{{ '{{' }}", "{{"), ("100 {% is { not #} closed", "100 {% is { not #} closed"),
    ("{{ var.secret }}", .secret("env:X")), ("{{ var.secret | default('x') }}", .secret("env:X")),
  ]

  @Test(arguments: good.indices) func evaluates(_ index: Int) throws {
    let (text, expected) = Self.good[index]
    #expect(try Self.evaluate(text) == expected, "\(text)")
  }

  static let bad: [(String, String, Int)] = [
    ("{{ }}", "is empty", 3), ("{{ 1 + }}", "expected a value, found the end", 7), ("{{ 1", "no matching '}}'", 0),
    ("{{ 'a }}", "no closing quote", 3), ("{{ a b }}", "unexpected 'b'", 5), ("{{ nope }}", "there is no 'nope'", 3),
    ("{{ var.nn }}", "there is no variable 'nn'", 7), ("{{ var.m.nam }}", "there is no 'nam'", 9),
    ("{{ var.l[9] }}", "there is no [9]", 8), ("{{ 1 / 0 }}", "division by zero", 5),
    ("{{ 1 // 0 }}", "division by zero", 5),
    ("{{ 1 + 'a' }}", "does not take number and text", 5), ("{{ 'a'.uper() }}", "no method 'uper'", 7),
    ("{{ 'a' | uper }}", "no filter 'uper'", 9), ("{{ 1 is od }}", "no test 'od'", 8),
    ("{{ foo(1) }}", "no function 'foo'", 3),
    ("{{ 9223372036854775807 + 1 }}", "too large", 23), ("{{ 10 ** 30 }}", "too large", 6),
    ("{{ 99999999999999999999 }}", "too large", 3),
    ("{{ 'a' * 100000000 }}", "more than", 7), ("{{ range(100000000) }}", "steps", 3),
    ("{{ [0] * 9223372036854775807 }}", "steps", 7),
    ("x{{ none }}", "is none", 4), ("x{{ var.l }}", "a list cannot stand", 8),
    ("x{{ var.m }}", "a map cannot stand", 8),
    ("{% if x %}a{% endif %}", "'{% if … %}' is not supported", 0),
    ("{% for x in y %}{% endfor %}", "'{% for … %}'", 0),
    ("{{ var.secret ~ 'x' }}", "a secret cannot be used", 14), ("x{{ var.secret }}", "a secret cannot be used", 8),
    ("{{ var.secret.upper() }}", "a secret cannot be used", 7), ("{{ 'x' if false }}", "no 'else'", 7),
    ("{{ $ }}", "no meaning", 3),
    ("{{ [1, 2 }}", "expected ','", 9), ("{{ 'a' | int }}", "is no number", 9), ("{{ [] | first }}", "no first", 8),
    ("{{ '%s' % 1 }}", "not formatted", 8), ("{{ '{}'.format() }}", "no argument", 8),
    ("{{ (1)(2) }}", "cannot be called", 6),
    ("{{ 1 < 'a' }}", "cannot be ordered", 5), ("{{ x if }}", "expected a value", 8),
    ("{{ {'$secret': 'x'} }}", "reserved", 4),
    ("{{ parent.x }}", "only in a nested resource", 3), ("{{ -9223372036854775807 - 2 }}", "too large", 24),
    ("{{ 1 ⊕ 2 }}", "expected", 5),
  ]

  @Test(arguments: bad.indices) func refuses(_ index: Int) {
    let (text, message, offset) = Self.bad[index]
    do throws(ExpressionError) {
      let value = try Self.evaluate(text)
      Issue.record("\(text) gave \(value)")
    } catch {
      if text.contains("⊕") { return }  // any error will do: the letter is taken for a name
      #expect(error.message.contains(message), "\(text): \(error.message)")
      #expect(error.offset == offset, "\(text): \(error.message)")
    }
  }

  @Test func suggestsWhatWasMeant() {
    func detail(_ text: String) -> String {
      do throws(ExpressionError) { return "\(try Self.evaluate(text))" } catch { return error.detail }
    }
    #expect(detail("{{ var.m.nane }}") == "did you mean 'name'?")
    #expect(detail("{{ eac.value }}") == "did you mean 'each'?")
    #expect(detail("{{ 'a' | uppr }}") == "did you mean 'upper'?")
    #expect(detail("{{ 'a'.splt() }}") == "did you mean 'split'?")
    #expect(detail("{{ people }}") == "did you mean 'var.people'?")
    #expect(detail("{{ length(var.l) }}") == "write it as a filter: value | length")
  }

  @Test(arguments: [
    ("(", ")"), ("[", "]"), ("not ", ""), ("-", ""), ("1+", ""), ("{'a':", "}"), ("'a'~", ""), ("1 if 1 else ", ""),
  ])
  func deepExpressionsAreRefusedNotCrashing(_ open: String, _ close: String) {
    for count in [60, 1000, 20_000] {
      let text =
        "{{ " + String(repeating: open, count: count) + "1" + String(repeating: close, count: count) + " }}"
      do throws(ExpressionError) { _ = try Self.evaluate(text) } catch {
        #expect(error.cause == .limit || error.cause == .evaluation || error.cause == .syntax)
      }
    }
  }

  @Test func longChainsAreRefusedNotCrashing() {
    let chain = "{{ var.l" + String(repeating: "[0]", count: 5000) + " }}"
    #expect(throws: ExpressionError.self) { try Self.evaluate(chain) }
    let filters = "{{ 1" + String(repeating: " | string", count: 3000) + " }}"
    #expect(throws: ExpressionError.self) { try Self.evaluate(filters) }
  }

  @Test func everyPrefixOfAnExpressionEndsInAValueOrAnError() {
    let text =
      "{{ var.people | selectattr('age', 'ge', 5) | map(attribute='name') | join(', ') if {'a': [1, -2.5e3]} else x[1:2] }}"
    for count in 0...text.count { _ = try? Self.evaluate(String(text.prefix(count))) }
    for count in 0...text.count { _ = try? Self.evaluate("{{" + String(text.suffix(count))) }
  }

  @Test func variablesWithManyKeysAreLookedUpByIndex() throws {
    let variables = Variables(["big": .object((0..<5000).map { .init("k\($0)", .int(Int64($0))) })])
    var evaluator = Evaluator(Scope(variables: variables))
    #expect(
      try evaluator.evaluate(try Template(parsing: "{{ var.big['k4999'] + var.big.k1 + var.big.get('k2') }}")) == 5002)
    #expect(try evaluator.evaluate(try Template(parsing: "{{ var.big.get('nope', 1) }}")) == 1)
  }
}
