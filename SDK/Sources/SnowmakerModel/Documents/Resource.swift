/// A resource as configuration declares it, in canonical form.
///
/// An attribute that is absent is not managed; one that is null is to go back to what Snowflake has by itself.
public struct DeclaredResource: Hashable, Sendable, DocumentCodable {
  /// The canonical identity parts, outermost first.
  public var identity: [String]
  /// An object of canonical values by attribute name.
  public var attributes: Value

  /// A declared resource with canonical identity parts and an object of canonical attributes.
  public init(identity: [String], attributes: Value) {
    self.identity = identity
    self.attributes = attributes
  }

  /// Reads a declared resource; an absent identity has no parts, absent attributes are null, and nothing throws.
  public init(document: Value) throws(DocumentError) {
    self.init(identity: document["identity"].strings, attributes: document["attributes"])
  }

  /// The resource as an object of `identity` and `attributes`.
  public var document: Value {
    ["identity": .list(identity.map(Value.string)), "attributes": attributes]
  }
}

/// A resource as it stands in the configuration, for EXPAND.
public struct WrittenResource: Hashable, Sendable, DocumentCodable {
  /// The singular name of the type it was written as.
  public var type: String
  /// Which surface form it was written in: `plural`, or the parent's type and key, e.g. `user.roles`.
  public var form: String
  /// The element as written, expressions evaluated: usually an object, for a nested form also plain text.
  public var value: Value
  /// The resource it is nested in, nil at the top.
  public var parent: Address?

  /// The element `value`, written in `form` of `type`, inside `parent` when the form is nested.
  public init(type: String, form: String, value: Value, parent: Address? = nil) {
    self.type = type
    self.form = form
    self.value = value
    self.parent = parent
  }

  /// Reads a written resource. Throws when `type`, `form` or the type of the parent is not text.
  public init(document: Value) throws(DocumentError) {
    self.init(
      type: try document.require("type", in: "written resource"),
      form: try document.require("form", in: "written resource"), value: document["value"])
    if let parent = document.find("parent") {
      self.parent = Address(try parent.require("type", in: "written resource"), parent["identity"].strings)
    }
  }

  /// The resource as it goes to EXPAND; `parent` is left out at the top of the configuration.
  public var document: Value {
    var builder = DocumentBuilder()
    builder.set("type", type)
    builder.set("form", form)
    builder.set("value", value)
    if let parent {
      builder.set("parent", ["type": .string(parent.type), "identity": .list(parent.identity.map(Value.string))])
    }
    return builder.document
  }
}

extension WrittenResource {
  /// The element's fields; one that is only a text has the name `name`.
  public var fields: [Value.Field] {
    if case .string = value { return [.init("name", value)] }
    return value.fields
  }
}

/// A resource that EXPAND made of a written one. The host normalises it as if it had been written so.
public struct ExpandedResource: Hashable, Sendable, DocumentCodable {
  /// The singular name of the type it is a resource of, often another than the written one's.
  public var type: String
  /// Attributes by name, in any spelling their kinds take.
  public var attributes: Value
  /// Where in the written value it comes from, e.g. `["roles", "1"]`; for positions in errors.
  public var path: [String]

  /// A resource of `type` that comes from the place `path` in the written value; an empty path is the whole value.
  public init(type: String, attributes: Value, path: [String] = []) {
    self.type = type
    self.attributes = attributes
    self.path = path
  }

  /// Reads an expanded resource. Throws when `type` is not text.
  public init(document: Value) throws(DocumentError) {
    self.init(
      type: try document.require("type", in: "expanded resource"), attributes: document["attributes"],
      path: document["path"].strings)
  }

  /// The resource as EXPAND answers it; an empty `path` is left out.
  public var document: Value {
    var builder = DocumentBuilder()
    builder.set("type", type)
    builder.set("attributes", attributes)
    builder.set("path", path)
    return builder.document
  }
}

/// What EXPAND answers for one written resource.
public struct Expansion: Hashable, Sendable, DocumentCodable {
  /// The resources that the written one stands for; may be none.
  public var resources: [ExpandedResource]
  /// What the user is to be told about the written resource.
  public var diagnostics: [Diagnostic]

  /// The expansion into `resources`, with what there is to tell the user about it.
  public init(resources: [ExpandedResource] = [], diagnostics: [Diagnostic] = []) {
    self.resources = resources
    self.diagnostics = diagnostics
  }

  /// Reads an expansion. Throws when one of its resources or diagnostics cannot be read.
  public init(document: Value) throws(DocumentError) {
    self.init(
      resources: try document.decodeList("resources"), diagnostics: try document.decodeList("diagnostics"))
  }

  /// The expansion as EXPAND answers it; empty lists are left out.
  public var document: Value {
    var builder = DocumentBuilder()
    builder.set("resources", resources)
    builder.set("diagnostics", diagnostics)
    return builder.document
  }
}

/// A resource as the account has it.
public struct Observation: Hashable, Sendable, DocumentCodable {
  /// The canonical identity parts, outermost first.
  public var identity: [String]
  /// Canonical values by attribute name. An attribute that is absent could not be seen (unknown); null is "not set".
  public var attributes: Value
  /// The owning role, canonical; nil when the account does not say.
  public var owner: String?
  /// `ROLE`, `DATABASE_ROLE`, `APPLICATION` …; nil when the account does not say.
  public var ownerType: String?
  /// As the account prints it; what tells an object from its successor of the same name.
  public var createdOn: String?
  /// Why snowmaker must not touch it ("imported from a share", "managed by Snowflake", "synchronised by SCIM");
  /// nil for an ordinary object.
  public var foreign: String?

  /// A resource that the account has; what the account does not say stays nil.
  public init(
    identity: [String], attributes: Value = .object([]), owner: String? = nil, ownerType: String? = nil,
    createdOn: String? = nil, foreign: String? = nil
  ) {
    self.identity = identity
    self.attributes = attributes
    self.owner = owner
    self.ownerType = ownerType
    self.createdOn = createdOn
    self.foreign = foreign
  }

  /// Reads an observation; absent texts are nil, absent attributes null, and nothing throws.
  public init(document: Value) throws(DocumentError) {
    self.init(
      identity: document["identity"].strings, attributes: document["attributes"], owner: document["owner"].string,
      ownerType: document["owner_type"].string, createdOn: document["created_on"].string,
      foreign: document["foreign"].string)
  }

  /// The observation as the provider answers it; what is nil is left out.
  public var document: Value {
    var builder = DocumentBuilder()
    builder.set("identity", Value.list(identity.map(Value.string)))
    builder.set("attributes", attributes)
    builder.set("owner", owner)
    builder.set("owner_type", ownerType)
    builder.set("created_on", createdOn)
    builder.set("foreign", foreign)
    return builder.document
  }
}

/// What every request carries: nothing is remembered between calls.
public struct RequestContext: Hashable, Sendable, DocumentCodable {
  /// The provider's own configuration from `snowmaker.yaml`.
  public var configuration: Value
  /// The account's edition, nil when it is not known.
  public var edition: Edition?
  /// The user who deploys, canonical; nil before a login.
  public var user: String?
  /// The address the account sees this client at; nil when it was not asked.
  public var clientAddress: String?

  /// A context; by itself one without configuration, before a login.
  public init(
    configuration: Value = .object([]), edition: Edition? = nil, user: String? = nil, clientAddress: String? = nil
  ) {
    self.configuration = configuration
    self.edition = edition
    self.user = user
    self.clientAddress = clientAddress
  }

  /// Reads a context; an edition of an unknown name is nil, as is what is absent, and nothing throws.
  public init(document: Value) throws(DocumentError) {
    self.init(
      configuration: document["configuration"], edition: document["edition"].string.flatMap(Edition.init(rawValue:)),
      user: document["user"].string, clientAddress: document["client_address"].string)
  }

  /// The context as it goes to the plugin; what is nil is left out.
  public var document: Value {
    var builder = DocumentBuilder()
    builder.set("configuration", configuration)
    builder.set("edition", edition?.rawValue)
    builder.set("user", user)
    builder.set("client_address", clientAddress)
    return builder.document
  }
}
