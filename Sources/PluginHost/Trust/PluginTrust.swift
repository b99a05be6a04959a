import Glibc

/// What a project asks of a plugin.
public struct PluginRequirement: Hashable, Sendable {
  /// Which versions will do; nil for all.
  public var version: VersionConstraint?

  /// A requirement.
  public init(version: VersionConstraint? = nil) { self.version = version }
}

/// What decides whether a plugin's file is the one that is meant, beyond who could change it.
public struct PluginTrust: Sendable {
  /// What the project's lock file says; nil when it has none.
  public var lock: LockFile?
  /// Whether plugins that are neither bundled nor given by `--plugin-dir` must be in the lock file.
  public var needsLock: Bool
  /// Whose signatures count.
  public var keys: TrustFile
  /// What the project asks for, by plugin name.
  public var requirements: [String: PluginRequirement]

  /// Trust as given; without arguments, every file will do.
  public init(
    lock: LockFile? = nil, needsLock: Bool = false, keys: TrustFile = TrustFile(),
    requirements: [String: PluginRequirement] = [:]
  ) {
    self.lock = lock
    self.needsLock = needsLock
    self.keys = keys
    self.requirements = requirements
  }

  /// Every file will do.
  public static let none = PluginTrust()

  /// Whether the file's digest must be known before it can be decided.
  func needsDigest(_ file: PluginFile) -> Bool {
    if file.origin != .bundled, !keys.keys.isEmpty || keys.requiresSignatures { return true }
    return needsLock && file.origin != .option && (file.origin != .bundled || lock?.entries[file.name] != nil)
  }

  /// Checks a file against lock and signature. Yields who signed it. Throws why it is not used.
  func check(_ file: PluginFile, sha256: String) throws(PluginRefusal.Reason) -> TrustFile.Key? {
    let signer = try signer(of: file, sha256: sha256)
    if needsLock, file.origin != .option { try checkLock(file, sha256, signer) }
    return signer
  }

  /// Checks what is only known once the plugin was asked.
  func check(_ file: PluginFile, version: String) throws(PluginRefusal.Reason) {
    guard let constraint = requirements[file.name]?.version else { return }
    guard let found = PluginVersion(version), constraint.allows(found) else {
      throw .wrongVersion(found: version, wanted: constraint.description)
    }
  }

  private func signer(of file: PluginFile, sha256: String) throws(PluginRefusal.Reason) -> TrustFile.Key? {
    guard file.origin != .bundled else { return nil }
    guard let signature = try signature(of: file) else {
      if keys.requiresSignatures { throw .unsigned(by: nil) }
      return nil
    }
    guard let key = keys.key(signature.key) else {
      if keys.requiresSignatures { throw .unsigned(by: signature.key) }
      return nil
    }
    let isRight: Bool
    do throws(LockFile.Failure) {
      isRight = try signature.isRight(for: file.name, sha256: sha256, by: key.key)
    } catch {
      throw .badSignature(error.description)
    }
    guard isRight else {
      throw .badSignature("the signature of \(key.owner) (key \(key.key.id)) is not for this file")
    }
    return key
  }

  private func signature(of file: PluginFile) throws(PluginRefusal.Reason) -> PluginSignature? {
    let path = PluginSignature.path(of: file.path)
    let bytes: [UInt8]?
    do throws(LockFile.Failure) { bytes = try SmallFile.read(path, orNil: ENOENT) } catch {
      throw .badSignature(error.description)
    }
    guard let bytes else { return nil }
    guard let signature = PluginSignature(text: String(decoding: bytes, as: UTF8.self)) else {
      throw .badSignature("\(path) is no signature")
    }
    return signature
  }

  /// What the lock file says of a file.
  func lockStanding(of file: PluginFile, sha256: String) -> LockStanding {
    if file.origin == .option { return .exempt }
    guard let entry = lock?.entries[file.name] else { return file.origin == .bundled ? .exempt : .missing }
    return entry.hashes(of: LockFile.platform).contains(sha256) ? .locked : .different
  }

  private func checkLock(
    _ file: PluginFile, _ sha256: String, _ signer: TrustFile.Key?
  ) throws(PluginRefusal.Reason) {
    guard let entry = lock?.entries[file.name] else {
      if file.origin == .bundled { return }
      throw .notLocked
    }
    let hashes = entry.hashes(of: LockFile.platform)
    guard !hashes.isEmpty else { throw .notLockedHere(platform: LockFile.platform) }
    guard hashes.contains(sha256) else { throw .lockedOtherwise(version: entry.version, sha256: sha256) }
    if let locked = entry.signer, signer?.key.id != locked, !keys.keys.isEmpty { throw .signerGone(locked) }
  }
}
