import Glibc
import PluginHost
import SnowmakerModel

/// `snowmaker plugin verify FILE`: everything that can be checked of a plugin without an account.
enum PluginVerifyCommand {
  static let description = CommandDescription(
    path: ["plugin", "verify"], summary: "Check a plugin: its file, its protocol, its contract, its types' lives.",
    discussion:
      "Every check runs in a process of its own, so that a plugin that crashes, hangs or exits fails that check "
      + "and no other. The life of every type is played on an account emulator. Ends with 0 when nothing failed or "
      + "crashed, 1 otherwise.",
    positionals: [.init(name: "FILE", doc: "A plugin, libsnowmaker-NAME.so.")],
    options: [
      .value(
        "--only", "NAME", "Only this check, or this group; * stands for any text; may be repeated.", repeatable: true),
      .flag("--list", "List the checks and run none; with FILE, those of its types too."),
      .value("--seed", "N", "What random requests follow from (1)."),
      .value("--format", "FORMAT", "text (the default) or json.", allowed: ["text", "json"]),
    ],
    examples: [
      .init(command: "snowmaker plugin verify .build/debug/libsnowmaker-monitors.so", doc: "Everything."),
      .init(
        command: "snowmaker plugin verify x.so --only contract --only 'describe-*'", doc: "One group, some checks."),
      .init(command: "snowmaker plugin verify x.so --only random-requests --seed 7", doc: "Other random requests."),
    ], run: run)

  private static func run(_ arguments: ParsedArguments) async -> ExitStatus {
    do throws(UsageError) {
      let seed = UInt64(try arguments.number("--seed", in: 0...Int.max) ?? 1)
      let isJSON = arguments.value("--format") == "json"
      guard let path = arguments.positionals.first else {
        guard arguments.has("--list") else { throw UsageError("FILE is missing: the plugin to check") }
        list(PluginVerifier.checks, isJSON: isJSON)
        return .success
      }
      guard access(path, F_OK) == 0 else {
        throw UsageError("'\(path)': \(String(cString: strerror(errno)))")
      }
      guard let verifier = PluginVerifier(path: path, seed: seed) else {
        throw UsageError("'\(path)' is not named like a plugin: \(PluginFile.fileName(for: "NAME"))")
      }
      let chosen = try choose(arguments.all("--only"), of: verifier)
      if arguments.has("--list") {
        list(chosen, isJSON: isJSON)
        return .success
      }
      return report(verifier, chosen, seed: seed, isJSON: isJSON, arguments)
    } catch {
      return Reporter(arguments).fail(error)
    }
  }

  private static func choose(
    _ patterns: [String], of verifier: PluginVerifier
  ) throws(UsageError) -> [VerificationCheck] {
    let isOnlyGeneral =
      !patterns.isEmpty && patterns.allSatisfy { pattern in PluginVerifier.checks.contains { matches(pattern, $0) } }
    var checks = PluginVerifier.checks
    // Which types it has, only the plugin can say.
    var isWithoutTypes = false
    if !isOnlyGeneral || patterns.contains("*") {
      let manifest = verifier.manifest()
      isWithoutTypes = manifest?.types.isEmpty == true
      checks += manifest?.types.map { LifeCycleCheck.check(ofType: $0.type) } ?? []
    }
    guard !patterns.isEmpty else { return checks }
    for pattern in patterns where !checks.contains(where: { matches(pattern, $0) }) {
      // A plugin without types has no lives; that is no mistake of whoever asks for them.
      if isWithoutTypes, pattern == VerificationCheck.Group.lifeCycle.rawValue { continue }
      let names = checks.map(\.name) + VerificationCheck.Group.allCases.map(\.rawValue)
      let close = Spelling.closest(to: pattern, in: names)
      throw UsageError("--only \(pattern) matches no check" + (close.map { "; did you mean '\($0)'?" } ?? ""))
    }
    return checks.filter { check in patterns.contains { matches($0, check) } }
  }

  private static func matches(_ pattern: String, _ check: VerificationCheck) -> Bool {
    check.group.rawValue == pattern || fnmatch(pattern, check.name, 0) == 0
  }

  private static func list(_ checks: [VerificationCheck], isJSON: Bool) {
    if isJSON {
      Terminal.out(
        JSON.string(
          .list(
            checks.map {
              ["name": .string($0.name), "group": .string($0.group.rawValue), "rule": .string($0.rule)]
            }), pretty: true) + "\n")
    } else {
      Terminal.out(Table.text([["NAME", "GROUP", "RULE"]] + checks.map { [$0.name, $0.group.rawValue, $0.rule] }))
    }
  }

  // MARK: - Running

  private static func report(
    _ verifier: PluginVerifier, _ checks: [VerificationCheck], seed: UInt64, isJSON: Bool, _ arguments: ParsedArguments
  ) -> ExitStatus {
    let reporter = Reporter(arguments)
    var results: [PluginVerifier.Result] = []
    var group: VerificationCheck.Group?
    if !isJSON { Terminal.out("\(verifier.name) (\(verifier.path)), seed \(seed)\n") }
    for check in checks {
      reporter.progress(check.name)
      let result = verifier.run(check)
      reporter.endProgress()
      results.append(result)
      guard !isJSON else { continue }
      if check.group != group { Terminal.out("\n\(check.group.rawValue)\n") }
      group = check.group
      Terminal.out(line(result))
    }
    let counts = statuses.map { status in (status, results.count { $0.verdict.status == status }) }
    if isJSON {
      Terminal.out(JSON.string(document(verifier, results, counts, seed: seed), pretty: true) + "\n")
    } else {
      Terminal.out("\n" + counts.filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }.joined(separator: ", ") + "\n")
    }
    return results.contains { $0.verdict.isBad } ? .failure : .success
  }

  private static let statuses = ["success", "failed", "crashed", "skipped", "warning"]

  private static func line(_ result: PluginVerifier.Result) -> String {
    let status = result.verdict.status
    var text = "  \(status)\(String(repeating: " ", count: 8 - status.count)) \(result.check.name)\n"
    if result.verdict.isBad { text += "           \(result.check.rule)\n" }
    if !result.verdict.message.isEmpty { text += "           \(result.verdict.message)\n" }
    return text
  }

  private static func document(
    _ verifier: PluginVerifier, _ results: [PluginVerifier.Result], _ counts: [(String, Int)], seed: UInt64
  ) -> Value {
    [
      "plugin": .string(verifier.name), "path": .string(verifier.path), "seed": .int(Int64(clamping: seed)),
      "checks": .list(
        results.map { result in
          [
            "name": .string(result.check.name), "group": .string(result.check.group.rawValue),
            "status": .string(result.verdict.status), "message": .string(result.verdict.message),
            "rule": .string(result.check.rule), "milliseconds": .int(Int64(result.seconds * 1000)),
          ]
        }), "counts": .object(counts.map { .init($0.0, .int(Int64($0.1))) }),
    ]
  }
}
