import Glibc

/// `snowmaker.lock`: which plugins a project uses, exactly. Committed with the project.
///
/// ```
/// # Maintained by "snowmaker init". Manual edits may be lost.
/// plugin warehouse 1.4.0
///   constraint ~> 1.2
///   sha256 linux-x86_64 9c1f…
///   signed 77ab…
/// ```
///
/// One fact per line, sorted. Lines in a plugin that are not known are kept as they are: a later version may have
/// written them.
public struct LockFile: Hashable, Sendable {
  /// One plugin.
  public struct Entry: Hashable, Sendable {
    /// The plugin's name.
    public var name: String
    /// Its version when it was locked.
    public var version: String
    /// What the project asked for then; nil when it asked for nothing.
    public var constraint: String?
    /// Platform and SHA-256 of its file, in hexadecimal. Several of one platform are several builds that will do.
    public var hashes: Set<Hash> = []
    /// The id of the key that signed it then; nil when none did.
    public var signer: String?
    /// Lines that this version does not know.
    public var unknown: [String] = []

    /// An entry without hashes.
    public init(_ name: String, version: String) {
      self.name = name
      self.version = version
    }

    /// The hashes of the platform, sorted.
    public func hashes(of platform: String) -> [String] {
      hashes.filter { $0.platform == platform }.map(\.sha256).sorted()
    }
  }

  /// The SHA-256 of a plugin's file for one platform.
  public struct Hash: Hashable, Sendable {
    /// `linux-x86_64`.
    public var platform: String
    /// In hexadecimal.
    public var sha256: String

    /// A platform and a hash.
    public init(_ platform: String, _ sha256: String) {
      self.platform = platform
      self.sha256 = sha256
    }
  }

  /// Why a lock file cannot be read or written.
  public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The sentence for the user.
    public let description: String
  }

  /// The name of the file, in the project's folder.
  public static let fileName = "snowmaker.lock"

  /// The entries by plugin name.
  public var entries: [String: Entry] = [:]

  /// No plugin at all.
  public init() {}

  /// The platform that this process runs on: `linux-x86_64`.
  public static var platform: String {
    #if arch(x86_64)
      "linux-x86_64"
    #elseif arch(arm64)
      "linux-aarch64"
    #else
      "linux-unknown"
    #endif
  }
}

// MARK: - Text

extension LockFile {
  /// Reads what `text` writes. Throws the first line that makes no sense.
  public init(text: String, path: String = fileName) throws(Failure) {
    var current: Entry?
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      func fail(_ why: String) -> Failure {
        Failure(description: "\(path):\(index + 1): \(why); restore it, or remove it and run 'snowmaker init'")
      }
      let words = line.split { $0 == " " || $0 == "\t" || $0 == "\r" }.map(String.init)
      guard let first = words.first, !first.hasPrefix("#") else { continue }
      guard line.first == " " || line.first == "\t" else {
        guard first == "plugin", words.count == 3 else { throw fail("expected 'plugin NAME VERSION'") }
        if let current { entries[current.name] = current }
        guard entries[words[1]] == nil else { throw fail("the plugin '\(words[1])' is there twice") }
        current = Entry(words[1], version: words[2])
        continue
      }
      guard var entry = current else { throw fail("there is no plugin above this line") }
      switch first {
      case "constraint": entry.constraint = words.dropFirst().joined(separator: " ")
      case "sha256":
        guard words.count == 3, words[2].utf8.count == 64, words[2].utf8.allSatisfy(Self.isHexadecimal) else {
          throw fail("expected 'sha256 PLATFORM HASH'")
        }
        entry.hashes.insert(Hash(words[1], words[2].lowercased()))
      case "signed":
        guard words.count == 2 else { throw fail("expected 'signed KEY'") }
        entry.signer = words[1]
      default: entry.unknown.append(words.joined(separator: " "))
      }
      current = entry
    }
    if let current { entries[current.name] = current }
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20)
  }

  /// The file's text.
  public var text: String {
    var text = "# Maintained by \"snowmaker init\". Manual edits may be lost.\n"
    for entry in entries.values.sorted(by: { $0.name < $1.name }) {
      text += "\nplugin \(entry.name) \(entry.version)\n"
      if let constraint = entry.constraint { text += "  constraint \(constraint)\n" }
      for hash in entry.hashes.sorted(by: { ($0.platform, $0.sha256) < ($1.platform, $1.sha256) }) {
        text += "  sha256 \(hash.platform) \(hash.sha256)\n"
      }
      if let signer = entry.signer { text += "  signed \(signer)\n" }
      for line in entry.unknown.sorted() { text += "  \(line)\n" }
    }
    return text
  }

  /// Reads the file of the project in `folder`; nil when it has none. Throws when it cannot be read.
  public static func read(in folder: String) throws(Failure) -> LockFile? {
    let path = "\(folder)/\(fileName)"
    guard let bytes = try SmallFile.read(path, orNil: ENOENT) else { return nil }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Failure(description: "\(path) is not UTF-8; restore it, or remove it and run 'snowmaker init'")
    }
    return try LockFile(text: text, path: path)
  }

  /// Replaces the file of the project in `folder`, as a whole or not at all.
  public func write(in folder: String) throws(Failure) {
    try SmallFile.replace("\(folder)/\(Self.fileName)", with: Array(text.utf8), mode: 0o644)
  }
}
