import PluginHost
import SnowmakerCore
import SnowmakerModel
import Synchronization

/// The loaded plugins, as reader and planner call them: documents out, documents in, in batches side by side.
struct PluginProviders: Providers {
  let registry: PluginRegistry
  let types: [String: TypeSchema]
  /// Asked once, before the first CHECK: the address the account sees this client at.
  let clientAddress: @Sendable () async -> String?

  init(_ registry: PluginRegistry, clientAddress: @escaping @Sendable () async -> String? = { nil }) {
    self.registry = registry
    types = Dictionary(registry.types.map { ($0.type, $0) }, uniquingKeysWith: { first, _ in first })
    self.clientAddress = clientAddress
  }

  func validate(
    _ resources: [DeclaredResource], type: String, context: RequestContext
  ) async throws(Diagnostic) -> [[Diagnostic]] {
    let plugin = try owner(of: type)
    let replies = try await callAll(
      plugin, .validate,
      Batches.split(resources).map { batch in
        [
          "context": context.document, "type": .string(type), "resources": .list(batch.map(\.document)),
        ]
      })
    var diagnostics: [[Diagnostic]] = []
    for reply in replies {
      for result in reply["results"].list {
        diagnostics.append(try decoded(plugin, .validate) { () throws(DocumentError) in
          try result.decodeList("diagnostics")
        })
      }
    }
    try expect(resources.count, diagnostics.count, plugin, .validate, type)
    return diagnostics
  }

  func read(_ request: ReadRequest) async throws(Diagnostic) -> ReadReply {
    let plugin = try owner(of: request.type)
    let reply = try await call(plugin, .read, request.document)
    return try decoded(plugin, .read) { () throws(DocumentError) in try ReadReply(document: reply) }
  }

  func plan(_ request: PlanRequest) async throws(Diagnostic) -> [Change] {
    let plugin = try owner(of: request.type)
    let reply = try await call(plugin, .plan, request.document)
    let changes: [Change] = try decoded(plugin, .plan) { () throws(DocumentError) in
      try reply.decodeList("changes")
    }
    try expect(request.items.count, changes.count, plugin, .plan, request.type)
    return changes
  }

  func check(_ request: CheckRequest) async throws(Diagnostic) -> [Diagnostic] {
    let plugins = registry.plugins.filter(\.manifest.checks)
    guard !plugins.isEmpty else { return [] }
    var request = request
    if request.context.clientAddress == nil { request.context.clientAddress = await clientAddress() }
    let document = request.document
    var diagnostics: [Diagnostic] = []
    for plugin in plugins {
      let reply = try await call(plugin, .check, document)
      diagnostics += try decoded(plugin, .check) { () throws(DocumentError) in try reply.decodeList("diagnostics") }
    }
    return diagnostics
  }

  // MARK: - Calling

  private func owner(of type: String) throws(Diagnostic) -> LoadedPlugin {
    guard let plugin = registry.owner(ofType: type) else {
      throw .error("no loaded plugin brings the type '\(type)'", code: "unknown-type")
    }
    return plugin
  }

  private func call(
    _ plugin: LoadedPlugin, _ method: PluginMethod, _ request: Value
  ) async throws(Diagnostic) -> Value {
    do throws(PluginError) { return try await plugin.call(method, request) } catch { throw Self.diagnostic(error) }
  }

  private func callAll(
    _ plugin: LoadedPlugin, _ method: PluginMethod, _ requests: [Value]
  ) async throws(Diagnostic) -> [Value] {
    do throws(PluginError) { return try await plugin.callAll(method, requests) } catch { throw Self.diagnostic(error) }
  }

  private func decoded<T>(
    _ plugin: LoadedPlugin, _ method: PluginMethod, _ decode: () throws(DocumentError) -> T
  ) throws(Diagnostic) -> T {
    do throws(DocumentError) { return try decode() } catch {
      throw .error(
        "plugin '\(plugin.name)' answered \(method.name) with a document that is none: \(error)",
        detail: "This is a bug of the plugin (\(plugin.file.path)); report it to its authors.", code: "plugin")
    }
  }

  private func expect(
    _ asked: Int, _ answered: Int, _ plugin: LoadedPlugin, _ method: PluginMethod, _ type: String
  ) throws(Diagnostic) {
    guard asked != answered else { return }
    throw .error(
      "plugin '\(plugin.name)' answered \(method.name) of \(asked) \(type) resources with \(answered) results",
      detail: "This is a bug of the plugin (\(plugin.file.path)); report it to its authors.", code: "plugin")
  }

  private static func diagnostic(_ error: PluginError) -> Diagnostic {
    error.diagnostics.first ?? .error(error.description, code: "plugin")
  }
}
