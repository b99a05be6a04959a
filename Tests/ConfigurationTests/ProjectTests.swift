import SnowmakerModel
import Testing

@testable import Configuration

@Suite struct ProjectTests {
  @Test func aProjectWithoutFileIsNamedAfterItsFolderOrFile() {
    let folder = TemporaryFolder(["shop/a.yml": "roles: [x]"])
    #expect(Project.read(at: folder.path + "/shop").project.name == "shop")
    let single = Project.read(at: folder.path + "/shop/a.yml").project
    #expect(single.name == "a")
    let loaded = Loader.load(single, types: Fixtures.types, expand: Fixtures.expand)
    #expect(loaded.addresses == ["role.X"])
    #expect(loaded.target.name == "default")
  }

  @Test func aSingleFileMayBeCalledSnowmakerYaml() {
    let folder = TemporaryFolder(["p/snowmaker.yaml": "project: zoo", "p/a.yml": "roles: [x]"])
    #expect(Project.read(at: folder.path + "/p/snowmaker.yaml").project.name == "zoo")
  }

  static let full = """
    project: shop
    default_target: dev
    targets:
      dev: {connection: devc, prefix: dev_, variables: {size: SMALL}}
      prod:
        connection: prodc
        deploy_role: deployer
        read_role: '"reader role"'
    defaults:
      engines: {auto_suspend: 60, comment: "{{ target.name }}"}
    schemas: {engine: 1}
    providers:
      rbac: {strict: true, key: !secret env:K}
    ignore:
      - "TMP_*"
      - {owner: DBT, schema: ANALYTICS.*}
    max_drops: 10%
    exclusive: [roles, box in raw.sales, {type: crate, in: raw}]
    plugin_dirs: [plugins, /abs]
    """

  @Test func everySettingIsRead() throws {
    let folder = TemporaryFolder(["snowmaker.yaml": Self.full])
    let (project, diagnostics) = Project.read(at: folder.path)
    #expect(diagnostics.isEmpty)
    #expect(project.name == "shop")
    #expect(project.targets.map(\.name) == ["dev", "prod"])
    #expect(try project.target(named: nil).connection == "devc")
    let prod = try project.target(named: "prod")
    #expect(prod.deployRole == "DEPLOYER" && prod.readRole == "\"reader role\"" && prod.prefix == nil)
    #expect(project.schemaVersions == ["engine": 1])
    #expect(project.providers == ["rbac": ["strict": true, "key": .secret("env:K")]])
    #expect(project.ignore.map(\.name) == ["TMP_*", nil])
    #expect(project.ignore[1].owner == "DBT" && project.ignore[1].schema == "ANALYTICS.*")
    #expect(project.maxDrops == .percent(10))
    #expect(project.exclusive.map(\.type) == ["roles", "box", "crate"])
    #expect(project.exclusive.map(\.scope) == [nil, "RAW.SALES", "RAW"])
    #expect(project.pluginFolders == [folder.path + "/plugins", "/abs"])
  }

  static let bad: [(String, [String])] = [
    ("projct: x", ["1:1 error: unknown key 'projct' | did you mean 'project'?"]),
    ("", ["1:1 error: the file is empty | write at least project: NAME, or remove it"]),
    ("- a", ["1:1 error: the project file must be a map, found list"]),
    (
      "project: {{x}}",
      [
        "1:11 error: a key must be text, found a map | an expression needs quotes around it: \"{{ … }}\"",
        "1:10 error: the project's name must be text, found map",
      ].reordered(1, 0)
    ),
    ("project: '{{ x }}'", ["1:10 error: the project's name cannot be an expression"]),
    ("targets: {dev: {conection: x}}", ["1:17 error: unknown key 'conection' | did you mean 'connection'?"]),
    (
      "targets: {dev: {prefix: 'a b'}}",
      ["1:25 error: 'a b' is no legal unquoted identifier; if that is the exact name, write it quoted: '\"a b\"'"]
    ),
    ("targets: {dev: }\ndefault_target: dve", ["2:17 error: there is no target 'dve' | did you mean 'dev'?"]),
    ("targets: {}", ["1:10 error: targets is empty"]),
    ("max_drops: many", ["1:12 error: max_drops takes a number like 5 or a share like \"10%\""]),
    ("max_drops: 101%", ["1:12 error: max_drops takes a number like 5 or a share like \"10%\""]),
    ("schemas: {engine: new}", ["1:19 error: a schema version is a whole number from 1, found text"]),
    ("ignore: [{nme: x}]", ["1:11 error: unknown key 'nme' | did you mean 'name'?"]),
    ("exclusive: [{in: x}]", ["1:13 error: an entry of exclusive needs a type"]),
    ("exclusive: [a b c]", ["1:13 error: write a type, or {type: TYPE, in: NAME}"]),
    ("providers: {rbac: 5}", ["1:19 error: the configuration of 'rbac' must be a map, found number"]),
    ("providers: {rbac: {a: '{{ x }}'}}", ["1:27 error: there is no 'x' | known are var"]),
  ]

  @Test(arguments: bad.indices) func eachMistakeIsNamedWithItsPlace(_ index: Int) {
    let folder = TemporaryFolder(["snowmaker.yaml": Self.bad[index].0])
    let shown = Project.read(at: folder.path).diagnostics.map {
      "\($0.position?.line ?? 0):\($0.position?.column ?? 0) \($0.severity.rawValue): \($0.summary)"
        + ($0.detail.isEmpty ? "" : " | \($0.detail)")
    }
    #expect(shown == Self.bad[index].1, "\(Self.bad[index].0)")
  }

  @Test func whatNamesTypesIsCheckedAgainstTheProviders() {
    let loaded = load([
      "snowmaker.yaml": "defaults: {engin: {}, engine: {sise: 1}}\nschemas: {rol: 1, role: 2}\nexclusive: [usres]\n",
      "a.yml": "roles: [x]",
    ])
    #expect(
      loaded.shown.map { String($0.dropFirst("snowmaker.yaml:".count)) } == [
        "1:12 error: defaults: there is no type 'engin' | did you mean 'engine'?",
        "1:32 error: defaults: 'engine' has no attribute 'sise' | did you mean 'size'?",
        "2:11 error: schemas: there is no type 'rol' | did you mean 'role'?",
        "2:19 error: schemas: 'role' has version 1, not 2 | a newer plugin may have it",
        "3:13 error: exclusive: there is no type 'usres' | did you mean 'users'?",
      ])
  }

  @Test func targetsAreChosenByNameOrDefault() {
    let files = ["snowmaker.yaml": "targets: {dev: , prod: }", "a.yml": "roles: [x]"]
    #expect(load(files).diagnostics.map(\.code) == ["no-target"])
    #expect(load(files, target: "prod").target.name == "prod")
    #expect(load(files, target: "prdo").diagnostics.map(\.detail) == ["did you mean 'prod'?"])
  }

  @Test func defaultsFillWhatIsAbsentNotWhatIsNull() {
    let loaded = load([
      "snowmaker.yaml": "defaults: {engine: {auto_suspend: 60, size: SMALL, comment: '{{ target.name }}'}}",
      "a.yml": "engines: [a, {name: b, auto_suspend: null, engine_size: LARGE}]",
    ])
    #expect(loaded.shown == [])
    #expect(
      loaded.declarations.map(\.value) == [
        ["name": "A", "engine_size": "SMALL", "auto_suspend": 60, "comment": "default"],
        ["name": "B", "engine_size": "LARGE", "auto_suspend": nil, "comment": "default"],
      ])
  }

  @Test func theProjectsNameComesFromOnePlace() {
    #expect(load(["a.yml": "name: n\nroles: [x]"]).project.name == "n")
    #expect(load(["a.yml": "name: n\nroles: [x]", "b.yml": "name: m"]).diagnostics.map(\.code) == ["conflicting-name"])
    #expect(
      load(["snowmaker.yaml": "project: p", "a.yml": "name: n\nroles: [x]"]).diagnostics.map(\.code) == [
        "conflicting-name"
      ])
  }

  @Test func filesOfAFolderAreMergedInOrder() {
    let loaded = load([
      "b.yml": "roles: [b]", "a/z.yaml": "roles: [az]", ".hidden.yml": "x: 1", ".git/a.yml": "x: 1", "readme.md": "x",
      "snowmaker.yaml": "project: p",
    ])
    #expect(loaded.shown == [])
    #expect(loaded.addresses == ["role.AZ", "role.B"])
  }

  // MARK: - Variables

  @Test func variablesComeFromTheStrongestSource() {
    let files = [
      "snowmaker.yaml": "targets: {t: {variables: {a: t, b: t, c: t}}}\nvars: {d: d}",
      "a.yml":
        "vars: [{name: a}, {name: b}, {name: c}, {name: e, default: e}]\nroles: ['{{ var.a ~ var.b ~ var.c ~ var.d ~ var.e }}']",
    ]
    let loaded = load(
      files, variables: [("a", "cli")],
      environment: ["SNOWMAKER_VAR_a": "env", "SNOWMAKER_VAR_B": "env", "SNOWMAKER_VAR_zz": "x"])
    #expect(loaded.shown == [])
    #expect(loaded.addresses == ["role.CLIENVTDE"])
  }

  @Test func textFromOutsideBecomesTheVariablesType() {
    let file = """
      vars:
        - {name: i, type: int}
        - {name: f, type: float}
        - {name: b, type: bool}
        - {name: l, type: list}
        - {name: m, type: map}
        - {name: s, type: string}
        - {name: d, default: 5}
      settings: {I: "{{ var.i }}", F: "{{ var.f }}", B: "{{ var.b }}", L: "{{ var.l }}", M: "{{ var.m }}", S: "{{ var.s }}", D: "{{ var.d }}"}
      """
    let loaded = load(
      ["a.yml": file],
      variables: [
        ("i", "1"), ("f", "2"), ("b", "true"), ("l", "[1, a]"), ("m", "{\"k\": \"v\"}"), ("s", "007"), ("d", "6"),
      ])
    #expect(loaded.shown == [])
    #expect(loaded.declarations.map { $0["value"] } == [1, .double(2), true, [1, "a"], ["k": "v"], "007", 6])
    let wrong = load(
      ["a.yml": file],
      variables: [
        ("i", "x"), ("f", "x"), ("b", "yes"), ("l", "a, b"), ("m", "["), ("s", ""), ("d", "six"), ("ii", "1"),
      ])
    #expect(
      wrong.diagnostics.filter { $0.code == "kind" }.map { $0.position?.file } == [
        "--var b", "--var d", "--var f", "--var i", "--var l", "--var m",
      ])
    #expect(wrong.diagnostics.filter { $0.code == "unknown-variable" }.map(\.detail) == ["did you mean 'i'?"])
    #expect(!wrong.shown.contains { $0.contains("there is no variable 'i'") })
  }

  @Test func defaultsMayUseOtherVariables() {
    let loaded = load("vars: {b: '{{ var.a }}2', a: x}\nroles: ['{{ var.b }}']")
    #expect(loaded.addresses == ["role.X2"])
  }

  // MARK: - Secrets

  @Test func secretsTravelAsReferences() {
    let loaded = load([
      "s/a.yml": """
      vars: [{name: pw, sensitive: true, default: hunter2}, {name: src, default: MAIN}]
      users:
        - {name: a, password: !secret env:PW}
        - {name: b, password: !secret file:keys/b.txt}
        - {name: c, password: "{{ var.pw }}"}
        - {name: d, password: plain-text, pin: 1234}
        - {name: e, password: !secret "env:{{ var.src }}_PW", comment: x}
      boxes: [{name: a.b.c, options: {format: csv, key: plain-text}}]
      """
    ])
    #expect(loaded.diagnostics.map(\.severity) == [.warning, .warning, .warning])
    #expect(loaded.diagnostics.map { $0.position?.line } == [6, 6, 8])
    let password = { (name: String) in loaded.declaration(Address("user", [name]))?.attribute("password")?.secretID }
    #expect(password("A") == "env:PW")
    #expect(password("B")?.hasSuffix("/s/keys/b.txt") ?? false)
    #expect(password("C") == "var:pw")
    #expect(password("D") == "literal:1")
    #expect(password("E") == "env:MAIN_PW")
    #expect(loaded["box", "A", "B", "C"]?.attribute("options")?["key"] == .secret("literal:1"))
    #expect(loaded.literalSecrets == ["var:pw": "hunter2", "literal:1": "plain-text", "literal:2": "1234"])
    for declaration in loaded.declarations {
      let shown = JSON.string(declaration.value)
      #expect(!shown.contains("plain-text") && !shown.contains("hunter2") && !shown.contains("1234"))
    }
  }

  @Test func sensitiveVariablesCannotLeak() {
    let loaded = load([
      "a.yml": """
      vars: [{name: pw, sensitive: true, default: hunter2}]
      users:
        - {name: a, comment: "{{ var.pw }}"}
        - {name: b, comment: "x {{ var.pw }}"}
        - {name: "{{ var.pw | upper }}"}
        - {name: "{{ var.pw }}"}
        - {name: c, password: "{{ {'k': var.pw} }}"}
      """
    ])
    #expect(loaded.diagnostics.map(\.position?.line) == [3, 4, 5, 6, 7], "\(loaded.shown)")
    #expect(!loaded.shown.contains { $0.contains("hunter2") })
  }

  // MARK: - Prefix

  @Test func theTargetsPrefixReachesEveryNameOfADeclaredObject() throws {
    let loaded = load([
      "snowmaker.yaml": "targets: {dev: {prefix: dev_}}",
      "a.yml": """
      databases: [{name: raw, owner: loader, schemas: [sales]}]
      roles: [loader, {name: '"Odd one"'}]
      engines: [{name: e, owner: sysadmin, role_list: [loader, public, '"Odd one"'], renamed_from: old, depends_on: [role.loader, schema.raw.sales]}]
      boxes: [{name: raw.sales.b}, {name: other.sales.b}]
      users: [{name: u, default_role: loader, roles: [loader]}]
      permits: [{priv: U, on_type: ENGINE, on: e}, {priv: U, on_type: SCHEMA, on: raw.sales}, {priv: U, on_type: THING, on: raw.sales.x}]
      settings: {TIMEZONE: raw}
      """,
    ])
    #expect(loaded.shown == [])
    #expect(
      loaded.addresses == [
        "database.DEV_RAW", "schema.DEV_RAW.SALES", "role.DEV_LOADER", "role.\"DEV_Odd one\"", "engine.DEV_E",
        "box.DEV_RAW.SALES.B", "box.OTHER.SALES.B", "user.DEV_U", "membership.DEV_LOADER.DEV_U",
        "permit.U.ENGINE.DEV_E",
        "permit.U.SCHEMA.DEV_RAW.SALES", "permit.U.THING.DEV_RAW.SALES.X", "setting.TIMEZONE",
      ])
    let engine = try #require(loaded["engine", "DEV_E"])
    #expect(engine.attribute("name") == "DEV_E")
    #expect(engine.attribute("owner") == "SYSADMIN")
    #expect(engine.attribute("role_list") == ["\"DEV_Odd one\"", "DEV_LOADER", "PUBLIC"])
    #expect(engine.renamedFrom == Address("engine", ["DEV_OLD"]))
    #expect(engine.dependsOn == [Address("role", ["DEV_LOADER"]), Address("schema", ["DEV_RAW", "SALES"])])
    #expect(loaded["database", "DEV_RAW"]?.attribute("owner") == "DEV_LOADER")
    #expect(loaded["schema", "DEV_RAW", "SALES"]?.attribute("database") == "DEV_RAW")
  }

  // MARK: - Older schema versions

  @Test func pinnedTypesAreUpgradedBeforeTheyAreChecked() {
    var engine = Fixtures.engine
    engine.version = 2
    let folder = TemporaryFolder([
      "snowmaker.yaml": "schemas: {engine: 1}", "a.yml": "engines: [{name: a, old_size: SMALL}, {name: b}]",
    ])
    let project = Project.read(at: folder.path).project
    let loaded = Loader.load(
      project, types: [engine], expand: Fixtures.expand,
      upgrade: { type, version, values in
        #expect(type == "engine" && version == 1)
        return values.map { value in
          .object(value.fields.map { .init($0.key == "old_size" ? "engine_size" : $0.key, $0.value) })
        }
      })
    #expect(loaded.shown == [])
    #expect(loaded["engine", "A"]?.attribute("engine_size") == "SMALL")
    let without = Loader.load(project, types: [engine], expand: Fixtures.expand)
    #expect(without.diagnostics.map(\.code).contains("schema-version"))
  }
}

extension Declaration {
  subscript(_ name: String) -> Value { attribute(name) ?? "absent" }
}
