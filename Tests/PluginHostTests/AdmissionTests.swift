import Glibc
import Programs
import SnowmakerModel
import Testing

@testable import PluginHost

/// What is refused before any of its code runs. Every fixture here would crash or lie if it were loaded.
@Suite(.needsCompiler) struct AdmissionTests {
  private let workshop: Workshop

  init() throws { workshop = try Workshop() }

  private func refusal(_ path: String) throws -> String? { try workshop.refusal(path) }

  /// A good plugin with one byte changed.
  private func patched(_ change: (inout [UInt8]) -> Void) throws -> String {
    var bytes = try Workshop.read(workshop.build("fixture", in: "good"))
    change(&bytes)
    return try workshop.write(bytes, to: "libsnowmaker-fixture.so")
  }

  @Test func admitsAGoodPlugin() throws { #expect(try refusal(workshop.build("fixture")) == nil) }

  @Test func refusesWhatIsNotThere() throws {
    #expect(
      try refusal("\(workshop.folder)/libsnowmaker-gone.so")
        == "plugin 'gone' (DIR/libsnowmaker-gone.so): cannot be opened: No such file or directory")
  }

  @Test func refusesAFolder() throws {
    mkdir("\(workshop.folder)/libsnowmaker-x.so", 0o755)
    #expect(
      try refusal("\(workshop.folder)/libsnowmaker-x.so")
        == "plugin 'x' (DIR/libsnowmaker-x.so): not a regular file")
  }

  @Test func refusesAPipeWithoutWaiting() throws {
    mkfifo("\(workshop.folder)/libsnowmaker-x.so", 0o600)
    #expect(
      try refusal("\(workshop.folder)/libsnowmaker-x.so")
        == "plugin 'x' (DIR/libsnowmaker-x.so): not a regular file")
  }

  @Test(arguments: ["Upper", "a_b", "a--b", "-a", "a.b"]) func refusesNamesThatNoFunctionHas(name: String) throws {
    let path = try workshop.write([], to: "libsnowmaker-\(name).so")
    #expect(
      try refusal(path) == "plugin '\(name)' (DIR/libsnowmaker-\(name).so): "
        + "a plugin's name has only lower-case letters, digits and single '-' in between")
  }

  @Test(arguments: ["", "#!/bin/sh\nexit 1\n", "\u{7f}EL"]) func refusesTexts(text: String) throws {
    #expect(
      try refusal(workshop.write(Array(text.utf8), to: "libsnowmaker-x.so"))
        == "plugin 'x' (DIR/libsnowmaker-x.so): not an ELF file")
  }

  @Test func refusesAnObjectFile() throws {
    #expect(
      try refusal(workshop.build("x", options: ["-c", "-fPIC"])) == "plugin 'x' (DIR/libsnowmaker-x.so): "
        + "ELF type 1 (an object file) is not a shared library")
  }

  @Test func refusesPrograms() throws {
    #expect(
      try refusal(workshop.build("x", from: "plain.c", defining: ["PROGRAM": ""], options: ["-fPIE", "-pie"]))
        == "plugin 'x' (DIR/libsnowmaker-x.so): a program, not a shared library")
    #expect(
      try refusal(workshop.build("y", from: "plain.c", defining: ["PROGRAM": ""], options: ["-no-pie"]))
        == "plugin 'y' (DIR/libsnowmaker-y.so): ELF type 2 (a program) is not a shared library")
  }

  @Test func refusesOtherMachines() throws {
    let other: UInt16 = ELF.hostMachine == 62 ? 183 : 62
    let path = try patched { $0.replaceSubrange(18..<20, with: [UInt8(other & 255), UInt8(other >> 8)]) }
    #expect(
      try refusal(path) == "plugin 'fixture' (DIR/libsnowmaker-fixture.so): "
        + "built for \(ELF.machineName(other)); this host is \(ELF.machineName(ELF.hostMachine))")
  }

  @Test func refuses32BitAndBigEndian() throws {
    #expect(
      try refusal(patched { $0[4] = 1 })
        == "plugin 'fixture' (DIR/libsnowmaker-fixture.so): a 32-bit library; this host loads 64-bit ones")
    #expect(
      try refusal(patched { $0[5] = 2 })
        == "plugin 'fixture' (DIR/libsnowmaker-fixture.so): a big-endian library; this host loads little-endian ones")
  }

  @Test func refusesFilesCutAnywhere() throws {
    let bytes = try Workshop.read(workshop.build("fixture", in: "good"))
    let cuts = [4, 63, 64, 200, 500, 1000, 4096, 5000, 8192, bytes.count / 2, bytes.count - 64, bytes.count - 1]
    for cut in cuts where cut < bytes.count {
      let refusal = try refusal(workshop.write(Array(bytes[..<cut]), to: "libsnowmaker-fixture.so"))
      let message = try #require(refusal)
      #expect(message.hasPrefix("plugin 'fixture' (DIR/libsnowmaker-fixture.so): the file is truncated: "))
      #expect(message.hasSuffix(", the file has \(cut) bytes; build or copy it again"))
    }
    #expect(
      try refusal(workshop.write(Array(bytes[..<63]), to: "libsnowmaker-fixture.so"))
        == "plugin 'fixture' (DIR/libsnowmaker-fixture.so): the file is truncated: the ELF header ends at 64, "
        + "the file has 63 bytes; build or copy it again")
    #expect(
      try refusal(workshop.write(Array(bytes.dropLast()), to: "libsnowmaker-fixture.so"))
        == "plugin 'fixture' (DIR/libsnowmaker-fixture.so): the file is truncated: the section table ends at "
        + "\(bytes.count), the file has \(bytes.count - 1) bytes; build or copy it again")
  }

  @Test func refusesOverlappingNonsense() throws {
    #expect(
      try refusal(patched { $0[54] = 55 })
        == "plugin 'fixture' (DIR/libsnowmaker-fixture.so): the file is damaged: the segment table has entries of 55 bytes; "
        + "build or copy it again")
    #expect(
      try refusal(patched { $0.replaceSubrange(32..<40, with: [UInt8](repeating: 0xff, count: 8)) })
        == "plugin 'fixture' (DIR/libsnowmaker-fixture.so): the file is damaged: the segment table has an impossible size; "
        + "build or copy it again")
  }

  @Test func refusesWhatHasNoNote() throws {
    #expect(
      try refusal(workshop.build("x", from: "plain.c")) == "plugin 'x' (DIR/libsnowmaker-x.so): "
        + "no section snowmaker_abi: not a snowmaker plugin, or built without its SDK or SNOWMAKER_PLUGIN")
  }

  @Test func refusesADamagedNote() throws {
    let macros = ["NOTE": "\"SNOWCAT\"", "ABI": "1", "SWIFT": "0"]
    #expect(
      try refusal(workshop.build("x", from: "plain.c", defining: macros)) == "plugin 'x' (DIR/libsnowmaker-x.so): "
        + "the file is damaged: its section snowmaker_abi is not a note; build or copy it again")
  }

  @Test func refusesAnotherABI() throws {
    let macros = ["NOTE": "\"SNOWMKR\"", "ABI": "2", "SWIFT": "0"]
    #expect(
      try refusal(workshop.build("future", from: "plain.c", defining: macros))
        == "plugin 'future' (DIR/libsnowmaker-future.so): speaks ABI 2, this host speaks ABI 1; "
        + "rebuild it with this snowmaker's SDK")
  }

  @Test func refusesAnotherSwiftRuntimeOnlyWhenItIsShared() throws {
    let macros = ["NOTE": "\"SNOWMKR\"", "ABI": "1", "SWIFT": "502", "ENTRY": "snowmaker_old_entry"]
    // A library that calls itself libswiftCore.so, so that the plugin needs one.
    try workshop.build(
      "", from: "plain.c", options: ["-shared", "-fPIC", "-Wl,-soname,libswiftCore.so"], file: "core.so")
    let sharing = try workshop.build(
      "old", from: "plain.c", defining: macros,
      options: ["-shared", "-fPIC", "-Wl,--no-as-needed", "\(workshop.folder)/core.so"])
    let host = "\(SwiftRuntime.number / 100).\(SwiftRuntime.number % 100)"
    #expect(
      try refusal(sharing)
        == "plugin 'old' (DIR/libsnowmaker-old.so): built with Swift 5.2, this host with Swift \(host), "
        + "and Swift's runtime cannot be shared between releases on Linux; rebuild it with Swift \(host), "
        + "or with -static-stdlib")
    let own = try workshop.build("own", from: "plain.c", defining: macros)
    #expect(try refusal(own)?.contains("Swift") == false)
  }

  // MARK: Who could change it

  @Test func refusesWhatAnyoneCanWrite() throws {
    let path = try workshop.build("fixture")
    chmod(path, 0o666)
    #expect(
      try refusal(path)
        == "plugin 'fixture' (DIR/libsnowmaker-fixture.so): the file is writable by everyone (mode 666): "
        + "anyone could change what runs; chmod go-w DIR/libsnowmaker-fixture.so, or pass --allow-insecure-plugins")
    chmod(path, 0o755)
    chmod(workshop.folder, 0o1777)
    #expect(
      try refusal(path) == "plugin 'fixture' (DIR/libsnowmaker-fixture.so): its folder DIR is writable by everyone "
        + "(mode 1777): anyone could change what runs; chmod go-w DIR, or pass --allow-insecure-plugins")
    chmod(workshop.folder, 0o700)
    #expect(try refusal(path) == nil)
  }

  @Test func loadsInsecurePluginsWhenTold() throws {
    let path = try workshop.build("fixture")
    chmod(path, 0o777)
    let loader = PluginLoader(admission: Admission(allowsInsecure: true), sink: { _ in })
    let plugin = try loader.load(try #require(PluginFile(path: path, origin: .user)))
    #expect(
      plugin.tolerated?.reason == .insecure(.writableByEveryone(mode: 0o777, folder: nil)))
  }

  @Test func trustsOnlyTheUserRootAndTheirOwnGroup() throws {
    let path = try workshop.build("fixture")
    chmod(path, 0o775)
    let file = try OpenFile(resolving: path)
    var trust = FileTrust(origin: .user)
    trust.user = file.status.st_uid
    trust.group = file.status.st_gid
    #expect(trust.insecurity(of: file) == nil)
    trust.group += 1
    #expect(
      trust.insecurity(of: file) == .writableByGroup(mode: 0o775, group: UInt32(file.status.st_gid), folder: nil))
    trust.group -= 1
    trust.user += 1
    let expected: PluginRefusal.Insecurity? =
      file.status.st_uid == 0 ? nil : .foreignOwner(user: UInt32(file.status.st_uid), folder: nil)
    #expect(trust.insecurity(of: file) == expected)
  }

  @Test func resolvesLinksBeforeItLooks() throws {
    let path = try workshop.build("fixture", in: "elsewhere")
    let link = "\(workshop.folder)/libsnowmaker-fixture.so"
    symlink(path, link)
    #expect(try refusal(link) == nil)
    chmod("\(workshop.folder)/elsewhere", 0o777)
    #expect(try refusal(link)?.contains("its folder DIR/elsewhere is writable by everyone (mode 777)") == true)
  }

  // MARK: Digest

  @Test func digestsTheFileThatWasLoaded() throws {
    let path = try workshop.build("fixture")
    let plugin = try workshop.load(path)
    let expected = try Program.run("/usr/bin/env", ["sha256sum", path]).output.prefix(64)
    #expect(try plugin.sha256() == expected)
    _ = try workshop.write([1], to: "new")
    rename("\(workshop.folder)/new", path)
    #expect(throws: PluginRefusal.self) { try plugin.sha256() }
  }

  // MARK: Any bytes

  @Test func takesAnyBytes() throws {
    let sample = try Workshop.read(workshop.build("fixture"))
    var generator = SeededGenerator(seed: 7)
    var accepted = 0
    for _ in 0..<3_000 {
      var bytes = Array(sample.prefix(Int.random(in: 0...sample.count, using: &generator) | 0xfff))
      for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
        // Mostly in the headers, where everything hangs on a byte.
        let limit = Bool.random(using: &generator) ? min(bytes.count, 600) : bytes.count
        let fromEnd = Bool.random(using: &generator)
        let at = Int.random(in: 0..<limit, using: &generator)
        bytes[fromEnd ? bytes.count - 1 - at : at] = UInt8.random(in: 0...255, using: &generator)
      }
      let source = ELF.Source(size: UInt64(bytes.count)) { (offset, count) throws(PluginRefusal.Reason) in
        Array(bytes[Int(offset)..<(Int(offset) + count)])  // traps when it is asked for what is not there
      }
      guard let library = try? ELF(source) else { continue }
      accepted += 1
      _ = try? library.exportedSymbols()
    }
    // What a sanitizer adds to the sample is many times its size, so that fewer of the cuts are whole.
    #expect(accepted > (Workshop.sanitizer == nil ? 100 : 10))
  }
}
