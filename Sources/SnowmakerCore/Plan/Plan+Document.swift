public import SnowmakerModel

/// The saved plan: everything that apply needs, secrets as slots.
extension Plan: DocumentCodable {
  /// What a plan document says it is.
  public static let format = "snowmaker-plan"
  /// The version of plan documents that is written, and the only one that is read.
  public static let formatVersion = 1

  /// The plan in a document. Throws when it is no plan, or of a version that this snowmaker does not read.
  public init(document: Value) throws(DocumentError) {
    guard document["format"].string == Self.format else {
      throw DocumentError("plan file", "this is no plan of snowmaker")
    }
    guard document["version"].int == Int64(Self.formatVersion) else {
      throw DocumentError(
        "plan file",
        "it has version \(AttributeKind.show(document["version"])), this snowmaker reads version \(Self.formatVersion); "
          + "plan again")
    }
    self.init(binding: try PlanBinding(document: document["binding"]))
    steps = try document.decodeList("steps")
    for (number, step) in steps.enumerated() where step.dependsOn.contains(where: { $0 >= number || $0 < 0 }) {
      throw DocumentError("plan file", "step \(number) waits for a later one")
    }
    resources = try document.decodeList("resources")
    for resource in resources where resource.steps.contains(where: { $0 >= steps.count || $0 < 0 }) {
      throw DocumentError("plan file", "\(resource.address) names a step that does not exist")
    }
    diagnostics = try document.decodeList("diagnostics")
    readCost = try ReadCost(document: document["read"])
    choices = PlanChoices(document: document["options"])
  }

  /// The plan as a document in canonical form: equal plans have equal bytes.
  public var document: Value {
    var builder = DocumentBuilder()
    builder.set("format", Value.string(Self.format))
    builder.set("version", Self.formatVersion)
    builder.set("binding", binding.document)
    builder.set("resources", resources)
    builder.set("steps", steps)
    builder.set("diagnostics", diagnostics)
    builder.set("read", readCost.document)
    if choices != PlanChoices() { builder.set("options", choices.document) }
    return builder.document.canonical
  }
}

extension PlanBinding: DocumentCodable {
  /// The binding in a document. Throws when something is missing.
  public init(document: Value) throws(DocumentError) {
    let what = "plan binding"
    self.init(
      project: try document.require("project", in: what), target: try document.require("target", in: what),
      account: try document.require("account", in: what),
      configurationDigest: try document.require("configuration", in: what),
      ledgerGeneration: try document.requireIndex("ledger", in: what))
    for field in document["plugins"].fields { plugins[field.key] = field.value.string }
  }

  /// The binding as a document.
  public var document: Value {
    [
      "project": .string(project), "target": .string(target), "account": .string(account),
      "configuration": .string(configurationDigest), "ledger": .int(Int64(ledgerGeneration)),
      "plugins": .object(plugins.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) }),
    ]
  }
}

extension PlannedResource: DocumentCodable {
  /// The resource in a document. Throws when the document is none of a planned resource.
  public init(document: Value) throws(DocumentError) {
    let what = "planned resource"
    let name = try document.require("action", in: what)
    guard let action = PlanAction(rawValue: name) else { throw DocumentError(what, "unknown action '\(name)'") }
    self.init(
      address: try Address(document: document["address"]), action: action,
      attributes: try document.decodeList("attributes"), losses: document["losses"].strings,
      note: document["note"].string ?? "", renamedFrom: document.find("renamed_from")?.strings,
      steps: try document.indices("steps", below: Int(Int32.max), in: what),
      fingerprint: document["fingerprint"].string)
    if let name = document["risk"].string {
      guard let risk = Change.Risk(rawValue: name) else { throw DocumentError(what, "unknown risk '\(name)'") }
      self.risk = risk
    }
    for address in document["absorbs"].list { absorbs.append(try Address(document: address)) }
    if let address = document.find("absorbed_by") { absorbedBy = try Address(document: address) }
    if let position = document.find("position") { self.position = try SourcePosition(document: position) }
    if let change = document.find("ledger") { ledger = try LedgerChange(document: change) }
  }

  /// The resource as a document.
  public var document: Value {
    var builder = DocumentBuilder()
    builder.set("address", address.document)
    builder.set("action", action.rawValue)
    builder.set("attributes", attributes)
    builder.set("losses", losses)
    if risk != .reversible { builder.set("risk", risk.rawValue) }
    builder.set(text: "note", note)
    if !absorbs.isEmpty { builder.set("absorbs", Value.list(absorbs.map(\.document))) }
    if let absorbedBy { builder.set("absorbed_by", absorbedBy.document) }
    if let renamedFrom { builder.set("renamed_from", Value.list(renamedFrom.map(Value.string))) }
    if let position { builder.set("position", position.document) }
    if !steps.isEmpty { builder.set("steps", Value.list(steps.map { .int(Int64($0)) })) }
    if ledger != .none { builder.set("ledger", ledger.document) }
    builder.set("fingerprint", fingerprint)
    return builder.document
  }
}

extension PlanStep: DocumentCodable {
  /// The step in a document. Throws when the document is none of a step.
  public init(document: Value) throws(DocumentError) {
    let what = "plan step"
    self.init(
      address: try Address(document: document["address"]),
      statement: try Statement(document: document["statement"]), role: try document.require("role", in: what),
      reason: try document.require("reason", in: what),
      dependsOn: try document.indices("depends_on", below: Int(Int32.max), in: what))
    if let name = document["risk"].string {
      guard let risk = Change.Risk(rawValue: name) else { throw DocumentError(what, "unknown risk '\(name)'") }
      self.risk = risk
    }
  }

  /// The step as a document.
  public var document: Value {
    var builder = DocumentBuilder()
    builder.set("address", address.document)
    builder.set("statement", statement.document)
    builder.set("role", role)
    builder.set("reason", reason)
    if !dependsOn.isEmpty { builder.set("depends_on", Value.list(dependsOn.map { .int(Int64($0)) })) }
    if risk != .reversible { builder.set("risk", risk.rawValue) }
    return builder.document
  }
}

extension ReadCost: DocumentCodable {
  /// The cost in a document; what is missing is zero.
  public init(document: Value) throws(DocumentError) {
    var seconds = 0.0
    if case .double(let number) = document["seconds"] { seconds = number }
    var statements: [String: Int] = [:]
    for field in document["statements"].fields { statements[field.key] = Int(field.value.int ?? 0) }
    self.init(statements: statements, roundTrips: Int(document["round_trips"].int ?? 0), seconds: seconds)
  }

  /// The cost as a document.
  public var document: Value {
    [
      "statements": .object(statements.sorted { $0.key < $1.key }.map { .init($0.key, .int(Int64($0.value))) }),
      "round_trips": .int(Int64(roundTrips)), "seconds": .double(seconds),
    ]
  }
}
