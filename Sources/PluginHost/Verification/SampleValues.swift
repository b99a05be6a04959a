public import SnowmakerModel

/// Values and resources made up from a schema: what a person might declare who knows nothing but the schema.
public struct SampleValues: Sendable {
  /// Different variants are different values wherever the kind has more than one.
  let variant: Int

  /// The values of a variant.
  public init(variant: Int) { self.variant = variant }

  /// A canonical value of the attribute; nil when the kind allows none that can be made up.
  public func value(of attribute: AttributeSchema) -> Value? {
    // Comments take anything, so they are where quoting goes wrong.
    if attribute.kind == .text, attribute.property == "COMMENT" { return .string("It's \"comment\" \\ \(variant)") }
    guard let raw = raw(attribute.kind, attribute.name) else { return nil }
    return try? attribute.normalize(raw)
  }

  private func raw(_ kind: AttributeKind, _ name: String) -> Value? {
    switch kind {
    case .boolean: return .bool(variant.isMultiple(of: 2))
    case .integer(let minimum, let maximum):
      let low = minimum ?? min(1, maximum ?? 1)
      return .int(min(low + Int64(variant) * 7, maximum ?? .max))
    case .number: return .string("\(variant + 1).5")
    case .text, .any: return .string("VERIFY_\(name.uppercased())_\(variant)")
    case .enumeration(let values, _): return values.isEmpty ? nil : .string(values[variant % values.count])
    case .identifier: return .string("VERIFY_\(name.uppercased())_\(variant)")
    case .name, .reference, .objectReference: return .string("VERIFY_\(name.uppercased())_\(variant)")
    case .list(let kind), .set(let kind):
      guard let first = raw(kind, name) else { return nil }
      return .list([first])
    case .map(let kind, let keys):
      guard let key = raw(keys, "key")?.string, let value = raw(kind, name) else { return nil }
      return .object([.init(key, value)])
    case .record(let attributes):
      var fields: [Value.Field] = []
      for attribute in attributes {
        if let value = value(of: attribute) {
          fields.append(.init(attribute.name, value))
        } else if attribute.isRequired {
          return nil
        }
      }
      return .object(fields)
    case .sql: return .string("SELECT \(variant)")
    }
  }

  /// A resource with its required attributes, and the others when `isFull`; nil when a required one cannot be made up.
  /// Identity parts are the same in every variant.
  func resource(_ type: TypeSchema, isFull: Bool) -> DeclaredResource? {
    let parts = Set(type.identity.map(\.attribute))
    var fields: [Value.Field] = []
    for attribute in type.attributes {
      let isPart = parts.contains(attribute.name)
      guard isPart || attribute.isRequired || isFull else { continue }
      let source = isPart ? SampleValues(variant: 0) : self
      let value =
        attribute.isSensitive ? Value.secret("env:\(Self.secretName)") : source.value(of: attribute)
      if let value {
        fields.append(.init(attribute.name, value))
      } else if isPart || attribute.isRequired {
        return nil
      }
    }
    let attributes = Value.object(fields)
    let identity = type.identity.compactMap { Self.identityText(attributes[$0.attribute]) }
    guard identity.count == type.identity.count else { return nil }
    return DeclaredResource(identity: identity, attributes: attributes)
  }

  /// The name of the environment variable that sample secrets refer to. Nobody sets it.
  public static let secretName = "SNOWMAKER_VERIFY_SECRET"

  private static func identityText(_ value: Value) -> String? {
    switch value {
    case .string(let text): text
    case .int(let number): String(number)
    case .bool(let flag): flag ? "true" : "false"
    default: nil
    }
  }
}

/// Requests that a host might send to a plugin, made up from its manifest. None of them needs an account: READ is only
/// asked of types that answer with queries.
struct SampleRequests {
  /// One request.
  struct Request {
    var method: PluginMethod
    /// What it is about, for messages: `PLAN of resource_monitor`.
    var subject: String
    var document: Value
  }

  let manifest: Manifest

  /// All of them, DESCRIBE first.
  var all: [Request] {
    [Request(method: .describe, subject: "DESCRIBE", document: RawPlugin.describeRequest)] + batches
  }

  /// All but DESCRIBE.
  var batches: [Request] {
    var requests = manifest.types.flatMap(requests(for:))
    if manifest.checks { requests.append(check) }
    return requests
  }

  private func requests(for type: TypeSchema) -> [Request] {
    let samples = [0, 1].compactMap { SampleValues(variant: $0).resource(type, isFull: $0 == 1) }
    guard let first = samples.first else { return [] }
    var requests: [Request] = []
    if type.validates { requests.append(request(.validate, type, "resources", samples.map(\.document))) }
    if type.expands {
      let written = samples.map { sample in
        WrittenResource(type: type.type, form: type.isComposite ? "expanded" : form(of: type), value: sample.attributes)
      }
      requests.append(request(.expand, type, "resources", written.map(\.document)))
    }
    guard !type.isComposite else { return requests }
    if !type.applies {
      let names = first.attributes.fields.map(\.key)
      let wanted = ReadRequest.Wanted(identity: first.identity, attributes: names, declared: first.attributes)
      let read = ReadRequest(context: Self.context, type: type.type, wanted: [wanted])
      requests.append(Request(method: .read, subject: "READ of \(type.type)", document: read.document))
    }
    let items = Self.planItems(samples, type)
    let plan = PlanRequest(context: Self.context, type: type.type, items: items)
    requests.append(Request(method: .plan, subject: "PLAN of \(type.type)", document: plan.document))
    return requests
  }

  static let context = RequestContext(edition: .businessCritical, user: "VERIFY")

  /// The resource created, changed and dropped.
  static func planItems(_ samples: [DeclaredResource], _ type: TypeSchema) -> [PlanItem] {
    guard let first = samples.first, let last = samples.last else { return [] }
    let observed = Observation(identity: first.identity, attributes: first.attributes, owner: "SYSADMIN")
    return [
      PlanItem(identity: first.identity, declared: first.attributes, observed: nil),
      PlanItem(identity: first.identity, declared: last.attributes, observed: observed),
      PlanItem(identity: first.identity, declared: nil, observed: observed),
    ]
  }

  private func request(_ method: PluginMethod, _ type: TypeSchema, _ key: String, _ items: [Value]) -> Request {
    var builder = DocumentBuilder()
    builder.set("context", Self.context.document)
    builder.set("type", type.type)
    builder.set(key, Value.list(items))
    return Request(method: method, subject: "\(method.name) of \(type.type)", document: builder.document)
  }

  private func form(of type: TypeSchema) -> String {
    if case .nested(let parent, let key, _)? = type.forms.first { return "\(parent).\(key)" }
    return "plural"
  }

  private var check: Request {
    let change = CheckedChange(
      address: Address("warehouse", ["VERIFY"]),
      change: Change(.create, statements: [Statement("CREATE WAREHOUSE VERIFY", authorities: [])]),
      declared: ["name": "VERIFY"])
    let request = CheckRequest(context: Self.context, changes: [change])
    return Request(method: .check, subject: "CHECK", document: request.document)
  }
}
