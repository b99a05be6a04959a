import CSnowmaker
import SnowmakerModel

/// PLAN of one type with resources made up from its schema, for the checks of the contract.
struct PlanTrial {
  let plugin: RawPlugin
  let type: TypeSchema
  /// The required attributes.
  let least: DeclaredResource
  /// Every attribute that its plugin accepts beside the required ones.
  let full: DeclaredResource

  /// A trial; throws `skipped` when the plugin refuses everything that can be made up for the type.
  init(_ plugin: RawPlugin, _ type: TypeSchema) throws(VerificationCheck.Ending) {
    self.plugin = plugin
    self.type = type
    let values = SampleValues(variant: 0)
    guard let least = values.resource(type, isFull: false), let most = values.resource(type, isFull: true) else {
      throw .skipped("\(type.type): no value can be made up for a required attribute")
    }
    let trial = PlanTrial(plugin, type, least)
    if let refusal = try trial.refusal(of: least) {
      throw .skipped("\(type.type): refuses what its schema allows: \(refusal)")
    }
    // Attributes one by one: rules over several of them are the plugin's own business.
    var accepted = least
    for field in most.attributes.fields where least.attributes.find(field.key) == nil {
      let more = DeclaredResource(
        identity: accepted.identity, attributes: .object(accepted.attributes.fields + [field]))
      if try trial.refusal(of: more) == nil { accepted = more }
    }
    self.least = least
    full = accepted
  }

  private init(_ plugin: RawPlugin, _ type: TypeSchema, _ resource: DeclaredResource) {
    self.plugin = plugin
    self.type = type
    least = resource
    full = resource
  }

  /// The resource as the account would show it: what can be read, canonical, and what was not declared at its default.
  func observation(of resource: DeclaredResource) -> Observation {
    var fields: [Value.Field] = []
    for attribute in type.attributes {
      if let value = resource.attributes.find(attribute.name) {
        if !attribute.isSensitive { fields.append(.init(attribute.name, value)) }
      } else if let value = attribute.defaultValue {
        fields.append(.init(attribute.name, value))
      } else if attribute.column != nil {
        fields.append(.init(attribute.name, .null))
      }
    }
    return Observation(
      identity: resource.identity, attributes: .object(fields),
      owner: resource.attributes["owner"].string ?? "SYSADMIN", ownerType: "ROLE",
      createdOn: "2026-01-01 00:00:00 +0000")
  }

  /// What the ledger would say needs no comparing: secrets, and what no column shows.
  func same(_ resource: DeclaredResource) -> [String] {
    type.attributes.filter { attribute in
      resource.attributes.find(attribute.name) != nil && (attribute.isSensitive || attribute.column == nil)
    }.map(\.name)
  }

  func item(_ declared: DeclaredResource, observed: DeclaredResource?) -> PlanItem {
    PlanItem(
      identity: declared.identity, declared: declared.attributes, observed: observed.map(observation),
      same: observed.map(same) ?? [], remembered: observed?.attributes ?? .object([]))
  }

  /// The change that PLAN answers for one item, as it was sent. Throws when there is none.
  func change(_ item: PlanItem) throws(VerificationCheck.Ending) -> (change: Change, bytes: [UInt8]) {
    let request = PlanRequest(context: SampleRequests.context, type: type.type, items: [item])
    let answer = plugin.call(.plan, request.document)
    guard answer.status == Int32(SNOWMAKER_OK) else {
      throw .failed("PLAN of \(type.type) answers \(RawPlugin.name(of: answer.status))\(RawPlugin.reasons(answer))")
    }
    let changes = try plugin.document(answer, of: .plan)["changes"].list
    guard changes.count == 1, let document = changes.first else {
      throw .failed("PLAN of \(type.type) answers \(counted(changes.count, "change")) for one item")
    }
    do throws(DocumentError) { return (try Change(document: document), answer.bytes) } catch {
      throw .failed("PLAN of \(type.type): \(error.description)")
    }
  }

  /// Why the plugin would not create the resource; nil when it would.
  private func refusal(of resource: DeclaredResource) throws(VerificationCheck.Ending) -> String? {
    let request = PlanRequest(
      context: SampleRequests.context, type: type.type, items: [item(resource, observed: nil)])
    let answer = plugin.call(.plan, request.document)
    guard answer.status == Int32(SNOWMAKER_OK) else {
      return RawPlugin.name(of: answer.status) + RawPlugin.reasons(answer)
    }
    guard let document = try plugin.document(answer, of: .plan)["changes"].list.first else { return "no answer" }
    do throws(DocumentError) {
      let change = try Change(document: document)
      return change.diagnostics.first { $0.severity == .error }?.summary
    } catch { throw .failed("PLAN of \(type.type): \(error.description)") }
  }
}

extension Change {
  var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
  /// Everything people or the account will read, secrets as slots.
  var allText: [String] {
    statements.flatMap { [$0.sql.description, $0.undo?.description ?? ""] } + losses + [note]
      + diagnostics.flatMap { [$0.summary, $0.detail] }
  }
}
