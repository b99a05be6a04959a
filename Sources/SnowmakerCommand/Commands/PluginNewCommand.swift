import Glibc
import PluginHost
import SnowflakeClient
import SnowmakerModel

/// `snowmaker plugin new NAME`: a provider to begin with.
enum PluginNewCommand {
  static let description = CommandDescription(
    path: ["plugin", "new"], summary: "Write a provider that builds, verifies and passes its tests.",
    discussion: "The project brings one real type, resource monitors. It comes from the templates of the SDK, which is "
      + "found beside the program (share/snowmaker/SDK from its prefix, or the source tree), or where --sdk says.",
    positionals: [
      .init(
        name: "NAME", doc: "The plugin's name: lower-case letters, digits, single '-' in between.", isRequired: true)
    ],
    options: [
      .value("--lang", "LANGUAGE", "swift (the default), c or rust.", allowed: ["swift", "c", "rust"]),
      .value("--dir", "DIR", "The folder to write; NAME in the current one when it is left out. It must not exist."),
      .value("--sdk", "DIR", "The SDK's folder (also $SNOWMAKER_SDK)."),
    ],
    examples: [
      .init(command: "snowmaker plugin new acme-budgets", doc: "In Swift; then: swift build, swift test."),
      .init(command: "snowmaker plugin new acme-budgets --lang c", doc: "In C; then: make verify, make test."),
    ], run: run)

  private static func run(_ arguments: ParsedArguments) async -> ExitStatus {
    let name = arguments.positionals[0]
    do {
      guard let file = PluginFile(path: PluginFile.fileName(for: name), origin: .option), file.hasLegalName,
        name.first?.isLetter == true
      else {
        throw UsageError(
          "'\(name)' cannot be a plugin's name: lower-case letters, digits and single '-' in between, a letter first")
      }
      let sdk = try SDKFolder.find(arguments.value("--sdk"))
      let language = arguments.value("--lang") ?? "swift"
      let folder = arguments.value("--dir") ?? name
      try ProjectTemplate(sdk: sdk, language: language, name: name).write(to: folder)
      let next =
        language == "swift"
        ? "swift build, swift test, snowmaker plugin verify .build/debug/\(PluginFile.fileName(for: name))"
        : "make, make verify, make test"
      Terminal.out("Wrote \(folder). In it: \(next).\n")
      return .success
    } catch {
      return Reporter(arguments).fail(error)
    }
  }
}

/// Where the SDK is: with its templates, and for Swift packages to depend on by path.
enum SDKFolder {
  /// The folder that was asked for, or the one that came with this program. Throws when there is none.
  static func find(_ option: String?) throws -> String {
    if let asked = option ?? ProcessEnvironment.variables["SNOWMAKER_SDK"] {
      guard let folder = absolute(asked), isSDK(folder) else {
        throw Diagnostic.error("'\(asked)' is not the SDK: it has no Templates and Package.swift", code: "sdk")
      }
      return folder
    }
    var folder = PluginSearchPath.executable.flatMap(parent)
    while let current = folder {
      for candidate in ["\(current)/share/snowmaker/SDK", "\(current)/SDK"] where isSDK(candidate) { return candidate }
      folder = current == "/" ? nil : parent(of: current)
    }
    throw Diagnostic.error(
      "the SDK is not beside this program", detail: "Say where it is: --sdk DIR, or SNOWMAKER_SDK.", code: "sdk")
  }

  private static func isSDK(_ folder: String) -> Bool {
    access(folder + "/Templates", R_OK) == 0 && access(folder + "/Package.swift", R_OK) == 0
  }

  private static func absolute(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  private static func parent(of path: String) -> String? {
    guard let slash = path.lastIndex(of: "/") else { return nil }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
