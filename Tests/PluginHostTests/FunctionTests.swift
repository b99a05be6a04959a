import Programs
import SnowmakerModel
import Testing

@testable import PluginHost

/// Typed functions, called through libffi.
@Suite(.needsCompiler) struct FunctionTests {
  private let workshop: Workshop

  init() throws { workshop = try Workshop() }

  private func plugin(_ macros: [String: String] = [:]) throws -> LoadedPlugin {
    try workshop.load(workshop.build("typed", from: "functions.c", defining: macros))
  }

  /// The same in a child process.
  private func isolated(
    _ macros: [String: String] = [:], log: @escaping PluginLogSink = { _ in }
  ) throws -> LoadedPlugin {
    let folder = macros.isEmpty ? "apart" : "apart-otherwise"
    let path = try workshop.build("typed", from: "functions.c", in: folder, defining: macros)
    let loader = PluginLoader(
      sink: log, isolation: PluginIsolation(mode: .always, limits: PluginLimits(seconds: 20)))
    return try loader.load(try #require(PluginFile(path: path, origin: .user)))
  }

  /// The result as JSON, or the error, with the number of the argument it is about.
  private func outcome(_ plugin: LoadedPlugin, _ name: String, _ arguments: Value...) throws -> String {
    let function = try #require(plugin.functions.first { $0.schema.name == name })
    do throws(FunctionCallError) {
      let value = try function.call(arguments)
      return value == .unknown ? "unknown" : JSON.string(value)
    } catch {
      return error.argument.map { "argument \($0): \(error)" } ?? "\(error)"
    }
  }

  // MARK: - Calling

  @Test func everyKindGoesOverAndComesBack() throws {
    let plugin = try plugin()
    #expect(try outcome(plugin, "repeat", "ab", 3) == #""ababab""#)
    #expect(try outcome(plugin, "repeat", "größe ", 2) == #""größe größe ""#)
    #expect(try outcome(plugin, "repeat", "", 3) == #""""#)
    #expect(try outcome(plugin, "half", 7) == "3.5")
    #expect(try outcome(plugin, "is_even", 4) == "true")
    #expect(try outcome(plugin, "is_even", -3) == "false")
    #expect(try outcome(plugin, "next_number", .int(.max - 1)) == "9223372036854775807")
    #expect(try outcome(plugin, "positive", 5) == "5")
    #expect(try outcome(plugin, "positive", -5) == "null")
    #expect(try outcome(plugin, "up_to", 4) == "[0,1,2,3]")
    #expect(
      try outcome(plugin, "show", -1, .double(2.5), true, "text", [1, 2, 3], ["a", "bc"], .double(0.25), false)
        == #""-1 2.5 1 text 1 2 3 'a' 'bc' 0.25 0""#)
    #expect(
      try outcome(plugin, "show", nil, nil, nil, nil, [], [], .double(-1), true) == #""- - - - -1 1""#)
  }

  @Test func longTextsAndManyElementsFit() throws {
    let plugin = try plugin()
    let long = String(repeating: "é", count: 100)
    #expect(try outcome(plugin, "repeat", .string(long), 1) == "\"\(long)\"")
    let texts = (0..<40).map { Value.string("x\($0)") }
    let shown = (0..<40).map { " 'x\($0)'" }.joined()
    #expect(
      try outcome(plugin, "show", nil, nil, nil, nil, [], .list(texts), .double(1), true) == "\"- - - -\(shown) 1 1\"")
  }

  @Test func functionsWithoutATableEntryGetAMessage() throws {
    let plugin = try plugin()
    let function = try #require(plugin.functions.first { $0.schema.name == "by_message" })
    #expect(!function.isTyped)
    #expect(try function.call([]) == "said")
    #expect(plugin.functions.filter(\.isTyped).count == 15)
  }

  @Test func anUnknownArgumentMakesTheResultUnknown() throws {
    let plugin = try plugin()
    #expect(try outcome(plugin, "repeat", .unknown, 3) == "unknown")
    #expect(try outcome(plugin, "repeat", ["a", .unknown], 3) == "unknown")
    #expect(try outcome(plugin, "calls") == "1")  // nothing was called
  }

  // MARK: - Checking

  @Test func argumentsAreChecked() throws {
    let plugin = try plugin()
    #expect(
      try outcome(plugin, "repeat", "a")
        == "takes 2 arguments, found 1 (it is repeat(text: text, times: integer) -> text)")
    #expect(
      try outcome(plugin, "repeat", "a", 1, 2)
        == "argument 2: takes 2 arguments, found 3 (it is repeat(text: text, times: integer) -> text)")
    #expect(try outcome(plugin, "repeat", 1, 1) == "argument 0: 'text' takes text, not number 1")
    #expect(try outcome(plugin, "repeat", nil, 1) == "argument 0: 'text' takes text, not null")
    #expect(try outcome(plugin, "repeat", "a", true) == "argument 1: 'times' takes integer, not boolean true")
    #expect(
      try outcome(plugin, "repeat", "a", .double(1.5))
        == "argument 1: 'times' takes a whole number of 64 bits, not 1.5")
    #expect(
      try outcome(plugin, "repeat", "a", .double(1e300))
        == "argument 1: 'times' takes a whole number of 64 bits, not 1e+300")
    #expect(try outcome(plugin, "repeat", "a", .double(2)) == #""aa""#)
    #expect(try outcome(plugin, "repeat", "a\0b", 1) == "argument 0: 'text' has a NUL character in it")
    #expect(
      try outcome(plugin, "repeat", .secret("env:PASSWORD"), 1)
        == "argument 0: 'text' takes text, not a secret, which functions never get")
    #expect(
      try outcome(plugin, "show", nil, .int(9_007_199_254_740_993), nil, nil, [], [], .double(1), true)
        == "argument 1: 'argument2' takes a float, which cannot hold 9007199254740993 exactly")
    #expect(
      try outcome(plugin, "show", nil, .double(.infinity), nil, nil, [], [], .double(1), true)
        == "argument 1: 'argument2' takes a finite number")
    #expect(
      try outcome(plugin, "show", nil, nil, nil, nil, [1, "a"], [], .double(1), true)
        == "argument 4: 'argument5' takes a list of integer, and its element 1 is the text 'a'")
    #expect(
      try outcome(plugin, "show", nil, nil, nil, nil, 1, [], .double(1), true)
        == "argument 4: 'argument5' takes list of integer, not number 1")
  }

  @Test func whatAFunctionSaysNamesItsArgument() throws {
    #expect(try outcome(plugin(), "repeat", "a", -1) == "argument 1: not a number of times (0 or more)")
  }

  @Test(arguments: [
    (0, "the plugin answered nothing, and the function yields integer"),
    (1, "the plugin answered 4 bytes, and integer has 8"),
    (2, "the plugin's answer makes no sense: two answers to one call"), (3, "failed, without saying why"),
    (5, "the plugin found a bug of its own"), (6, "the plugin answered with status 42"),
    (8, "the plugin's answer makes no sense: it was answered on another thread than it was called on"),
  ]) func badAnswersAreRefused(how: Int64, problem: String) throws {
    #expect(try outcome(plugin(), "bad", .int(how)) == problem)
  }

  @Test func badResultsAreRefused() throws {
    let plugin = try plugin()
    #expect(try outcome(plugin, "bad", 4).hasPrefix("its diagnostics make no sense: "))
    #expect(try outcome(plugin, "bad", 7) == "the plugin answered with status 4")
    #expect(try outcome(plugin, "bad_text", 0) == "the plugin answered text that is not UTF-8")
    #expect(try outcome(plugin, "bad_text", 1) == "the plugin answered text with a NUL in it")
    #expect(try outcome(plugin, "bad_list") == "the plugin answered something else than a list of integer")
    #expect(try outcome(plugin, "bad_flag") == "the plugin answered no boolean: one byte, 0 or 1")
    #expect(try outcome(plugin, "bad_float") == "the plugin answered inf, which is no finite number")
  }

  // MARK: - Agreement of manifest and table

  /// Each in a folder of its own: the loader takes a path that it knows for the library that it has.
  private func refusal(_ macros: [String: String], in folder: String = "a") throws -> String? {
    let path = try workshop.build("typed", from: "functions.c", in: folder, defining: macros)
    return try workshop.refusal(path)?.replacing("DIR/\(folder)/", with: "DIR/")
  }

  private let contradiction =
    "plugin 'typed' (DIR/libsnowmaker-typed.so): its answer to DESCRIBE contradicts itself: "

  @Test func anotherSignatureIsRefused() throws {
    let entry = #"{"half","s>f",(void (*)(void))half}"#
    #expect(
      try refusal(["ITEMS": entry]) == contradiction
        + "the function 'half' has the signature 'i>f' in its answer to DESCRIBE and 's>f' in its function table")
  }

  @Test func tablesThatMakeNoSenseAreRefused() throws {
    #expect(
      try refusal(["ITEMS": #"{"hidden","i>f",(void (*)(void))half}"#]) == contradiction
        + "its function table has 'hidden', which its answer to DESCRIBE has not")
    #expect(
      try refusal(["ITEMS": #"{"half","i>f",NULL}"#], in: "b") == contradiction
        + "entry 0 of its function table lacks its name, signature or address")
    let entry = #"{"half","i>f",(void (*)(void))half}"#
    #expect(
      try refusal(["ITEMS": "\(entry),\(entry)"], in: "c") == contradiction + "its function table has 'half' twice")
  }

  @Test(arguments: [
    (#"[{"name":"a","signature":"x>s"}]"#, "signature 'x>s': there is no type 'x'"),
    (#"[{"name":"a","signature":"s"}]"#, "signature 's': one type must stand after '>', the result's"),
    (#"[{"name":"a","signature":"?[s>s"}]"#, "signature '?[s>s': '?' and '[' cannot be combined"),
    (#"[{"name":"a"}]"#, "function: 'signature' must be text, found null"),
    (
      #"[{"name":"a","signature":">s","parameters":[{"name":"x"}]}]"#,
      "function 'a': it names 1 parameters and its signature '>s' has 0"
    ),
  ]) func signaturesThatMakeNoSenseAreRefused(functions: String, problem: String) throws {
    #expect(
      try refusal(["FUNCTIONS": Workshop.literal(functions), "ITEMS": #"{"half","i>f",(void (*)(void))half}"#])
        == "plugin 'typed' (DIR/libsnowmaker-typed.so): its answer to DESCRIBE makes no sense: \(problem)")
  }

  @Test(arguments: [
    (#"[{"name":"a","signature":">s"},{"name":"a","signature":">s"}]"#, "it has the function 'a' twice"),
    (#"[{"name":"A b","signature":">s"}]"#, "function 'A b': its name must be lower-case letters, digits and '_'"),
    (
      #"[{"name":"a","signature":"ss>s","parameters":[{"name":"x"},{"name":"x"}]}]"#,
      "function 'a': it has the parameter 'x' twice"
    ),
  ]) func contradictionsAreRefused(functions: String, problem: String) throws {
    #expect(
      try refusal(["FUNCTIONS": Workshop.literal(functions), "ITEMS": #"{"half","i>f",(void (*)(void))half}"#])
        == contradiction + problem)
  }

  // MARK: - The C macro

  @Test func theMacroChecksWhileCompiling() throws {
    let folder = "\(Workshop.repository)/SDK/Sources/CSnowmaker/include"
    let source = "\(Workshop.repository)/Tests/Fixtures/functions.c"
    for (language, standard) in [("c", "c11"), ("c++", "c++17")] {
      let common = [
        "cc", "-x", language, "-std=\(standard)", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
        "-fsyntax-only", "-I", folder,
      ]
      let good = try Program.run("/usr/bin/env", common + [source])
      #expect(good.status == 0, "\(standard): \(good.output)")
      let bad = try Program.run("/usr/bin/env", common + ["-DMISTYPED", source])
      #expect(bad.status != 0, "\(standard): a function of another type was taken")
    }
  }

  // MARK: - The library

  private func library(_ plugin: LoadedPlugin) -> FunctionLibrary { FunctionLibrary([plugin]) }

  @Test func pureFunctionsAreCalledOnce() throws {
    let library = library(try plugin())
    for _ in 0..<5 {
      #expect(try library.call("typed", "counted", [7])?.get() == 7)
      #expect(try library.call("typed", "counted", [8])?.get() == 8)
    }
    #expect(library.callCount == 2)
    #expect(try library.call("typed", "calls", [])?.get() == 3)
    #expect(try library.call("typed", "calls", [])?.get() == 4)  // not a pure one
    #expect(library.call("typed", "missing", []) == nil)
    #expect(library.call("other", "calls", []) == nil)
  }

  @Test func functionsAnswerForAHostElsewhere() throws {
    let plugin = try isolated()
    #expect(plugin.isIsolated)
    #expect(plugin.functions.allSatisfy { !$0.isTyped })
    #expect(try outcome(plugin, "half", 3) == "1.5")
    #expect(try outcome(plugin, "repeat", "ab", 2) == #""abab""#)
    #expect(try outcome(plugin, "repeat", "a", -1) == "argument 1: not a number of times (0 or more)")
    #expect(try outcome(plugin, "bad", 1) == "the plugin answered 4 bytes, and integer has 8")
    #expect(try outcome(plugin, "by_message", "x") == #""said""#)
    #expect(try outcome(plugin, "positive", -5) == "null")
    #expect(throws: PluginRefusal.self) { try isolated(["ITEMS": #"{"half","s>f",(void (*)(void))half}"#]) }
  }

  @Test func aWorkerDescribesItsPluginOnce() throws {
    let log = LogKeeper()
    let plugin = try isolated(["DESCRIBED": #"puts("described"), fflush(stdout)"#]) { log.append($0) }
    #expect(try outcome(plugin, "half", 3) == "1.5")
    #expect(log.lines == ["plugin 'typed' prints: described"])
  }

  /// What a plugin gets that asks the host for a function while it answers a method.
  private func asked(
    _ request: String? = nil, _ method: PluginMethod = .check, mode: PluginIsolation.Mode = .never, in folder: String
  ) async throws -> String {
    let macros = request.map { ["ASKED": Workshop.literal($0)] } ?? [:]
    let path = try workshop.build("checking", from: "checking.c", in: folder, defining: macros)
    let loader = PluginLoader(sink: { _ in }, isolation: PluginIsolation(mode: mode, limits: PluginLimits(seconds: 20)))
    let checking = try loader.load(try #require(PluginFile(path: path, origin: .user)))
    let library = FunctionLibrary([try plugin(), checking])
    let answer =
      try await method == .check ? checking.check([:], functions: library) : checking.call(method, [:])
    return answer["diagnostics"].list.first?["summary"].string ?? ""
  }

  @Test func checksCallFunctionsOfOtherPlugins() async throws {
    // CBOR: a map of one, "result", the double 1.5.
    #expect(try await asked(in: "a").hasPrefix("0 .fresult."))
    #expect(try await asked(mode: .always, in: "b").hasPrefix("0 .fresult."))
    #expect(
      try await asked(#"{"name":"typed::repeat","arguments":["a",-1]}"#, in: "c").contains("not a number of times"))
    #expect(
      try await asked(#"{"name":"typed::none","arguments":[]}"#, in: "d").contains(
        "no loaded plugin has the function typed::none"))
    #expect(try await asked(#"{"name":"checking::x"}"#, in: "e").contains("own; call it directly"))
    #expect(try await asked(#"{"name":"nonsense"}"#, in: "f") == "3 ")
    #expect(try await asked(nil, .validate, in: "g") == "2 ")
    #expect(try await asked(nil, .validate, mode: .always, in: "h") == "2 ")
  }

  @Test func callsOfSerialPluginsDoNotOverlap() async throws {
    for (flags, most) in [("SNOWMAKER_SERIAL", Int64(1)...1), ("0", 2...8)] {
      let folder = "serial-\(flags)"
      let plugin = try workshop.load(
        workshop.build("typed", from: "functions.c", in: folder, defining: ["FLAGS": flags]))
      let function = try #require(plugin.functions.first { $0.schema.name == "overlap" })
      let found = await withTaskGroup(of: Int64.self) { group in
        for number in 0..<8 {
          group.addTask {
            await withCheckedContinuation { continuation in
              PluginThreads.shared.run {
                continuation.resume(returning: (try? function.call([.int(Int64(number))]))?.int ?? -1)
              }
            }
          }
        }
        return await group.reduce(0) { max($0, $1) }
      }
      #expect(most.contains(found), "\(flags): \(found) at once")
    }
  }
}
