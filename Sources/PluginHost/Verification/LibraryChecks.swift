import CSnowmaker
import Glibc
import SnowmakerModel

/// What is checked of the file, and of what happens while it is loaded and described.
enum LibraryChecks {
  static let noOutput = "no-stdout"

  static let all: [VerificationCheck] = [
    VerificationCheck(
      "admitted", .library, "the host admits the file: its name, its format, its note, its rights",
      run: { subject throws(VerificationCheck.Ending) in
        do throws(PluginRefusal) { _ = try Admission().admit(subject.file) } catch {
          throw .failed(error.description)
        }
      }),
    VerificationCheck(
      "exports-only-entry", .library, "the file exports its entry and nothing else", run: exportsOnlyEntry),
    VerificationCheck(
      "note-present", .library, "the section snowmaker_abi has this ABI and this Swift runtime, or none",
      run: notePresent),
    VerificationCheck(
      "loads-now-local", .library, "it loads with every symbol bound, and shows none of its own to others",
      run: loadsNowLocal),
    VerificationCheck(
      "entry-twice", .library, "its entry can be called again without harm to the first peer", run: entryTwice),
    VerificationCheck("describe-under-50ms", .library, "DESCRIBE answers within 50 ms", run: describeIsFast),
    VerificationCheck(
      "describe-deterministic", .library, "DESCRIBE answers the same each time, on any thread",
      run: describeIsDeterministic),
    VerificationCheck(
      "describe-utf8", .library, "the manifest is a document, all its text is UTF-8 and can be printed",
      run: describeIsText),
    VerificationCheck(
      "manifest-consistent", .library, "nothing in the manifest contradicts itself", run: manifestIsConsistent),
    VerificationCheck(
      "name-matches-file", .library, "the manifest has the file's name and this protocol's major", run: nameMatchesFile),
    VerificationCheck(
      noOutput, .library, "nothing is written to standard output",
      run: { subject throws(VerificationCheck.Ending) in
        let plugin = try subject.load()
        for request in SampleRequests(manifest: try plugin.manifest()).all {
          _ = plugin.call(request.method, request.document)
        }
        _ = plugin.call(.shutdown, [:])
      }),
    VerificationCheck(
      "leaves-the-process-alone", .library,
      "working directory, environment, locale, signal handlers and umask stay as they are", run: leavesProcessAlone),
    VerificationCheck(
      "no-stray-threads-after-shutdown", .library, "after SHUTDOWN, no thread of it is left, and it still answers",
      run: noStrayThreads),
  ]

  private typealias Ending = VerificationCheck.Ending

  @Sendable private static func exportsOnlyEntry(_ subject: VerificationSubject) throws(Ending) {
    let symbols = try reading(subject) { library throws(PluginRefusal.Reason) in try library.exportedSymbols() }
    guard symbols.contains(subject.file.entrySymbol) else { throw .failed("it exports no \(subject.file.entrySymbol)") }
    // What linkers put into every library.
    let usual: Set<String> = ["_init", "_fini", "__bss_start", "_edata", "_end", subject.file.entrySymbol]
    let others = symbols.filter { !usual.contains($0) }
    guard let first = others.first else { return }
    throw .warning(
      "it also exports \(counted(others.count, "other symbol")), such as \(first); "
        + "link with a version script, or build with -fvisibility=hidden")
  }

  @Sendable private static func notePresent(_ subject: VerificationSubject) throws(Ending) {
    let library = try reading(subject) { library throws(PluginRefusal.Reason) in library }
    guard let note = library.note else { throw .failed("there is no section snowmaker_abi") }
    guard note.abi == LoadedPlugin.abi else { throw .failed("the note has ABI \(note.abi), not \(LoadedPlugin.abi)") }
    let sharesRuntime = library.needed.contains { $0.hasPrefix("libswiftCore.so") }
    if sharesRuntime, note.swiftRuntime != SwiftRuntime.number {
      throw .failed("it needs Swift's runtime, and its note has \(note.swiftRuntime) instead of \(SwiftRuntime.number)")
    }
    if !sharesRuntime, note.swiftRuntime != 0 {
      throw .warning("its note names Swift runtime \(note.swiftRuntime), which the file does not need")
    }
  }

  @Sendable private static func loadsNowLocal(_ subject: VerificationSubject) throws(Ending) {
    let plugin = try subject.load()
    withExtendedLifetime(plugin) {}
    if dlsym(nil, subject.file.entrySymbol) != nil {
      throw .failed("its symbols can be seen by everybody although it was loaded with RTLD_LOCAL")
    }
  }

  @Sendable private static func entryTwice(_ subject: VerificationSubject) throws(Ending) {
    let plugin = try subject.load()
    let before = plugin.call(.describe, RawPlugin.describeRequest)
    subject.note("its entry, for the second time")
    guard let second = plugin.entry(plugin.host) else {
      throw .warning("its entry refuses a second call; a program that embeds two hosts could not use it")
    }
    guard second.pointee.abi == SNOWMAKER_ABI, second.pointee.call != nil else {
      throw .failed("the second call of its entry answers a peer that cannot be used")
    }
    let after = plugin.call(.describe, RawPlugin.describeRequest)
    guard before.status == after.status, before.bytes == after.bytes else {
      throw .failed("the first peer answers DESCRIBE differently after a second call of the entry")
    }
  }

  @Sendable private static func describeIsFast(_ subject: VerificationSubject) throws(Ending) {
    let plugin = try subject.load()
    let limit: UInt64 = 50_000_000
    var times: [UInt64] = []
    for _ in 0..<5 { times.append(plugin.call(.describe, RawPlugin.describeRequest).nanoseconds) }
    let fastest = times.min() ?? 0
    if fastest > limit { throw .failed("DESCRIBE takes \(fastest / 1_000_000) ms, at best of five") }
    if times[0] > limit {
      throw .warning("the first DESCRIBE took \(times[0] / 1_000_000) ms, later ones \(fastest / 1_000_000) ms")
    }
  }

  @Sendable private static func describeIsDeterministic(_ subject: VerificationSubject) throws(Ending) {
    let plugin = try subject.load()
    let first = plugin.call(.describe, RawPlugin.describeRequest)
    for _ in 0..<20 {
      let again = plugin.call(.describe, RawPlugin.describeRequest)
      guard again.status == first.status, again.bytes == first.bytes else {
        throw .failed("two DESCRIBEs answer differently")
      }
    }
    let elsewhere = Errand(seconds: 10) { plugin.call(.describe, RawPlugin.describeRequest).bytes }
    guard let bytes = elsewhere.wait() else { throw .failed("DESCRIBE on another thread does not end") }
    guard bytes == first.bytes else { throw .failed("DESCRIBE answers differently on another thread") }
  }

  @Sendable private static func describeIsText(_ subject: VerificationSubject) throws(Ending) {
    let document = try subject.load().ask(.describe, RawPlugin.describeRequest)
    guard case .object = document else { throw .failed("the manifest is no map but a \(document.kindName)") }
    if let text = unprintable(document) {
      throw .failed("the manifest has control characters in '\(text.filter { !$0.isNewline }.prefix(40))'")
    }
  }

  /// The first text with control characters other than line breaks and tabs.
  private static func unprintable(_ value: Value) -> String? {
    switch value {
    case .string(let text):
      text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" && $0 != "\t" || $0.value == 0x7f } ? text : nil
    case .list(let elements): elements.lazy.compactMap(unprintable).first
    case .object(let fields):
      fields.lazy.compactMap { unprintable(.string($0.key)) ?? unprintable($0.value) }.first
    default: nil
    }
  }

  @Sendable private static func manifestIsConsistent(_ subject: VerificationSubject) throws(Ending) {
    let manifest = try subject.load().manifest()
    if let problem = ManifestCheck.problem(in: manifest) { throw .failed(problem) }
    for type in manifest.types {
      let groups = Set(type.reads.map(\.name))
      for attribute in type.attributes where attribute.column != nil && !groups.isEmpty {
        guard groups.contains(attribute.group) else {
          throw .failed("\(type.type).\(attribute.name) is shown by '\(attribute.group)', which is no read group")
        }
      }
      if type.applies, !type.reads.isEmpty {
        throw .failed("\(type.type) has 'applies', and read groups, which are SQL")
      }
    }
    let undocumented = manifest.types.flatMap { type in
      type.attributes.filter { $0.doc.isEmpty }.map { "\(type.type).\($0.name)" }
    }
    if let first = undocumented.first {
      throw .warning("\(undocumented.count) attributes have no doc, such as \(first)")
    }
  }

  @Sendable private static func nameMatchesFile(_ subject: VerificationSubject) throws(Ending) {
    let manifest = try subject.load().manifest()
    guard manifest.name == subject.file.name else {
      throw .failed("the manifest says '\(manifest.name)', the file's name '\(subject.file.name)'")
    }
    let major = manifest.protocolVersion.prefix { $0 != "." }
    guard major == Manifest.protocolVersion.prefix(while: { $0 != "." }) else {
      throw .failed("the manifest has protocol \(manifest.protocolVersion), the host \(Manifest.protocolVersion)")
    }
    let parts = manifest.version.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(\.isNumber) }) else {
      throw .warning("the version '\(manifest.version)' is not major.minor.patch")
    }
  }

  @Sendable private static func noStrayThreads(_ subject: VerificationSubject) throws(Ending) {
    let before = try threads()
    let plugin = try subject.load()
    let manifest = try plugin.manifest()
    for request in SampleRequests(manifest: manifest).batches { _ = plugin.call(request.method, request.document) }
    let answer = plugin.call(.shutdown, [:])
    guard answer.status == Int32(SNOWMAKER_OK) || answer.status == Int32(SNOWMAKER_UNSUPPORTED) else {
      throw .failed("SHUTDOWN answers \(RawPlugin.name(of: answer.status))")
    }
    var after = try threads()
    for _ in 0..<100 where after > before {  // a thread may take a moment to end
      usleep(10_000)
      after = try threads()
    }
    guard after <= before else { throw .failed("\(after - before) threads are left a second after SHUTDOWN") }
    guard plugin.call(.describe, RawPlugin.describeRequest).status == Int32(SNOWMAKER_OK) else {
      throw .failed("after SHUTDOWN it no longer answers DESCRIBE")
    }
  }

  private static func threads() throws(Ending) -> Int {
    guard let folder = opendir("/proc/self/task") else { throw .skipped("there is no /proc/self/task here") }
    defer { closedir(folder) }
    var count = 0
    while let entry = readdir(folder) { if entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { count += 1 } }
    return count
  }

  private static func reading<Result>(
    _ subject: VerificationSubject, _ body: (ELF) throws(PluginRefusal.Reason) -> Result
  ) throws(Ending) -> Result {
    do throws(PluginRefusal.Reason) {
      let file = try OpenFile(resolving: subject.file.path)
      return try withExtendedLifetime(file) { () throws(PluginRefusal.Reason) in try body(ELF(file.source)) }
    } catch {
      throw .failed(PluginRefusal(subject.file, error).description)
    }
  }
}
