/// Signing plugins' files.
public enum PluginSigning {
  /// Signs the plugin's file at `path` and puts the signature beside it. Throws when it is no plugin's file, or cannot be
  /// read or written.
  public static func sign(
    _ path: String, with key: SigningKey
  ) throws(LockFile.Failure) -> (path: String, signature: PluginSignature) {
    guard let file = PluginFile(path: path, origin: .option), file.hasLegalName else {
      throw LockFile.Failure(description: "\(path) is not called \(PluginFile.fileName(for: "NAME"))")
    }
    let sha256: String
    do throws(PluginRefusal.Reason) { sha256 = try PluginDigest.sha256(of: OpenFile(resolving: path)) } catch {
      throw LockFile.Failure(description: PluginRefusal(file, error).description)
    }
    let signature = try key.sign(plugin: file.name, sha256: sha256)
    let target = PluginSignature.path(of: path)
    try SmallFile.replace(target, with: Array(signature.text.utf8), mode: 0o644)
    return (target, signature)
  }
}
