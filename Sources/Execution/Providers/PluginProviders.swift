public import PluginHost
public import SnowmakerCore
public import SnowmakerModel

/// The loaded plugins as the planner, the reader and the configuration call them.
///
/// Requests of many resources go out in batches, several side by side. Each request's context gets the configuration
/// of the plugin it goes to.
public struct PluginProviders: Providers {
  /// Every loaded type by name.
  public let types: [String: TypeSchema]
  private let registry: PluginRegistry
  private let configurations: [String: Value]
  private let clientAddress: @Sendable () async -> String?

  /// Providers over `registry`.
  /// - Parameters:
  ///   - configurations: the plugins' own settings, by plugin name; a request to any other keeps its own.
  ///   - clientAddress: the address the account sees this client at, for CHECK; asked only when a plugin checks.
  public init(
    _ registry: PluginRegistry, configurations: [String: Value] = [:],
    clientAddress: @escaping @Sendable () async -> String? = { nil }
  ) {
    self.registry = registry
    self.configurations = configurations
    self.clientAddress = clientAddress
    types = registry.schemas
  }

  /// VALIDATE: diagnostics per resource, in order; none for a type without rules of its own. Throws when the plugin
  /// fails or its answer makes no sense.
  public func validate(
    _ resources: [DeclaredResource], type: String, context: RequestContext
  ) async throws(Diagnostic) -> [[Diagnostic]] {
    let plugin = try owner(of: type)
    guard types[type]?.validates == true else { return resources.map { _ in [] } }
    let batches = Batches.split(resources)
    let requests = batches.map { batch in
      var builder = DocumentBuilder()
      builder.set("context", self.context(context, plugin).document)
      builder.set("type", type)
      builder.set("resources", Value.list(batch.map(\.document)))
      return builder.document
    }
    var result: [[Diagnostic]] = []
    result.reserveCapacity(resources.count)
    for (batch, answer) in zip(batches, try await ask(plugin, .validate, requests)) {
      let results = try results(answer, "results", count: batch.count, plugin, .validate)
      for item in results {
        result.append(try decode(plugin, .validate) { () throws(DocumentError) in try item.decodeList("diagnostics") })
      }
    }
    return result
  }

  /// One round of READ. Throws when the plugin fails or its answer makes no sense.
  public func read(_ request: ReadRequest) async throws(Diagnostic) -> ReadReply {
    let plugin = try owner(of: request.type)
    var request = request
    request.context = context(request.context, plugin)
    let answer = try await ask(plugin, .read, request.document)
    let reply = try decode(plugin, .read) { () throws(DocumentError) in try ReadReply(document: answer) }
    return types[request.type].map { ObservedNames($0).canonical(reply) } ?? reply
  }

  /// PLAN: a change per item, in order. The caller has cut the batches, because only it knows the groups. Throws when
  /// the plugin fails or its answer makes no sense.
  public func plan(_ request: PlanRequest) async throws(Diagnostic) -> [Change] {
    let plugin = try owner(of: request.type)
    var request = request
    request.context = context(request.context, plugin)
    let answer = try await ask(plugin, .plan, request.document)
    var changes: [Change] = []
    changes.reserveCapacity(request.items.count)
    for item in try results(answer, "changes", count: request.items.count, plugin, .plan) {
      changes.append(try decode(plugin, .plan) { () throws(DocumentError) in try Change(document: item) })
    }
    return changes
  }

  /// CHECK of every plugin that offers it, in the order of their names. Throws when a plugin fails or its answer makes
  /// no sense.
  public func check(_ request: CheckRequest) async throws(Diagnostic) -> [Diagnostic] {
    let plugins = registry.plugins.filter(\.manifest.checks)
    guard !plugins.isEmpty else { return [] }
    var request = request
    if request.context.clientAddress == nil { request.context.clientAddress = await clientAddress() }
    let whole = request
    let answers = await withTaskGroup(of: (Int, Result<[Diagnostic], Diagnostic>).self) { group in
      for (index, plugin) in plugins.enumerated() {
        var request = whole
        request.context = context(request.context, plugin)
        let document = request.document
        // No typed throws inside the task: Swift 6.3 miscompiles that with optimisation.
        group.addTask { (index, await findings(of: plugin, document)) }
      }
      var answers = [Result<[Diagnostic], Diagnostic>](repeating: .success([]), count: plugins.count)
      for await (index, answer) in group { answers[index] = answer }
      return answers
    }
    var diagnostics: [Diagnostic] = []
    for answer in answers { diagnostics += try answer.get() }
    return diagnostics
  }

  private func findings(of plugin: LoadedPlugin, _ request: Value) async -> Result<[Diagnostic], Diagnostic> {
    do throws(Diagnostic) {
      let answer: Value
      do throws(PluginError) { answer = try await plugin.check(request, functions: registry.functions) } catch {
        throw Self.diagnostic(error)
      }
      return .success(
        try decode(plugin, .check) { () throws(DocumentError) in try answer.decodeList("diagnostics") })
    } catch {
      return .failure(error)
    }
  }

  /// EXPAND, on the calling thread: what each written resource stands for, in order. Not for use in asynchronous code.
  /// Throws when a plugin fails or its answer makes no sense.
  public func expand(_ written: [WrittenResource], context: RequestContext) throws(Diagnostic) -> [Expansion] {
    var result = [Expansion](repeating: Expansion(), count: written.count)
    var placesOfType: [String: [Int]] = [:]
    for (place, resource) in written.enumerated() { placesOfType[resource.type, default: []].append(place) }
    for (type, places) in placesOfType.sorted(by: { $0.key < $1.key }) {
      let plugin = try owner(of: type)
      for batch in Batches.split(places) {
        var builder = DocumentBuilder()
        builder.set("context", self.context(context, plugin).document)
        builder.set("type", type)
        builder.set("resources", Value.list(batch.map { written[$0].document }))
        let answer: Value
        do throws(PluginError) { answer = try plugin.callAndWait(.expand, builder.document) } catch {
          throw Self.diagnostic(error)
        }
        let results = try results(answer, "results", count: batch.count, plugin, .expand)
        for (place, item) in zip(batch, results) {
          result[place] = try decode(plugin, .expand) { () throws(DocumentError) in try Expansion(document: item) }
        }
      }
    }
    return result
  }

  /// UPGRADE, on the calling thread: elements written for an older schema version of a type, as the current one has
  /// them, in order. Not for use in asynchronous code. Throws when the plugin refuses or fails, or its answer makes no
  /// sense.
  public func upgrade(_ written: [Value], type: String, version: Int) throws(Diagnostic) -> [Value] {
    let plugin = try owner(of: type)
    let request: Value = [
      "context": context(RequestContext(), plugin).document, "type": .string(type), "version": .int(Int64(version)),
      "resources": .list(written),
    ]
    let answer: Value
    do throws(PluginError) { answer = try plugin.callAndWait(.upgrade, request) } catch {
      throw error.diagnostics.first ?? Self.diagnostic(error)
    }
    return try results(answer, "resources", count: written.count, plugin, .upgrade)
  }

  /// Plugin name and version to SHA-256 (hex) of its file, as plans are bound to them. Reads the files. Throws when one
  /// cannot be read or is not the one that was loaded.
  public func digests() throws(Diagnostic) -> [String: String] {
    var digests: [String: String] = [:]
    for plugin in registry.plugins {
      do throws(PluginRefusal) { digests["\(plugin.name) \(plugin.manifest.version)"] = try plugin.sha256() } catch {
        throw .error(error.description, code: "plugin-changed")
      }
    }
    return digests
  }
}

extension PluginProviders {
  func owner(of type: String) throws(Diagnostic) -> LoadedPlugin {
    guard let plugin = registry.owner(ofType: type) else {
      throw .error("no loaded plugin brings the type '\(type)'", code: "unknown-type")
    }
    return plugin
  }

  func context(_ context: RequestContext, _ plugin: LoadedPlugin) -> RequestContext {
    var context = context
    if let configuration = configurations[plugin.name] { context.configuration = configuration }
    return context
  }

  private func ask(_ plugin: LoadedPlugin, _ method: PluginMethod, _ request: Value) async throws(Diagnostic) -> Value {
    do throws(PluginError) { return try await plugin.call(method, request) } catch { throw Self.diagnostic(error) }
  }

  private func ask(
    _ plugin: LoadedPlugin, _ method: PluginMethod, _ requests: [Value]
  ) async throws(Diagnostic) -> [Value] {
    do throws(PluginError) { return try await plugin.callAll(method, requests) } catch { throw Self.diagnostic(error) }
  }

  /// The list at `key`, with as many elements as were asked for.
  private func results(
    _ answer: Value, _ key: String, count: Int, _ plugin: LoadedPlugin, _ method: PluginMethod
  ) throws(Diagnostic) -> [Value] {
    let results = answer[key].list
    guard results.count == count else {
      throw Self.nonsense(plugin, method, "'\(key)' must have \(count) elements, found \(results.count)")
    }
    return results
  }

  private func decode<Result>(
    _ plugin: LoadedPlugin, _ method: PluginMethod, _ body: () throws(DocumentError) -> Result
  ) throws(Diagnostic) -> Result {
    do throws(DocumentError) { return try body() } catch {
      throw Self.nonsense(plugin, method, error.description)
    }
  }

  private static func diagnostic(_ error: PluginError) -> Diagnostic {
    .error(error.description, code: "plugin-failed")
  }

  private static func nonsense(_ plugin: LoadedPlugin, _ method: PluginMethod, _ why: String) -> Diagnostic {
    .error(
      "plugin '\(plugin.name)' (\(plugin.file.path)): \(method.name): the answer makes no sense: \(why)",
      detail: "This is a mistake of the plugin; report it to its author.", code: "plugin-fault")
  }
}
