import Glibc
import PluginHost
import SnowflakeClient
import Snowmaker
import SnowmakerModel

/// What a `snowmaker_project *` stands for.
final class ProjectBox: Sendable {
  let workspace: Workspace

  init(_ workspace: Workspace) { self.workspace = workspace }

  /// Loads a project. Throws for options that cannot be read.
  convenience init(_ options: consuming CallOptions) throws(CallProblem) {
    var workspace = Workspace.Options(path: try options.text("path") ?? ".")
    workspace.target = try options.text("target")
    workspace.variables = try options.pairs("variables") ?? []
    workspace.pluginFolders = try options.texts("plugin_dirs")
    workspace.allowsInsecurePlugins = try options.flag("allow_insecure_plugins")
    if let text = try options.text("isolate") {
      guard let mode = PluginIsolation.Mode(rawValue: text) else {
        throw .invalid("option 'isolate' takes never, untrusted or always, not '\(text)'")
      }
      workspace.isolation = mode
    }
    workspace.networkGrants = try options.texts("allow_network")
    if let environment = try options.pairs("environment") {
      workspace.environment = Dictionary(environment.map { ($0.name, $0.value) }) { _, last in last }
    } else {
      workspace.environment = ProcessEnvironment.variables
    }
    try options.finish()
    self.init(Workspace(workspace))
  }

  /// The answer of snowmaker_project_describe.
  var description: Value {
    let configuration = workspace.configuration
    let plugins = workspace.registry.plugins.map { plugin -> Value in
      [
        "name": .string(plugin.name), "version": .string(plugin.manifest.version), "path": .string(plugin.file.path),
        "types": .list(plugin.manifest.types.map { .string($0.type) }),
      ]
    }
    let resources = configuration.declarations.map { declaration -> Value in
      [
        "address": .string(declaration.address.description), "type": .string(declaration.address.type),
        "identity": .list(declaration.address.identity.map(Value.string)), "position": declaration.position.document,
      ]
    }
    return [
      "project": .string(configuration.project.name), "target": .string(configuration.target.name),
      "targets": .list(configuration.project.targets.map { .string($0.name) }), "plugins": .list(plugins),
      "resources": .list(resources),
    ]
  }
}
