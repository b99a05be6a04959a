import Glibc
import Testing

/// The plugin of Tests/Fixtures/evolving.c in a workplace's folder `plugins`: its composite `kit` stands for what the test
/// that builds it says, so that a test has a plugin in several versions.
enum Evolving {
  /// Builds it; `macros` as the file's head lists them, texts without C's quotes.
  static func build(in place: Workplace, _ macros: [String: String]) throws {
    let folder = "\(place.folder)/plugins"
    mkdir(folder, 0o700)
    let path = "\(folder)/libsnowmaker-evolving.so"
    let repository = #filePath.split(separator: "/").dropLast(4).reduce("") { "\($0)/\($1)" }
    let definitions = macros.map { name, text in
      "-D\(name)=\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
    }
    let status = Misfit.compile(
      [
        "-std=c11", "-shared", "-fPIC", "-fvisibility=hidden", "-D_GNU_SOURCE", "-I",
        "\(repository)/SDK/Sources/CSnowmaker/include",
      ] + definitions + ["\(repository)/Tests/Fixtures/evolving.c", "-o", path + ".new"])
    try #require(status == 0, "cc failed")
    // Another file, as an installer does it: what is loaded stays as it is.
    chmod(path + ".new", 0o700)
    try #require(rename(path + ".new", path) == 0)
  }

  /// The resource of a type, as EXPAND answers it.
  static func resource(_ type: String, _ attributes: String) -> String {
    "{\"type\":\"\(type)\",\"attributes\":{\(attributes)}}"
  }
}
