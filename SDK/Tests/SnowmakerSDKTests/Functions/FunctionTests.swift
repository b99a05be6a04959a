import CSnowmaker
import SnowmakerSDK
import Testing

/// How a Swift plugin declares functions.
@Suite struct FunctionTests {
  private func answer(_ function: Function, _ arguments: Value...) throws -> Value {
    try FunctionAnswer.of(function, arguments)
  }

  @Test func aClosureIsAFunction() throws {
    let function = Function("greet", doc: "Greets.", parameters: ["name": "Who.", "times": "How often."]) {
      (name: String, times: Int64?) throws -> String in
      guard (times ?? 1) > 0 else { throw FunctionFailure("at least once", of: "times") }
      return Array(repeating: "Hello, \(name)!", count: Int(times ?? 1)).joined(separator: " ")
    }
    #expect(function.problem == nil)
    #expect(function.schema.heading == "greet(name: text, times: integer or null) -> text")
    #expect("\(function.schema.signature)" == "s?i>s")
    #expect(try answer(function, "Ann", 2) == ["result": "Hello, Ann! Hello, Ann!"])
    #expect(try answer(function, "Ann", nil) == ["result": "Hello, Ann!"])
    #expect(throws: PluginFailure.failed(.error("at least once", path: ["times"], code: "function"))) {
      try answer(function, "Ann", 0)
    }
  }

  @Test func everyKindHasASwiftType() throws {
    let all = Function("all", parameters: ["a": "", "b": "", "c": "", "d": "", "e": ""]) {
      (a: Int64, b: Double, c: Bool, d: [String], e: [Int64]) in
      "\(a) \(b) \(c) \(d) \(e)"
    }
    #expect("\(all.schema.signature)" == "ifb[s[i>s")
    #expect(try answer(all, 1, 2, true, ["x"], [3]) == ["result": #"1 2.0 true ["x"] [3]"#])
    let list = Function("list") { () -> [Double] in [1, 2.5] }
    #expect(try answer(list) == ["result": [.double(1), .double(2.5)]])
    let null = Function("null", parameters: ["x": ""]) { (x: Bool?) -> Double? in x == nil ? nil : 1 }
    #expect(try answer(null, nil) == ["result": nil])
  }

  @Test func namesAndParametersMustAgree() {
    let function = Function("f", parameters: ["a": ""]) { (a: String, b: String) in a + b }
    #expect(function.problem == "the function 'f' names 1 parameters and its closure takes 2")
  }

  @Test func theTypeOfACFunctionIsChecked() {
    let right = Function(
      "f", parameters: [.init("a", .integer), .init("b", .nullable(.text)), .init("c", .list(.boolean))], result: .text,
      calling: { _, _, _, _, _ in 0 }
        as @convention(c) (
          Int64, UnsafePointer<FunctionText>?, UnsafePointer<UInt8>?, Int, FunctionReply.Sink
        ) -> Int32)
    #expect(right.problem == nil)
    let wrong = Function(
      "f", parameters: [.init("a", .text)], result: .text,
      calling: { _, _ in 0 } as @convention(c) (Int64, FunctionReply.Sink) -> Int32)
    #expect(wrong.problem?.hasPrefix("the function 'f' must be @convention(c) (__C.snowmaker_bytes_v1, ") == true)
    let swift = Function(
      "f", parameters: [.init("a", .integer)], result: .text, calling: { (_: Int64, _: FunctionReply.Sink) in Int32(0) }
    )
    #expect(swift.problem != nil)
  }
}
