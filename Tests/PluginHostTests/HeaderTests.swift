import Glibc
import Programs
import Testing

@testable import PluginHost

/// The C header: clean in every compiler there is, and what built plugins rely on is what it was.
@Suite(.needsCompiler) struct HeaderTests {
  /// Compilers on PATH, as the words that begin a command.
  static let compilers: [[String]] = [
    ["gcc", "-std=c11"], ["g++", "-std=c++17", "-x", "c++"], ["clang", "-std=c11"],
    ["clang++", "-std=c++17", "-x", "c++"], ["cc", "-std=c11"],
  ].filter { (try? Program.run("/usr/bin/env", [$0[0], "--version"]))?.status == 0 }

  private static let header = "\(Workshop.repository)/SDK/Sources/CSnowmaker/include/snowmaker_plugin.h"

  /// Sizes, offsets, numbers and names are golden data. A line may be added, in a commit that says why; a line that
  /// changes or goes breaks every plugin that was ever built.
  @Test(arguments: compilers) func layoutIsFrozen(compiler: [String]) throws {
    let workshop = try Workshop()
    let program = "\(workshop.folder)/layout"
    let built = try Program.run(
      "/usr/bin/env",
      compiler + [
        "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wstrict-aliasing", "-Werror", "-fvisibility=hidden", "-I",
        "\(Workshop.repository)/SDK/Sources/CSnowmaker/include", "\(Workshop.repository)/Tests/Fixtures/layout.c",
        "-o", program,
      ])
    #expect(built.status == 0, "\(built.output)")
    let found = try Program.run(program, []).output
    let golden = try String(decoding: Workshop.read("\(Workshop.repository)/Tests/Golden/abi-1.txt"), as: UTF8.self)
    #expect(found == golden, "snowmaker_plugin.h no longer is ABI 1")
  }

  @Test func isShortEnoughToRead() throws {
    let lines = try Workshop.read(Self.header).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    #expect(lines.count <= 400)
    #expect(lines.allSatisfy { $0.count <= 120 })
  }

  /// Every field and every constant has its rule on the line above.
  @Test func everyFieldHasItsRuleAboveIt() throws {
    let text = try String(decoding: Workshop.read(Self.header), as: UTF8.self)
    var isInside = false
    var previous = ""
    var bare: [String] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line.hasPrefix("typedef struct") || line == "enum {" {
        isInside = true
      } else if line.hasPrefix("}") {
        isInside = false
      } else if isInside, line.hasPrefix("  "), !line.hasPrefix("   ") {
        let isComment = line.hasPrefix("  /*") || line.hasPrefix("  *")
        if !isComment, !previous.hasSuffix("*/") { bare.append(line) }
      }
      if !line.isEmpty { previous = line }
    }
    #expect(bare.isEmpty)
  }
}
