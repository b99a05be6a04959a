import SnowmakerModel
import Testing

@testable import Configuration

/// `provider::name(arguments)` in expressions.
@Suite struct ProvidedFunctionTests {
  /// `say::join(first, second, glue)` joins texts, `say::sum(numbers)` adds up, `say::fail(a, b)` finds fault with `b`.
  private let functions = ProvidedFunctions([
    .init(
      "say",
      [
        FunctionSchema(
          "join", parameters: [.init("first", .text), .init("second", .text), .init("glue", .nullable(.text))],
          result: .text),
        FunctionSchema("sum", parameters: [.init("numbers", .list(.integer))], result: .integer),
        FunctionSchema("fail", parameters: [.init("a", .text), .init("b", .text)], result: .text),
        FunctionSchema("names", parameters: [], result: .list(.text)),
      ])
  ]) { _, name, arguments in
    switch name {
    case "join":
      let glue = arguments.count > 2 ? arguments[2].string ?? "-" : "-"
      return .success(.string((arguments[0].string ?? "") + glue + (arguments[1].string ?? "")))
    case "sum": return .success(.int(arguments[0].list.reduce(0) { $0 + ($1.int ?? 0) }))
    case "names": return .success(["x", "y"])
    default: return .failure(.init("not this one", detail: "another", argument: 1))
    }
  }

  private func evaluate(_ text: String) -> Result<Value, ExpressionError> {
    let scope = Scope(variables: Variables(["n": 3, "list": [1, 2, 3, 4]]), functions: functions)
    do throws(ExpressionError) {
      var evaluator = Evaluator(scope)
      return .success(try evaluator.evaluate(try Template(parsing: text)))
    } catch {
      return .failure(error)
    }
  }

  private func problem(_ text: String) -> String {
    switch evaluate(text) {
    case .success(let value): "\(value)"
    case .failure(let error): "\(error.offset): \(error.message)\(error.detail.isEmpty ? "" : " (\(error.detail))")"
    }
  }

  @Test(arguments: [
    ("{{ say::join('a', 'b') }}", "a-b"), ("{{ say::join('a', 'b', '+') }}", "a+b"),
    ("{{ say::join('a', glue='+', second='b') }}", "a+b"), ("{{ say::join(second='b', first='a') }}", "a-b"),
    ("{{ say::join(say::join('a', 'b'), 'c') | upper }}", "A-B-C"), ("x {{ say::sum([var.n, 4]) }}", "x 7"),
    ("{{ say::names()[1] }}", "y"), ("{{ say::join ('a', 'b') }}", "a-b"), ("{{ say::names() | join('+') }}", "x+y"),
    ("{{ 'n' if say::sum([]) == 0 else 'y' }}", "n"),
  ]) func calls(text: String, expected: String) {
    #expect(evaluate(text) == .success(.string(expected)))
  }

  @Test func slicesRemain() {
    #expect(evaluate("{{ var.list[::2] }}") == .success([1, 3]))
    #expect(evaluate("{{ [1,2,3][0::2] }}") == .success([1, 3]))
    #expect(evaluate("{{ {'a': 1}.a }}") == .success(1))
  }

  @Test(arguments: [
    ("{{ sai::join('a', 'b') }}", "3: there is no provider 'sai' with functions (did you mean 'say'?)"),
    ("{{ zzzzzzz::join('a') }}", "3: there is no provider 'zzzzzzz' with functions (known are say)"),
    ("{{ say::jion('a', 'b') }}", "8: 'say' has no function 'jion' (did you mean 'join'?)"),
    ("{{ say::qqqqqqqq() }}", "8: 'say' has no function 'qqqqqqqq' (known are fail, join, names, sum)"),
    ("{{ say::fail('a', 'b') }}", "18: say::fail: not this one (another)"),
    ("{{ say::fail(b='b', a='a') }}", "15: say::fail: not this one (another)"),
    ("{{ say::join('a', glu='b') }}", "22: say::join has no parameter 'glu' (did you mean 'glue'?)"),
    ("{{ say::join('a', first='b') }}", "24: say::join: 'first' is given twice"),
    (
      "{{ say::join('a', glue='b') }}",
      "3: say::join: 'second' is missing (it is join(first: text, second: text, glue: text or null) -> text)"
    ),
    ("{{ join('a', 'b') }}", "3: there is no function 'join' (write it as a filter: value | join)"),
    ("{{ sum([1]) }}", "3: there is no function 'sum' (write it as a filter: value | sum)"),
    ("{{ fail('a', 'b') }}", "3: there is no function 'fail' (did you mean 'say::fail'?)"),
    ("{{ say :: join('a', 'b') }}", "7: unexpected ':'"), ("{{ say::join }}", "6: unexpected ':'"),
    ("{{ say:join('a') }}", "6: unexpected ':'"),
  ]) func saysWhatIsWrongAndWhere(text: String, expected: String) { #expect(problem(text) == expected) }
}
