public import Configuration
public import PluginHost
public import SnowmakerModel

extension PluginTrust {
  /// What the project and the machine's trust files say, with everything that is wrong with that.
  ///
  /// - Parameter needsLock: whether plugins must be the ones in the project's lock file.
  public static func of(_ project: Project, needsLock: Bool) -> (trust: PluginTrust, diagnostics: [Diagnostic]) {
    var trust = PluginTrust(needsLock: needsLock)
    var diagnostics: [Diagnostic] = []
    do throws(LockFile.Failure) { trust.lock = try LockFile.read(in: project.folder) } catch {
      diagnostics.append(.error(error.description, code: "lock-file"))
    }
    do throws(LockFile.Failure) { trust.keys = try TrustFile.read() } catch {
      // Whoever wrote a trust file wants signatures checked; without one that can be read, nothing passes for signed.
      trust.keys.requiresSignatures = true
      diagnostics.append(.error(error.description, code: "trust-file"))
    }
    for (name, plugin) in project.plugins.sorted(by: { $0.key < $1.key }) {
      var requirement = PluginRequirement()
      if let text = plugin.version {
        requirement.version = VersionConstraint(text)
        if requirement.version == nil {
          diagnostics.append(
            .error(
              "'\(text)' is no version constraint", detail: "write ~> 1.2, >= 1.0, < 2.0 or 1.4.0",
              code: "plugin-version", position: plugin.position))
        }
      }
      trust.requirements[name] = requirement
    }
    return (trust, diagnostics)
  }
}

extension Project {
  /// Where the project's plugins are looked for.
  ///
  /// - Parameter options: the folders given by `--plugin-dir`.
  public func pluginSearchPath(options: [String] = []) -> PluginSearchPath {
    .standard(options: options, project: folder, projectFolders: pluginFolders)
  }

  /// What the project's files say about isolation.
  public var isolationSettings: PluginIsolation.ProjectSettings {
    .init(always: isolation.always, seconds: isolation.timeout, memory: isolation.memory)
  }
}
