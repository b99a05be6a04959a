public import CSnowmaker
public import SnowmakerModel

extension Plugin {
  /// What the plugin says of itself.
  public var manifest: Manifest {
    var manifest = Manifest(
      name: Self.name, version: Self.version, sdk: "swift 0.1.0", doc: Self.doc, types: types.map(\.schema),
      functions: functions.map(\.schema), checks: check != nil)
    manifest.requires = Self.requires
    return manifest
  }
}

/// Answers requests with the plugin's types. Built once per process.
public struct PluginDispatcher: Sendable {
  private let types: [String: any ObjectType]
  private let check: (@Sendable (CheckRequest) -> [Diagnostic])?

  /// A dispatcher over a plugin's types.
  public init(_ plugin: some Plugin) {
    var types: [String: any ObjectType] = [:]
    for type in plugin.types { types[type.schema.type] = type }
    self.types = types
    check = plugin.check
  }

  /// Answers VALIDATE: `{type, resources}` → `{results: [{diagnostics}]}`.
  public func validate(_ request: Value) throws -> Value {
    let type = try type(of: request)
    let context = try RequestContext(document: request["context"])
    let resources: [DeclaredResource] = try request.decodeList("resources")
    for resource in resources { try Self.check(resource.identity, type) }
    return [
      "results": .list(
        resources.map { resource in
          var builder = DocumentBuilder()
          builder.set("diagnostics", type.validate(resource, context: context))
          return builder.document
        })
    ]
  }

  /// Answers EXPAND: `{type, resources}` → `{results: [expansion]}`.
  public func expand(_ request: Value) throws -> Value {
    let type = try type(of: request)
    let context = try RequestContext(document: request["context"])
    let written: [WrittenResource] = try request.decodeList("resources")
    return ["results": .list(written.map { type.expand($0, context: context).document })]
  }

  /// Answers UPGRADE: `{type, version, resources}` → `{resources}`.
  public func upgrade(_ request: Value) throws -> Value {
    let type = try type(of: request)
    let version = Int(request["version"].int ?? 0)
    let context = try RequestContext(document: request["context"])
    return [
      "resources": .list(
        try request["resources"].list.map { try type.upgrade($0, from: version, context: context) })
    ]
  }

  /// Answers one round of READ.
  public func read(_ request: Value) throws -> Value {
    let type = try type(of: request)
    var request = try ReadRequest(document: request)
    // Configuration may refer to a name with too few parts. There is no such resource, so it is not observed.
    request.wanted.removeAll { $0.identity.count != type.schema.identity.count }
    return try type.read(request).document
  }

  /// Answers PLAN: `{changes: [change]}`, one per item, in order.
  public func plan(_ request: Value) throws -> Value {
    let type = try type(of: request)
    let request = try PlanRequest(document: request)
    var changes: [Value] = []
    changes.reserveCapacity(request.items.count)
    for item in request.items {
      try Self.check(item.identity, type)
      if let observed = item.observed { try Self.check(observed.identity, type) }
      if let former = item.renamedFrom { try Self.check(former, type) }
    }
    for item in request.items { changes.append(try type.plan(item, request: request).document) }
    return ["changes": .list(changes)]
  }

  /// Answers CHECK: `{diagnostics}`; nil when the plugin checks nothing.
  public func check(_ request: Value) throws -> Value? {
    guard let check else { return nil }
    var builder = DocumentBuilder()
    builder.set("diagnostics", check(try CheckRequest(document: request)))
    return builder.document
  }

  /// Answers APPLY: `{type, identity, operation}` → `{}`; nil when SQL reaches the type.
  public func apply(_ request: Value) throws -> Value? {
    let type = try type(of: request)
    guard let applied = type as? any AppliedType else { return nil }
    let operation = try AppliedOperation(request: request)
    try Self.check(operation.identity, type)
    try applied.apply(operation, host: ApplyHost())
    return [:]
  }

  /// Types may rely on it: an identity has all its parts.
  private static func check(_ identity: [String], _ type: any ObjectType) throws(DocumentError) {
    let count = type.schema.identity.count
    guard identity.count == count else {
      throw DocumentError(
        type.schema.type, "an identity must have \(counted(count, "part")), found \(identity.count)")
    }
  }

  private func type(of request: Value) throws(Diagnostic) -> any ObjectType {
    let name = request["type"].string ?? ""
    guard let type = types[name] else {
      throw .error("this plugin has no type '\(name)'", code: "unknown-type")
    }
    return type
  }
}

extension Plugin {
  /// Answers the host's entry call; nil refuses to start, when the host speaks another ABI.
  ///
  /// ```swift
  /// @c(snowmaker_warehouses_entry)
  /// public func entry(_ host: UnsafePointer<snowmaker_peer_v1>?) -> UnsafePointer<snowmaker_peer_v1>? {
  ///   WarehousesPlugin.open(host)
  /// }
  /// ```
  public static func open(_ host: UnsafePointer<snowmaker_peer_v1>?) -> UnsafePointer<snowmaker_peer_v1>? {
    let plugin = Self()
    let dispatcher = PluginDispatcher(plugin)
    return PluginEntry.open(
      host, manifest: { plugin.manifest }, functions: plugin.functions,
      handle: { method, request throws(PluginFailure) in try dispatcher.answer(method, request) })
  }
}

extension PluginDispatcher {
  /// Answers one request of any method but DESCRIBE. Throws what becomes the reply's status.
  func answer(_ method: PluginMethod, _ request: Value) throws(PluginFailure) -> Value {
    do {
      switch method {
      case .validate: return try validate(request)
      case .expand: return try expand(request)
      case .upgrade: return try upgrade(request)
      case .read: return try read(request)
      case .plan: return try plan(request)
      case .check: if let answer = try check(request) { return answer }
      case .apply: if let answer = try apply(request) { return answer }
      default: break
      }
    } catch let diagnostic as Diagnostic {
      throw .failed(diagnostic)
    } catch let error as DocumentError {
      throw .malformed(error)
    } catch {
      throw .panic("\(error)")
    }
    throw .unsupported
  }
}
