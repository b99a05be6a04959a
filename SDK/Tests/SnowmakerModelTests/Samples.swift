@testable import SnowmakerModel

/// One document of each kind, with every field set to something that is not its default.
enum Samples {
  static var attribute: AttributeSchema {
    var full = AttributeSchema("size", .text, property: "WAREHOUSE_SIZE", column: "size", doc: "How big.")
    full.clause = .init(create: "SIZED {}", alter: "MODIFY SIZE {}")
    full.rendering = .quoted
    full.group = "parameters"
    full.isRequired = true
    full.change = .createOnly
    full.defaultValue = "XSMALL"
    full.unset = .set("XSMALL")
    full.isSensitive = true
    full.isSetAfterCreation = true
    full.bareWords = ["NONE"]
    full.isBlankNull = true
    full.aliases = ["warehouse_size"]
    full.edge = .afterCreatesIn
    full.onTargetDrop = .detachFirst
    full.minimumEdition = .businessCritical
    return full
  }

  static var emulation: Emulation {
    Emulation(
      showColumns: [
        EmulatedColumn("size", .attribute("size"), echo: ["XSMALL": "X-Small"]),
        EmulatedColumn("created_on", .fact("created_on")), EmulatedColumn("kind", .constant("STANDARD")),
        EmulatedColumn("budget", .constant(nil)),
      ], describeShape: .properties, describeColumns: [EmulatedColumn("property", .constant("x"))],
      extraProperties: ["COPY GRANTS"], modifiers: [.init("TRANSIENT", sets: "is_transient", to: true)],
      parameters: ["TIMEZONE": "UTC"])
  }

  static var type: TypeSchema {
    var full = TypeSchema(
      "file_format", plural: "file_formats", sqlName: "FILE FORMAT", sqlPlural: "ALL FILE FORMATS",
      identity: [.database, .schema, .name], doc: "How files are read.", attributes: [attribute])
    full.version = 3
    full.namespace = "formats"
    full.forms = [
      .plural("file_formats"), .nested(parent: "schema", key: "formats", fills: "schema"),
      .pairs("parameters", name: "name", value: "value"),
    ]
    full.reads = [ReadGroup("show", "SHOW FILE FORMATS IN ACCOUNT", per: .account, shape: .rows)]
    full.expands = true
    full.validates = true
    full.isComposite = true
    full.mergesDuplicates = true
    full.groupBy = ["root"]
    full.createsImplicitly = [ImplicitChild(type: "schema", name: "PUBLIC")]
    full.privileges = ["USAGE"]
    full.createPrivilege = "CREATE FILE FORMAT"
    full.wantsPlannedCreates = true
    full.adoptsInPart = true
    full.standsInChecks = true
    full.relatedTypes = ["a"]
    full.minimumEdition = .enterprise
    full.applies = true
    full.examples = [example]
    full.emulation = emulation
    return full
  }

  static var example: TypeExample {
    TypeExample(
      base: ["databases": ["RAW"]], create: ["file_formats": [["name": "RAW.PUBLIC.CSV"]]],
      change: ["file_formats": [["name": "RAW.PUBLIC.CSV", "comment": "x"]]])
  }

  static var readGroup: ReadGroup {
    ReadGroup(
      "describe", "DESCRIBE STAGE {name}", per: .object, shape: .properties, keyColumns: ["a", "b"], costClass: "DESC")
  }

  static var manifest: Manifest {
    var full = Manifest(
      name: "stages", version: "1.2.3", sdk: "swift 0.1.0", doc: "Files.", types: [type], functions: [function],
      checks: true)
    full.protocolVersion = "1.7"
    full.requires = ["network"]
    return full
  }

  static var function: FunctionSchema {
    FunctionSchema(
      "pick", doc: "Picks.",
      parameters: [.init("texts", .list(.text), doc: "Texts."), .init("at", .nullable(.integer), doc: "Which.")],
      result: .text, isPure: false, examples: [.init(["a", "b"], 1, yields: "b")])
  }

  static var diagnostic: Diagnostic {
    Diagnostic(
      .warning, "summary", detail: "detail", path: ["schemas", "0"], code: "unknown-key",
      address: Address("schema", ["RAW", "\"my schema\""]),
      position: SourcePosition(file: "a.yml", line: 3, column: 7))
  }

  static var context: RequestContext {
    RequestContext(
      configuration: ["region": "eu"], edition: .enterprise, user: "DEPLOYER", clientAddress: "192.0.2.7")
  }

  static var observation: Observation {
    Observation(
      identity: ["RAW", "SALES"], attributes: ["name": "SALES", "size": .unknown, "comment": nil], owner: "SYSADMIN",
      ownerType: "ROLE", createdOn: "2026-01-01 00:00:00 +0000", foreign: "imported from a share")
  }

  static var wanted: ReadRequest.Wanted {
    ReadRequest.Wanted(identity: ["RAW", "SALES"], attributes: ["comment"], declared: ["name": "SALES"])
  }

  static var statement: Statement {
    var full = Statement(
      SQLText([.text("ALTER USER U SET PASSWORD = "), .secret("env:PW")]),
      authorities: [
        .ownership(SQLObject("USER", "U")), .privilege("CREATE USER", .account),
        .granting("USAGE", SQLObject("DATABASE", "RAW")), .grantingRole(SQLObject("ROLE", "R")),
      ], phase: .after, once: "key", undo: "ALTER USER U UNSET PASSWORD", unlessRunBy: "SYSADMIN", effects: effects)
    full.operation = ["set": "x"]
    full.keeps = KeptAnswer(column: "token_secret", file: "etl.token")
    return full
  }

  private static var effects: [AccountEffect] {
    let (object, role) = (SQLObject("DATABASE", "RAW"), SQLObject("ROLE", "R"))
    return [
      .created(object), .dropped(object), .renamed(object, to: "RAW2"), .owned(object, by: role),
      .roleGranted(role, to: SQLObject("USER", "U")), .roleRevoked(role, from: SQLObject("USER", "U")),
      .granted("USAGE", on: object, to: role, withGrantOption: true), .revoked("USAGE", on: object, from: role),
    ]
  }

  static var change: Change {
    var full = Change(
      .update, attributes: [AttributeChange("size", before: "XSMALL", after: "LARGE")], statements: [statement],
      losses: ["its grants"], risk: .irreversible, note: "2 of 5 missing", diagnostics: [diagnostic])
    full.memory = ["seen": 1]
    return full
  }

  static var checkedChange: CheckedChange {
    CheckedChange(address: Address("schema", ["RAW", "SALES"]), change: change, declared: ["name": "SALES"])
  }

  static var planItem: PlanItem {
    var full = PlanItem(
      identity: ["RAW", "SALES"], declared: ["name": "SALES"], observed: observation, same: ["body"],
      remembered: ["name": "SALES", "$memory": ["seen": 1]], renamedFrom: ["RAW", "OLD"])
    full.takesAdopted = true
    return full
  }

  static var readResult: ReadResult {
    ReadResult(
      sql: "SHOW WAREHOUSES", columns: ["name", "comment"], rows: [["LOADING", nil]],
      failure: .init(code: "002003", message: "does not exist or not authorized"), isCut: true)
  }

  static var readRequest: ReadRequest {
    ReadRequest(
      context: context, type: "warehouse", wanted: [wanted], related: ["role": [wanted]], wantsAll: true, round: 1,
      results: [readResult], state: ["step": 1])
  }

  static var readReply: ReadReply {
    ReadReply(
      queries: [ReadQuery("SHOW WAREHOUSES", costClass: "SHOW WAREHOUSES", rowLimit: 100)], state: ["step": 1],
      observed: [observation], partial: "SHOW was cut",
      unseen: [.init(identity: ["X"], reason: "needs MONITOR on WAREHOUSE X")])
  }

  static var written: WrittenResource {
    WrittenResource(
      type: "role_grant", form: "user.roles", value: ["role": "analyst"], parent: Address("user", ["BOB"]))
  }

  static var expansion: Expansion {
    Expansion(
      resources: [ExpandedResource(type: "role_grant", attributes: ["role": "analyst"], path: ["roles", "1"])],
      diagnostics: [diagnostic])
  }
}
