import Glibc
import Programs
import SnowmakerModel
import Testing

@testable import PluginHost

/// Versions, lock files, signatures: whether a file is the one that is meant.
@Suite struct TrustTests {
  // MARK: - Versions

  @Test(arguments: [
    ("1.2", "1.2.0", true), ("1.2", "1.2.1", false), ("= 1.2.3", "1.2.3", true), ("!= 1.2.3", "1.2.3", false),
    ("!= 1.2.3", "1.2.4", true), ("> 1.2", "1.2.0", false), ("> 1.2", "1.2.1", true), (">= 1.2, < 2", "1.9.9", true),
    (">= 1.2, < 2", "2.0.0", false), ("<= 1.2.3", "1.2.3", true), ("~> 1.2", "1.2.0", true), ("~> 1.2", "1.9.0", true),
    ("~> 1.2", "2.0.0", false), ("~> 1.2", "1.1.9", false), ("~> 1.2.3", "1.2.9", true), ("~> 1.2.3", "1.3.0", false),
    ("~> 1", "7.0.0", true), (">= 1.0", "1.1.0-rc.1", false), ("1.1.0-rc.1", "1.1.0-rc.1", true),
    ("~>1.2,!=1.3.0", "1.3.0", false), (">=1.0.0", "1.0.0+build.7", true),
  ]) func constraintsAllow(constraint: String, version: String, expected: Bool) throws {
    let constraint = try #require(VersionConstraint(constraint))
    #expect(constraint.allows(try #require(PluginVersion(version))) == expected)
  }

  @Test(arguments: ["", "x", "~> ", ">= 1.2.", "1.2.3.4", "=> 1", "1,", "1 2", "~> 1.-2", "1.2-", "01234567890"])
  func refusesConstraints(text: String) { #expect(VersionConstraint(text) == nil) }

  @Test func versionsAreOrdered() {
    let ordered = [
      "0.9.0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
      "1.0.0-rc.1", "1.0.0", "1.0.1", "1.10.0", "2.0.0",
    ].compactMap { PluginVersion($0) }
    #expect(ordered.count == 12)
    for (left, right) in zip(ordered, ordered.dropFirst()) {
      #expect(left < right && !(right < left), "\(left) \(right)")
    }
  }

  // MARK: - The lock file

  private static let hash = String(repeating: "ab", count: 32)
  private static let other = String(repeating: "cd", count: 32)

  @Test func lockFilesAreReadAndWritten() throws {
    let text = """
      # Maintained by "snowmaker init". Manual edits may be lost.

      plugin masking 1.4.0
        constraint ~> 1.2, != 1.3.0
        sha256 linux-aarch64 \(Self.other)
        sha256 linux-x86_64 \(Self.hash)
        signed 0123456789abcdef
        blake3 linux-x86_64 something later

      plugin teams 0.1.0
        sha256 linux-x86_64 \(Self.hash)

      """
    let lock = try LockFile(text: text)
    #expect(lock.text == text)
    #expect(lock.entries["masking"]?.hashes(of: "linux-aarch64") == [Self.other])
    #expect(lock.entries["masking"]?.unknown == ["blake3 linux-x86_64 something later"])
    #expect(lock.entries["teams"]?.constraint == nil)
    #expect(try LockFile(text: "").entries.isEmpty)
  }

  @Test(arguments: [
    ("plugin a", "1: expected 'plugin NAME VERSION'"), ("  sha256 x y", "1: there is no plugin above this line"),
    ("plugin a 1\n  sha256 linux abc", "2: expected 'sha256 PLATFORM HASH'"),
    ("plugin a 1\nplugin a 2", "2: the plugin 'a' is there twice"), ("what", "1: expected 'plugin NAME VERSION'"),
    ("plugin a 1\n  signed", "2: expected 'signed KEY'"),
  ]) func refusesLockFiles(text: String, problem: String) {
    #expect(
      throws: LockFile.Failure(
        description: "snowmaker.lock:\(problem); restore it, or remove it and run 'snowmaker init'")
    ) { try LockFile(text: text) }
  }

  // MARK: - Init

  private func update(
    _ old: LockFile?, _ found: [LockUpdate.Found], asking: [String: String] = [:], upgrades: Bool = false,
    platform: String = "linux-x86_64"
  ) -> LockUpdate {
    LockUpdate(
      old, found: found, requirements: asking.mapValues { PluginRequirement(version: VersionConstraint($0)) },
      upgrades: upgrades, platform: platform)
  }

  private let found = LockUpdate.Found(name: "masking", version: "1.4.0", sha256: TrustTests.hash)

  @Test func initLocksWhatIsThere() {
    let first = update(nil, [found], asking: ["masking": "~> 1.2"])
    #expect(first.changes == ["masking 1.4.0: locked"] && first.problems.isEmpty)
    #expect(first.lock.entries["masking"]?.constraint == "~> 1.2")
    let again = update(first.lock, [found], asking: ["masking": "~> 1.2"])
    #expect(again.changes.isEmpty && again.problems.isEmpty && again.lock == first.lock)
  }

  @Test func initAddsOtherPlatforms() {
    let first = update(nil, [found]).lock
    var elsewhere = found
    elsewhere.sha256 = Self.other
    let second = update(first, [elsewhere], platform: "linux-aarch64")
    #expect(second.changes == ["masking 1.4.0: locked for linux-aarch64"])
    #expect(second.lock.entries["masking"]?.hashes.count == 2)
  }

  @Test func initTakesNothingElseUnasked() {
    let first = update(nil, [found]).lock
    var changed = found
    changed.sha256 = Self.other
    #expect(
      update(first, [changed]).problems == [
        "the plugin 'masking' is not the file that is locked, although its version 1.4.0 is the same; make sure where it "
          + "comes from, then 'snowmaker init --upgrade' takes it"
      ])
    #expect(update(first, [changed], upgrades: true).changes == ["masking 1.4.0: another file for linux-x86_64"])
    changed.version = "1.5.0"
    #expect(
      update(first, [changed]).problems == [
        "the plugin 'masking' has version 1.5.0, and 1.4.0 is locked; 'snowmaker init --upgrade' takes it"
      ])
    var two = first
    two.entries["masking"]?.hashes.insert(.init("linux-aarch64", Self.other))
    let upgraded = update(two, [changed], upgrades: true)
    #expect(
      upgraded.changes == ["masking: 1.4.0 → 1.5.0, and the hashes for linux-aarch64 are gone: run init there"])
    #expect(upgraded.lock.entries["masking"]?.hashes == [.init("linux-x86_64", Self.other)])
  }

  @Test func initSaysWhatIsMissing() {
    let first = update(nil, [found]).lock
    #expect(
      update(first, []).changes == ["masking: was not found, and stays locked; 'snowmaker init --upgrade' takes it out"]
    )
    #expect(update(first, []).lock == first)
    #expect(update(first, [], upgrades: true).lock.entries.isEmpty)
    #expect(
      update(nil, [], asking: ["teams": "1"]).problems == [
        "the plugin 'teams' is asked for by plugins: in snowmaker.yaml and was not found"
      ])
    #expect(
      update(nil, [found], asking: ["masking": "~> 2.0"]).problems == [
        "the plugin 'masking' has version 1.4.0, and snowmaker.yaml asks for ~> 2.0"
      ])
  }

  @Test func initNoticesALostSignature() {
    var signed = found
    signed.signer = "0123456789abcdef"
    let first = update(nil, [signed]).lock
    #expect(first.entries["masking"]?.signer == "0123456789abcdef")
    #expect(update(first, [found]).problems.count == 1)
    #expect(update(first, [found], upgrades: true).lock.entries["masking"]?.signer == nil)
  }

  // MARK: - Signatures

  @Test func signaturesAreByTheKeyAndForTheFile() throws {
    let key = try SigningKey.generate()
    let signature = try key.sign(plugin: "masking", sha256: Self.hash)
    let read = try #require(PluginSignature(text: signature.text))
    #expect(read == signature && read.key == key.publicKey.id)
    #expect(try read.isRight(for: "masking", sha256: Self.hash, by: key.publicKey))
    #expect(try !read.isRight(for: "masking", sha256: Self.other, by: key.publicKey))
    #expect(try !read.isRight(for: "teams", sha256: Self.hash, by: key.publicKey))
    #expect(try !read.isRight(for: "masking", sha256: Self.hash, by: SigningKey.generate().publicKey))
    #expect(PublicKey("\(key.publicKey)") == key.publicKey)
  }

  /// RFC 8032, section 7.1, test 2.
  @Test func keysAreEd25519() throws {
    let workshop = try Workshop()
    let path = "\(workshop.folder)/key"
    let seed = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"
    _ = try workshop.write(Array("snowmaker-private-key ed25519 \(seed)\n".utf8), to: "key")
    #expect(throws: LockFile.Failure(description: "\(path) is a private key that others may read; chmod 600 \(path)")) {
      try SigningKey.read(path)
    }
    chmod(path, 0o600)
    #expect(
      try SigningKey.read(path).publicKey.description
        == "ed25519 3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    #expect(throws: LockFile.Failure.self) { try SigningKey.generate().write(path) }
  }

  @Test(arguments: ["", "ed25519", "ed25519 0123456789abcdef zz", "rsa 0123456789abcdef 00"])
  func refusesSignatures(text: String) { #expect(PluginSignature(text: text) == nil) }

  @Test func trustFilesAreRead() throws {
    let key = try SigningKey.generate().publicKey
    let file = try TrustFile(text: "# mine\nkey \(key) platform team\n\nrequire signatures\n", path: "trust")
    #expect(file.keys == [.init(key: key, owner: "platform team")] && file.requiresSignatures)
    for text in ["key", "key ed25519 zz x", "require", "what"] {
      #expect(
        throws: LockFile.Failure(description: "trust:1: expected 'key ed25519 HEX OWNER' or 'require signatures'")
      ) { try TrustFile(text: text, path: "trust") }
    }
  }

  @Test func aTrustFileThatOthersCanChangeSaysNothing() throws {
    let workshop = try Workshop()
    let path = try workshop.write(Array("require signatures\n".utf8), to: "trust")
    let environment: (String) -> String? = { $0 == "SNOWMAKER_TRUST_FILE" ? path : nil }
    #expect(try TrustFile.read(environment: environment).requiresSignatures)
    chmod(path, 0o666)
    #expect(throws: LockFile.Failure.self) { try TrustFile.read(environment: environment) }
  }
}

/// Trust, while plugins are admitted and loaded.
@Suite(.needsCompiler) struct TrustedLoadingTests {
  private let workshop: Workshop

  init() throws { workshop = try Workshop() }

  /// The sentence with which the plugin is refused; nil when it is loaded.
  private func refusal(_ path: String, _ trust: PluginTrust, origin: PluginOrigin = .user) throws -> String? {
    let file = try #require(PluginFile(path: path, origin: origin))
    do throws(PluginRefusal) {
      _ = try PluginLoader(admission: Admission(trust: trust), sink: { _ in }).load(file)
      return nil
    } catch {
      return workshop.shorten(error.description).replacing("plugin 'fixture' (DIR/libsnowmaker-fixture.so): ", with: "")
    }
  }

  private func locked(_ sha256: String, platform: String = LockFile.platform) -> PluginTrust {
    var lock = LockFile()
    lock.entries["fixture"] = .init("fixture", version: "1.0.0")
    lock.entries["fixture"]?.hashes = [.init(platform, sha256)]
    return PluginTrust(lock: lock, needsLock: true)
  }

  @Test func onlyTheLockedFileIsLoaded() throws {
    let mark = "\(workshop.folder)/loaded"
    let path = try workshop.build(
      "fixture", defining: ["WHILE_LOADED": "fclose(fopen(\(Workshop.literal(mark)), \"w\"))"])
    let sha256 = try PluginDigest.sha256(of: OpenFile(resolving: path))
    let wrong = String(repeating: "0", count: 64)
    #expect(
      try refusal(path, PluginTrust(needsLock: true)) == "is not in snowmaker.lock; 'snowmaker init' puts it there")
    #expect(
      try refusal(path, locked(wrong))
        == "is not the file that snowmaker.lock has (version 1.0.0): its SHA-256 is \(sha256); when it is meant to be "
        + "another one, 'snowmaker init --upgrade' takes it")
    #expect(
      try refusal(path, locked(sha256, platform: "linux-s390x"))
        == "snowmaker.lock has no hash of it for \(LockFile.platform); 'snowmaker init' adds it")
    #expect(access(mark, F_OK) != 0, "a refused plugin has run")
    #expect(try refusal(path, locked(sha256)) == nil)
    #expect(access(mark, F_OK) == 0)
    #expect(try refusal(path, PluginTrust(needsLock: true), origin: .option) == nil)
    #expect(try refusal(path, PluginTrust(needsLock: true), origin: .bundled) == nil)
    #expect(try refusal(path, locked(wrong), origin: .bundled) != nil)
  }

  @Test func versionsMustBeWhatIsAskedFor() throws {
    let path = try workshop.build("fixture")
    func trust(_ text: String) -> PluginTrust {
      PluginTrust(requirements: ["fixture": .init(version: VersionConstraint(text))])
    }
    #expect(try refusal(path, trust("~> 1.0")) == nil)
    #expect(
      try refusal(path, trust("~> 2.0"))
        == "has version 1.0.0, and plugins: in snowmaker.yaml asks for ~> 2.0; install another one, or change that")
  }

  @Test func signaturesAreChecked() throws {
    let path = try workshop.build("fixture")
    let key = try SigningKey.generate()
    var trust = PluginTrust()
    trust.keys.keys = [.init(key: key.publicKey, owner: "us")]
    #expect(try refusal(path, trust) == nil)  // not signed, and nothing asks for it
    trust.keys.requiresSignatures = true
    #expect(try refusal(path, trust)?.hasPrefix("is not signed, and a trust file requires signatures") == true)
    _ = try PluginSigning.sign(path, with: key)
    #expect(try refusal(path, trust) == nil)
    let stranger = try SigningKey.generate()
    _ = try PluginSigning.sign(path, with: stranger)
    #expect(
      try refusal(path, trust)
        == "is signed with the key \(stranger.publicKey.id), which no trust file has; when it is its author's, "
        + "'snowmaker plugin trust' adds it")
    let right = try PluginSigning.sign(path, with: key).signature
    try workshop.build("fixture", defining: ["STATUS": "SNOWMAKER_OK + 0"])
    _ = try workshop.write(Array(right.text.utf8), to: "libsnowmaker-fixture.so.sig")
    _ = try workshop.write([0], to: "other")
    let bytes = try Workshop.read(path) + [0]
    _ = try workshop.write(bytes, to: "libsnowmaker-fixture.so")
    #expect(
      try refusal(path, trust)
        == "its signature is wrong: the signature of us (key \(key.publicKey.id)) is not for this file; get the plugin "
        + "again from where it comes from")
  }

  @Test func foldersAboveCountToo() throws {
    let path = try workshop.build("fixture", in: "open")
    mkdir("\(workshop.folder)/open/inner", 0o755)
    let inner = "\(workshop.folder)/open/inner/libsnowmaker-fixture.so"
    rename(path, inner)
    chmod("\(workshop.folder)/open", 0o777)
    #expect(try refusal(inner, .none)?.contains("its folder DIR/open is writable by everyone (mode 777)") == true)
    chmod("\(workshop.folder)/open", 0o1777)  // sticky: nobody else can replace what is ours
    #expect(try refusal(inner, .none) == nil)
    chmod("\(workshop.folder)/open", 0o755)
    #expect(try refusal(inner, .none) == nil)
  }

  @Test func whatWasDescribedOnceIsNotLoadedAgain() throws {
    let mark = "\(workshop.folder)/loaded"
    try workshop.build(
      "fixture", in: "plugins", defining: ["WHILE_LOADED": "fclose(fopen(\(Workshop.literal(mark)), \"w\"))"])
    let cache = "\(workshop.folder)/cache"
    func read() -> PluginCatalog {
      PluginCatalog.read(
        from: PluginSearchPath([.init("\(workshop.folder)/plugins", .user)]), isolation: PluginIsolation(mode: .never)
      ) {
        $0 == "XDG_CACHE_HOME" ? cache : nil
      }
    }
    #expect(read().entries.map(\.name) == ["fixture"])
    #expect(access(mark, F_OK) == 0)
    unlink(mark)
    #expect(read().entries.first?.manifest == Manifest(name: "fixture", version: "1.0.0", types: []))
    #expect(access(mark, F_OK) != 0, "the plugin was loaded to be listed")
    // When the cache is damaged, everything is described anew, and kept again.
    let kept = try #require(Workshop.files(in: "\(cache)/snowmaker/manifests").first)
    _ = try workshop.write(Array("{".utf8), to: "cache/snowmaker/manifests/\(kept)")
    #expect(read().entries.count == 1)
    #expect(try Workshop.read("\(cache)/snowmaker/manifests/\(kept)").count > 1)
  }
}

extension Workshop {
  /// The names of the files in a folder.
  static func files(in folder: String) throws -> [String] {
    try Program.run("/bin/ls", [folder]).output.split(separator: "\n").map(String.init)
  }
}
