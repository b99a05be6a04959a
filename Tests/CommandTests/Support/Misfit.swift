import Glibc
import Testing

/// The plugin of Tests/Fixtures/misfit.c in a workplace's folder `plugins`: its type `misfit` does what the attribute
/// `does` says.
enum Misfit {
  static let hasCompiler = compile(["--version"]) == 0

  /// Builds it, or the plugin of another file of Tests/Fixtures; its path.
  static func build(
    _ name: String = "misfit", in place: Workplace, defining macros: [String] = []
  ) throws -> String {
    let folder = "\(place.folder)/plugins"
    mkdir(folder, 0o700)
    let options = ["-shared", "-fPIC", "-fvisibility=hidden"] + macros.map { "-D\($0)" }
    return try build(name, to: "\(folder)/libsnowmaker-\(name).so", options)
  }

  /// Builds the program of a file of Tests/Fixtures; its path.
  static func program(_ name: String, in place: Workplace) throws -> String {
    try build(name, to: "\(place.root)/\(name)", [])
  }

  private static func build(_ name: String, to path: String, _ options: [String]) throws -> String {
    let repository = #filePath.split(separator: "/").dropLast(4).reduce("") { "\($0)/\($1)" }
    let status = compile(
      ["-std=c11"] + options + [
        "-D_GNU_SOURCE", "-I", "\(repository)/SDK/Sources/CSnowmaker/include",
        "\(repository)/Tests/Fixtures/\(name).c", "-o", path, "-pthread",
      ])
    try #require(status == 0, "cc failed")
    chmod(path, 0o700)
    return path
  }

  /// The configuration of one misfit.
  static func configuration(_ does: String) -> String { "misfits:\n  - {name: odd, does: \"=\(does);\"}\n" }

  static func compile(_ arguments: [String]) -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    let words = (["env", "cc"] + arguments).map { strdup($0) } + [nil]
    defer { words.forEach { free($0) } }
    var child: pid_t = 0
    guard posix_spawn(&child, "/usr/bin/env", &actions, nil, words, environ) == 0 else { return -1 }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    return status
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips tests that build a plugin where there is no C compiler.
  static var needsCompiler: Self { .enabled(if: Misfit.hasCompiler, "no C compiler on PATH") }
}
