import Glibc
import Programs
import Testing

@testable import PluginHost

/// A private folder in which a test builds plugins from Tests/Fixtures; removed when the test is done with it.
final class Workshop {
  let folder: String

  init() throws {
    var template = Array("\(Self.temporaryFolder)/snowmaker-host-XXXXXX".utf8CString)
    let made = mkdtemp(&template)
    try #require(made != nil)
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { _ = try? Program.run("/bin/rm", ["-rf", folder]) }

  // MARK: Building

  /// The path of a plugin called `name`, built from `source` with these macros.
  @discardableResult
  func build(
    _ name: String, from source: String = "fixture.c", in subfolder: String = "",
    defining macros: [String: String] = [:],
    options: [String] = ["-shared", "-fPIC"], file: String? = nil
  ) throws -> String {
    let target = subfolder.isEmpty ? folder : "\(folder)/\(subfolder)"
    if mkdir(target, 0o755) != 0 { try #require(errno == EEXIST) }
    let path = "\(target)/\(file ?? "libsnowmaker-\(name).so")"
    var arguments = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-fvisibility=hidden", "-D_GNU_SOURCE"] + options
    arguments += ["-I", "\(Self.repository)/SDK/Sources/CSnowmaker/include"]
    arguments += macros.sorted { $0.key < $1.key }.map { $0.value.isEmpty ? "-D\($0.key)" : "-D\($0.key)=\($0.value)" }
    arguments += ["\(Self.repository)/Tests/Fixtures/\(source)", "-o", path, "-pthread"]
    // GCC's sanitizers are not Swift's. A program is only looked at, and would need libdispatch for one.
    if let sanitizer = Self.sanitizer {
      let isProgram = options.contains("-pie") || options.contains("-no-pie")
      arguments += ["-g", "-Wno-unused"] + (isProgram ? [] : ["-fsanitize=\(sanitizer)"])
    }
    let result = try Program.run("/usr/bin/env", [Self.sanitizer == nil ? "cc" : "clang"] + arguments)
    try #require(result.status == 0, "cc failed: \(result.output)")
    chmod(path, 0o755)
    return path
  }

  /// A plugin that behaves well but for its answer to DESCRIBE.
  func build(_ name: String, describing manifest: String, in subfolder: String = "") throws -> String {
    try build(name, in: subfolder, defining: ["NAME": Self.symbol(name), "MANIFEST": Self.literal(manifest)])
  }

  /// A plugin with types, each given as JSON.
  func build(_ name: String, types: [String], in subfolder: String = "") throws -> String {
    let manifest = #"{"name":"\#(name)","version":"1.0.0","protocol":"1.0","types":[\#(types.joined(separator: ","))]}"#
    return try build(name, describing: manifest, in: subfolder)
  }

  func write(_ bytes: [UInt8], to fileName: String) throws -> String {
    let path = "\(folder)/\(fileName)"
    let file = try #require(fopen(path, "w"))
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
    chmod(path, 0o644)
    return path
  }

  static func read(_ path: String) throws -> [UInt8] {
    let file = try OpenFile(resolving: path)
    return try file.read(at: 0, Int(file.status.st_size))
  }

  // MARK: Loading

  /// The sentence with which the file is refused, its folder as `DIR`; nil when it is loaded.
  func refusal(_ path: String, loader: PluginLoader = PluginLoader(sink: { _ in })) throws -> String? {
    let file = try #require(PluginFile(path: path, origin: .user))
    do throws(PluginRefusal) {
      _ = try loader.load(file)
      return nil
    } catch {
      return shorten(error.description)
    }
  }

  func load(_ path: String, log: @escaping PluginLogSink = { _ in }) throws -> LoadedPlugin {
    try PluginLoader(sink: log).load(try #require(PluginFile(path: path, origin: .user)))
  }

  /// The text with this workshop's folder as `DIR`.
  func shorten(_ text: String) -> String {
    text.split(separator: folder, omittingEmptySubsequences: false).joined(separator: "DIR")
  }

  // MARK: Surroundings

  static let repository = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
  static let temporaryFolder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
  /// The sanitizer that everything is built with, by `.ci/sanitize`; nil for none.
  static let sanitizer = getenv("SNOWMAKER_SANITIZER").map { String(cString: $0) }
  static let hasCompiler = (try? Program.run("/usr/bin/env", ["cc", "--version"]))?.status == 0

  static func symbol(_ name: String) -> String { String(name.map { $0 == "-" ? "_" : $0 }) }

  /// The text as a string literal of C.
  static func literal(_ text: String) -> String {
    "\""
      + text.split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "\\\\")
      .split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\\"") + "\""
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips tests in which a plugin dies of a signal: under a sanitizer, that is a report and another end.
  static var needsPlainSignals: Self {
    .enabled(if: Workshop.sanitizer == nil, "a sanitizer takes the signals that this test is about")
  }

  /// Skips tests of the command line under a sanitizer: the program is not built with it, and its plugins die of signals.
  static var needsTool: Self {
    .enabled(if: Workshop.sanitizer == nil, "the program that this test runs is not built under a sanitizer")
  }

  /// Skips tests that build plugins where there is no C compiler.
  static var needsCompiler: Self {
    .enabled(if: Workshop.hasCompiler, "no C compiler: install gcc or clang, so that there is a 'cc' on PATH")
  }
}
