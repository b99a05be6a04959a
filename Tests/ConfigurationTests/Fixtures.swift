import Glibc
import SnowmakerModel
import Testing

@testable import Configuration

/// Types as providers describe them, small, for these tests.
enum Fixtures {
  static let database: TypeSchema = {
    var type = TypeSchema(
      "database", plural: "databases", sqlName: "DATABASE", identity: [.name],
      attributes: [
        .init("name", .identifier).required(),
        .init("comment", .text).blankIsNull(),
        .init("data_retention_time_in_days", .integer(minimum: 0, maximum: 90)).alias("retention"),
        .init("owner", .reference(["role"])),
      ])
    type.createsImplicitly = [.init(type: "schema", name: "PUBLIC")]
    return type
  }()

  static let schema: TypeSchema = {
    var type = TypeSchema(
      "schema", plural: "schemas", sqlName: "SCHEMA", identity: [.database, .name],
      attributes: [
        .init("name", .identifier).required(), .init("database", .reference(["database"])).edge(.containedIn),
        .init("comment", .text), .init("owner", .reference(["role"])), .init("managed_access", .boolean),
      ])
    type.forms.append(.nested(parent: "database", key: "schemas", fills: "database"))
    return type
  }()

  /// A table-like type and one that shares its namespace.
  static let box = contained("box", plural: "boxes", namespace: "container")
  static let crate = contained("crate", plural: "crates", namespace: "container")

  private static func contained(_ name: String, plural: String, namespace: String) -> TypeSchema {
    var type = TypeSchema(
      name, plural: plural, sqlName: name.uppercased(), identity: [.database, .schema, .name],
      attributes: [
        .init("name", .identifier).required(), .init("database", .reference(["database"])),
        .init("schema", .reference(["schema"])), .init("comment", .text),
        .init(
          "options",
          .record([
            .init("format", .enumeration(["CSV", "JSON"], aliases: ["COMMA": "CSV"])),
            .init("key", .text).sensitive(), .init("skip", .integer(minimum: 0)),
          ])), .init("tags", .map(.text)), .init("lists", .list(.text)),
      ])
    type.namespace = namespace
    type.forms.append(.nested(parent: "schema", key: plural, fills: "schema"))
    return type
  }

  static let engine = TypeSchema(
    "engine", plural: "engines", sqlName: "ENGINE", identity: [.name],
    attributes: [
      .init("name", .identifier).required(),
      .init("engine_size", .enumeration(["XSMALL", "SMALL", "MEDIUM", "LARGE"], aliases: ["X-SMALL": "XSMALL"]))
        .alias("size"),
      .init("auto_suspend", .integer(minimum: 0)), .init("auto_resume", .boolean),
      .init("comment", .text).blankIsNull(), .init("owner", .reference(["role"])), .init("version", .text),
      .init("quota", .number), .init("role_list", .set(.reference(["role"]))),
    ])

  static let role = TypeSchema(
    "role", plural: "roles", sqlName: "ROLE", identity: [.name],
    attributes: [.init("name", .identifier).required(), .init("comment", .text), .init("owner", .reference(["role"]))])

  static let user = TypeSchema(
    "user", plural: "users", sqlName: "USER", identity: [.name],
    attributes: [
      .init("name", .identifier).required(), .init("comment", .text), .init("password", .text).sensitive(),
      .init("default_role", .reference(["role"])), .init("pin", .integer()).sensitive(),
    ])

  static let membership: TypeSchema = {
    var type = TypeSchema(
      "membership", plural: "memberships", identity: [IdentityPart("role"), IdentityPart("to")],
      attributes: [
        .init("role", .reference(["role"])).required(), .init("to", .reference(["role", "user"])).required(),
      ])
    type.expands = true
    type.mergesDuplicates = true
    type.forms.append(.nested(parent: "user", key: "roles", fills: "to"))
    return type
  }()

  static let permit: TypeSchema = {
    var type = TypeSchema(
      "permit", plural: "permits", identity: [IdentityPart("priv"), IdentityPart("on_type"), IdentityPart("on")],
      attributes: [
        .init("priv", .text).required(), .init("on_type", .text).required(),
        .init("on", .objectReference(typeAttribute: "on_type")).required(), .init("option", .boolean),
      ])
    type.mergesDuplicates = true
    return type
  }()

  static let setting: TypeSchema = {
    var type = TypeSchema(
      "setting", plural: "settings", identity: [.name],
      attributes: [.init("name", .text).required(), .init("value", .any).required()])
    type.forms = [.plural("settings"), .pairs("settings", name: "name", value: "value")]
    return type
  }()

  static let bundle: TypeSchema = {
    var type = TypeSchema(
      "bundle", plural: "bundles", identity: [.name],
      attributes: [.init("name", .text).required(), .init("count", .integer())])
    type.expands = true
    type.isComposite = true
    return type
  }()

  static let types = [database, schema, box, crate, engine, role, user, membership, permit, setting, bundle]

  /// What the providers of `membership` and `bundle` would answer.
  static func expand(_ written: [WrittenResource]) throws -> [Expansion] {
    written.map { item in
      var expansion = Expansion()
      if item.type == "bundle" {
        let count = item.value["count"].int ?? 0
        if count > 0 {
          expansion.resources.append(
            .init(type: "bundle", attributes: ["name": item.value["name"], "count": .int(count - 1)]))
        }
        expansion.resources.append(
          .init(
            type: "role", attributes: ["name": .string("\(item.value["name"].string ?? "")_\(count)")], path: ["name"]))
        return expansion
      }
      if let text = item.value.string {
        expansion.resources = [
          .init(
            type: "membership",
            attributes: ["role": .string(text), "to": .string(item.parent?.identity.joined() ?? "")])
        ]
        return expansion
      }
      let to = item.value.find("to") ?? item.value["to_role"]
      if to == .null {
        expansion.diagnostics = [.error("a membership needs 'to'", path: ["role"])]
        return expansion
      }
      for (index, role) in item.value["roles"].strings.enumerated() {
        expansion.resources.append(
          .init(type: "membership", attributes: ["role": .string(role), "to": to], path: ["roles", String(index)]))
      }
      if let role = item.value.find("role") {
        expansion.resources.append(.init(type: "membership", attributes: ["role": role, "to": to]))
      }
      return expansion
    }
  }
}

/// A folder that is gone after the test.
final class TemporaryFolder {
  let path: String

  init(_ files: [String: String] = [:]) {
    var template = Array("/tmp/snowmaker-configuration-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { fatalError("cannot make a temporary folder") }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    for (name, text) in files { write(name, Array(text.utf8)) }
  }

  deinit { _ = system("rm -rf '\(path)'") }

  func write(_ name: String, _ bytes: [UInt8]) {
    let file = path + "/" + name
    var folder = path
    for step in name.split(separator: "/").dropLast() {
      folder += "/" + step
      mkdir(folder, 0o755)
    }
    guard let stream = fopen(file, "w") else { fatalError("cannot write \(file)") }
    fwrite(bytes, 1, bytes.count, stream)
    fclose(stream)
  }
}

/// Loads files given as text.
func load(
  _ files: [String: String], target: String? = nil, variables: [(name: String, value: String)] = [],
  environment: [String: String] = [:], types: [TypeSchema] = Fixtures.types
) -> LoadedConfiguration {
  let folder = TemporaryFolder(files)
  let (project, problems) = Project.read(at: folder.path)
  var loaded = Loader.load(
    project, target: target, types: types, variables: variables, environment: environment, expand: Fixtures.expand)
  loaded.diagnostics = (problems + loaded.diagnostics).map { diagnostic in
    var diagnostic = diagnostic
    if let position = diagnostic.position, position.file.hasPrefix(folder.path + "/") {
      diagnostic.position?.file = String(position.file.dropFirst(folder.path.count + 1))
    }
    return diagnostic
  }
  return loaded
}

func load(_ text: String) -> LoadedConfiguration { load(["a.yml": text]) }

extension LoadedConfiguration {
  /// All mistakes as `line:column severity summary | detail`.
  var shown: [String] {
    diagnostics.map {
      let place = $0.position.map { "\($0.file):\($0.line):\($0.column)" } ?? "-"
      return "\(place) \($0.severity.rawValue): \($0.summary)" + ($0.detail.isEmpty ? "" : " | \($0.detail)")
    }
  }
  var addresses: [String] { declarations.map(\.address.description) }

  subscript(_ type: String, _ identity: String...) -> Declaration? { declaration(Address(type, identity)) }
}
