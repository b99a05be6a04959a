import SnowmakerModel

/// Why a plugin's file is not used. Every case holds the facts; `description` is the sentence for the user.
public struct PluginRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  /// The plugin's name, from its file's name.
  public let plugin: String
  /// Where its file is.
  public let path: String
  /// What is wrong with it.
  public let reason: Reason

  /// What is wrong with a plugin.
  public enum Reason: Error, Hashable, Sendable {
    // Before it is opened.
    case badName
    case unreadable(String)
    case notAFile
    /// Someone other than the user (or root) could change the code.
    case insecure(Insecurity)

    // Whether it is the one that is meant.
    case notLocked
    case notLockedHere(platform: String)
    case lockedOtherwise(version: String, sha256: String)
    case badSignature(String)
    case unsigned(by: String?)
    case signerGone(String)

    // Before it is loaded.
    case notELF
    case wrongClass(bits: Int)
    case bigEndian
    case wrongMachine(UInt16)
    case notShared(type: UInt16)
    case program
    case truncated(part: String, end: UInt64, size: UInt64)
    case damaged(String)
    case noNote
    case wrongABI(UInt32)
    case wrongSwift(UInt32)
    case changed

    // While it is loaded.
    case notLoadable(String)
    case noEntry(expected: String, exported: [String])
    case declined([String])
    case peerWithoutCall
    case silent(seconds: Int)
    /// It took a child process along, which was to load it first.
    case crashed(String)
    /// It is to run in a child process, which cannot be had.
    case notIsolated(String)

    // What it says of itself.
    case undescribed(PluginError.Reason)
    case unreadableManifest(String)
    case wrongName(String)
    case wrongProtocol(String)
    case inconsistent(String)
    case wrongVersion(found: String, wanted: String)

    // Beside others.
    case duplicate(of: String)
    case typeTaken(type: String, by: String, at: String)
    case keyTaken(key: String, type: String, by: String, at: String, otherType: String)
  }

  /// Who else could change a plugin's code.
  public enum Insecurity: Hashable, Sendable {
    case writableByEveryone(mode: UInt32, folder: String?)
    case writableByGroup(mode: UInt32, group: UInt32, folder: String?)
    case foreignOwner(user: UInt32, folder: String?)
  }

  init(_ file: PluginFile, _ reason: Reason) {
    plugin = file.name
    path = file.path
    self.reason = reason
  }

  /// The sentence for the user: which plugin, where, what is wrong and what to do.
  public var description: String { "plugin '\(plugin)' (\(path)): \(reason.description(path: path))" }
}

// MARK: - Sentences

extension PluginRefusal.Reason {
  func description(path: String) -> String {
    switch self {
    case .badName: "a plugin's name has only lower-case letters, digits and single '-' in between"
    case .unreadable(let why): "cannot be opened: \(why)"
    case .notAFile: "not a regular file"
    case .insecure(let insecurity): insecurity.description(path: path)

    case .notLocked, .notLockedHere, .lockedOtherwise, .badSignature, .unsigned, .signerGone: trustDescription
    case .notELF: "not an ELF file"
    case .wrongClass(let bits): "a \(bits)-bit library; this host loads 64-bit ones"
    case .bigEndian: "a big-endian library; this host loads little-endian ones"
    case .wrongMachine(let machine):
      "built for \(ELF.machineName(machine)); this host is \(ELF.machineName(ELF.hostMachine))"
    case .notShared(let type): "ELF type \(type) (\(ELF.typeName(type))) is not a shared library"
    case .program: "a program, not a shared library"
    case .truncated(let part, let end, let size):
      "the file is truncated: \(part) ends at \(end), the file has \(size) bytes; build or copy it again"
    case .damaged(let what): "the file is damaged: \(what); build or copy it again"
    case .noNote: "no section snowmaker_abi: not a snowmaker plugin, or built without its SDK or SNOWMAKER_PLUGIN"
    case .wrongABI(let abi):
      "speaks ABI \(abi), this host speaks ABI \(LoadedPlugin.abi); rebuild it with this snowmaker's SDK"
    case .wrongSwift(let number):
      "built with Swift \(Self.swift(number)), this host with Swift \(Self.swift(SwiftRuntime.number)), and Swift's "
        + "runtime cannot be shared between releases on Linux; rebuild it with Swift \(Self.swift(SwiftRuntime.number)), "
        + "or with -static-stdlib"
    case .changed: "the file was replaced while it was being loaded; run again when it is complete"

    case .notLoadable(let why): "cannot be loaded: \(why)"
    case .noEntry(let expected, let exported): Self.noEntry(expected, exported)
    case .declined(let lines):
      lines.isEmpty ? "refused to start, without saying why" : "refused to start: \(lines.joined(separator: "; "))"
    case .peerWithoutCall: "its entry returned a peer without a call function"
    case .crashed(let how):
      "crashes while it is loaded and described: \(how); it was tried in a child process and is not loaded"
    case .notIsolated(let why):
      "cannot be isolated: \(why); mend that, or trust the plugin and pass --isolate never"
    case .silent(let seconds): "did not answer DESCRIBE within \(counted(seconds, "second"))"

    case .undescribed(let reason): "DESCRIBE: \(reason)"
    case .unreadableManifest(let why): "its answer to DESCRIBE makes no sense: \(why)"
    case .wrongName(let name):
      "calls itself '\(name)'; was the file renamed from \(PluginFile.fileName(for: name))?"
    case .wrongProtocol(let version):
      "speaks protocol \(version), this host speaks \(Manifest.protocolVersion); rebuild it with this snowmaker's SDK"
    case .inconsistent(let problem): "its answer to DESCRIBE contradicts itself: \(problem)"

    case .wrongVersion(let found, let wanted):
      "has version \(found), and plugins: in snowmaker.yaml asks for \(wanted); install another one, or change that"

    case .duplicate(let other):
      "there is another plugin of this name at \(other); remove one, or choose one by --plugin-dir"
    case .typeTaken(let type, let plugin, let other):
      "brings the type '\(type)', which plugin '\(plugin)' (\(other)) already brings; remove one of the two"
    case .keyTaken(let key, let type, let plugin, let other, let otherType):
      "its type '\(type)' takes the key '\(key)' in configuration, which the type '\(otherType)' of plugin '\(plugin)' "
        + "(\(other)) already takes; remove one of the two"
    }
  }

  private var trustDescription: String {
    switch self {
    case .notLocked: "is not in snowmaker.lock; 'snowmaker init' puts it there"
    case .notLockedHere(let platform):
      "snowmaker.lock has no hash of it for \(platform); 'snowmaker init' adds it"
    case .lockedOtherwise(let version, let sha256):
      "is not the file that snowmaker.lock has (version \(version)): its SHA-256 is \(sha256); when it is meant to be "
        + "another one, 'snowmaker init --upgrade' takes it"
    case .badSignature(let why): "its signature is wrong: \(why); get the plugin again from where it comes from"
    case .unsigned(nil):
      "is not signed, and a trust file requires signatures; its author signs it with 'snowmaker plugin sign'"
    case .unsigned(let key?):
      "is signed with the key \(key), which no trust file has; when it is its author's, 'snowmaker plugin trust' adds it"
    case .signerGone(let key):
      "was signed with the key \(key) when it was locked, and is not any more; 'snowmaker init --upgrade' takes it"
    default: ""
    }
  }

  private static func noEntry(_ expected: String, _ exported: [String]) -> String {
    let found = exported.compactMap { symbol -> String? in
      guard symbol.hasPrefix("snowmaker_"), symbol.hasSuffix("_entry") else { return nil }
      return symbol
    }
    guard let entry = found.first else { return "exports no function \(expected)" }
    let name = String(entry.dropFirst("snowmaker_".count).dropLast("_entry".count).map { $0 == "_" ? "-" : $0 })
    return "exports no function \(expected), but \(entry); was the file renamed from \(PluginFile.fileName(for: name))?"
  }

  private static func swift(_ number: UInt32) -> String { number == 0 ? "?" : "\(number / 100).\(number % 100)" }
}

extension PluginRefusal.Insecurity {
  fileprivate func description(path: String) -> String {
    let advice = "or pass --allow-insecure-plugins"
    switch self {
    case .writableByEveryone(let mode, let folder):
      return
        "\(Self.subject(folder)) writable by everyone (mode \(String(mode, radix: 8))): anyone could change what runs; "
        + "chmod go-w \(folder ?? path), \(advice)"
    case .writableByGroup(let mode, let group, let folder):
      return
        "\(Self.subject(folder)) writable by group \(group) (mode \(String(mode, radix: 8))), which is not your own; "
        + "chmod g-w \(folder ?? path), \(advice)"
    case .foreignOwner(let user, let folder):
      return "\(folder == nil ? "belongs" : "its folder belongs") to user \(user), neither you nor root: they could "
        + "change what runs; chown \(folder ?? path), \(advice)"
    }
  }

  private static func subject(_ folder: String?) -> String { folder.map { "its folder \($0) is" } ?? "the file is" }
}
