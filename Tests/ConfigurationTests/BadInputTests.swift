import Glibc
import SnowmakerModel
import Testing

@testable import Configuration

/// One wrong file each, with all that is to be said about it.
@Suite struct BadInputTests {
  static let corpus: [(String, [String])] = [
    ("", ["1:1 error: the file is empty | write resources into it or remove it"]),
    ("# nothing\n", ["1:1 error: the file is empty | write resources into it or remove it"]),
    ("- a", ["1:1 error: a file must be a map of resource lists, found list | begin with a key such as 'boxes:'"]),
    (
      "just text", ["1:1 error: a file must be a map of resource lists, found text | begin with a key such as 'boxes:'"]
    ),
    ("role: []", ["1:1 error: 'role' is no resource type that a loaded provider knows | did you mean 'roles'?"]),
    ("rolse: []", ["1:1 error: 'rolse' is no resource type that a loaded provider knows | did you mean 'roles'?"]),
    (
      "run_mode: sync",
      ["1:1 error: 'run_mode' is not supported here | drops are limited by max_drops: and exclusive: in snowmaker.yaml"]
    ),
    ("dry_run: true", ["1:1 error: 'dry_run' is not supported here | use 'snowmaker plan'"]),
    ("roles: 5", ["1:8 error: 'roles' must be a list, found number"]),
    ("roles: {name: x}", ["1:8 error: 'roles' must be a list, found a single map | put '- ' before its first key"]),
    ("roles: [[x]]", ["1:9 error: expected a map or a name, found list"]),
    ("roles: [null]", ["1:9 error: expected a map or a name, found null"]),
    ("roles: [{}]", ["1:9 error: a role needs 'name'"]),
    ("roles: [{name: null}]", ["1:10 error: 'name' must not be null"]),
    ("roles: [{name: [a]}]", ["1:10 error: name: expected text, found list"]),
    ("roles: [{name: a, coment: b}]", ["1:19 error: unknown key 'coment' under 'roles' | did you mean 'comment'?"]),
    ("roles: [{name: a, requires: []}]", ["1:19 error: 'requires' is not supported | write depends_on: [TYPE.NAME]"]),
    (
      "roles: ['CREATE ROLE x']", ["1:9 error: SQL text as a resource is not supported | write its attributes as a map"]
    ),
    ("roles: [{name: a, where: b}]", ["1:19 error: 'where' stands beside for_each only"]),
    ("permits: [text]", ["1:11 error: expected a map, found text"]),
    (
      "engines: [{name: a, size: XSMAL}]",
      ["1:21 error: size: 'XSMAL' is not one of XSMALL, SMALL, MEDIUM, LARGE | did you mean 'XSMALL'?"]
    ),
    ("engines: [{name: a, auto_suspend: -1}]", ["1:21 error: auto_suspend: must be at least 0, found -1"]),
    ("engines: [{name: a, auto_suspend: soon}]", ["1:21 error: auto_suspend: expected a whole number, found 'soon'"]),
    (
      "engines: [{name: a, auto_resume: yes}]",
      ["1:21 error: auto_resume: expected true or false, found 'yes' | YAML 1.2 takes 'yes' as text: write true"]
    ),
    (
      "engines: [{name: a, size: SMALL, engine_size: SMALL}]",
      ["1:34 error: 'engine_size' is given twice, under different keys"]
    ),
    ("engines: [{name: a, comment: {x: 1}}]", ["1:21 error: comment: expected text, found map"]),
    ("engines: [{name: a, quota: 1e300}]", []),
    (
      "engines: [{name: a, auto_suspend: 1e300}]", ["1:21 error: auto_suspend: expected a whole number, found '1e+300'"]
    ),
    ("engines: [{name: a, '{{ var.x }}': 1}]", ["1:21 error: a key of a resource cannot be an expression"]),
    (
      "boxes: [{name: a.b.c, options: {format: CVS}}]",
      ["1:33 error: options: 'CVS' is not one of CSV, JSON | did you mean 'CSV'?"]
    ),
    (
      "boxes: [{name: a.b.c, options: {formt: CSV}}]",
      ["1:33 error: options: unknown key 'formt' | did you mean 'format'?"]
    ),
    ("boxes: [{name: a.b.c, lists: [a, [b]]}]", ["1:34 error: lists: expected text, found list"]),
    ("roles: [{for_each: 5, name: a}]", ["1:20 error: for_each takes a list or a map, found number"]),
    (
      "roles: [{for_each: null, name: a}]",
      ["1:20 error: for_each takes a list or a map, found null | use | default([], true)"]
    ),
    ("roles: [{for_each: var.x, name: a}]", ["1:24 error: there is no variable 'x' | declare it under vars:"]),
    ("roles: [{for_each: 'a b', name: a}]", ["1:23 error: unexpected 'b'"]),
    ("roles: [{name: '{{ each.value }}'}]", ["1:20 error: 'each' exists only in a resource with for_each"]),
    (
      "roles: [{name: '{% if x %}a{% endif %}'}]",
      ["1:17 error: the statement '{% if … %}' is not supported | write {{ a if condition else b }}"]
    ),
    (
      "roles: [{name: a, lifecycle: {prevent_destory: true}}]",
      ["1:31 error: unknown key 'prevent_destory' in lifecycle | did you mean 'prevent_destroy'?"]
    ),
    (
      "roles: [{name: a, lifecycle: {prevent_destroy: 1}}]",
      ["1:48 error: prevent_destroy must be true or false, found 1"]
    ),
    ("roles: [{name: a, lifecycle: x}]", ["1:30 error: lifecycle must be a map, found text"]),
    (
      "roles: [{name: a, lifecycle: {on_release: kep}}]",
      ["1:43 error: on_release: unknown value 'kep' | did you mean 'keep'?"]
    ),
    (
      "roles: [{name: a, lifecycle: {ignore_changes: [coment]}}]",
      ["1:48 error: ignore_changes: there is no attribute 'coment' | did you mean 'comment'?"]
    ),
    ("roles: [{name: a, renamed_from: a}]", ["1:33 error: renamed_from is the name it has"]),
    (
      "roles: [{name: a, renamed_from: 'b c'}]",
      [
        "1:33 error: renamed_from: 'b c' is no legal unquoted identifier; if that is the exact name, write it quoted: '\"b c\"'"
      ]
    ),
    (
      "roles: [{name: a, depends_on: rol.b}]", ["1:31 error: depends_on: there is no type 'rol' | did you mean 'role'?"]
    ),
    (
      "roles: [{name: a, depends_on: roles.b}]",
      ["1:31 error: depends_on: there is no type 'roles' | did you mean 'role'?"]
    ),
    ("roles: [{name: a, depends_on: role}]", ["1:31 error: depends_on takes TYPE.NAME, found 'role'"]),
    ("roles: [{name: a, depends_on: schema.b}]", ["1:31 error: depends_on: 'b' has 1 part(s), expected 2"]),
    ("roles: [{name: a, moved: [x]}]", ["1:27 error: moved takes a list of {from: NAME, to: NAME}"]),
    (
      "memberships: [{for_each: [a], moved: [{from: a}], role: a, to: b}]",
      ["1:39 error: moved takes a list of {from: NAME, to: NAME}"]
    ),
    (
      "roles: [{name: a, moved: [{from: b, to: a}]}]",
      ["1:27 error: moved is for what stands for other resources | write renamed_from: b"]
    ),
    (
      "bundles: [{name: a, renamed_from: b}]",
      [
        "1:35 error: a bundle stands for other resources, which have names of their own | write moved: [{from: OLD, to: NEW}] for those that are renamed"
      ]
    ),
    (
      "bundles: [{name: a, moved: [{from: b, to: a_9}]}]",
      ["1:29 error: moved: the bundle stands for nothing called 'a_9' | did you mean 'A_0'?"]
    ),
    ("bundles: [{name: a, moved: [{from: a_0, to: a_0}]}]", ["1:29 error: moved is the name it has"]),
    (
      "bundles: [{name: a, moved: [{from: b, to: a_0}, {from: c, to: a_0}]}]",
      ["1:49 error: moved: role.A_0 is renamed twice"]
    ),
    (
      "bundles: [{name: a, count: 1, moved: [{from: b, to: a_0}, {from: b, to: a_1}]}]",
      ["1:59 error: moved: role.B cannot become two resources"]
    ),
    (
      "permits: [{priv: a, on_type: B, on: c, renamed_from: d}]", ["1:54 error: a permit has no name that could change"]
    ),
    (
      "users: [{name: a, comment: !secret env:X}]",
      [
        "1:19 error: 'comment' is not kept secret, so it takes no secret | it is printed in plans and stored in the account as plain text"
      ]
    ),
    (
      "users: [{name: a, comment: {$secret: env:X}}]",
      ["1:29 error: the key '$secret' is reserved | write !secret env:NAME"]
    ),
    (
      "users: [{name: a, password: !secret X}]",
      ["1:29 error: '!secret' takes env:NAME or file:PATH | the secret itself does not belong here"]
    ),
    (
      "users: [{name: a, password: !secret 'evn:X'}]",
      ["1:29 error: 'evn:' is no place for secrets | did you mean 'env'?"]
    ),
    (
      "users: [{name: a, password: [p4ss]}]",
      [
        "1:19 error: password: the value does not fit",
        "1:30 warning: 'password' holds a secret in plain text | write !secret env:NAME or !secret file:PATH instead",
      ]
    ),
    (
      "boxes: [{name: a.b.c, tags: {x: !secret env:X}}]",
      [
        "1:23 error: 'tags' is not kept secret, so it takes no secret | it is printed in plans and stored in the account as plain text"
      ]
    ),
    (
      "boxes: [{name: a.b.c, options: {skip: !secret env:X}}]",
      [
        "1:33 error: 'options' is not kept secret, so it takes no secret | it is printed in plans and stored in the account as plain text"
      ]
    ),
    ("vars: 5", ["1:7 error: vars must be a list or a map, found number"]),
    ("vars: [{type: int}]", ["1:8 error: the variable has no name | add name:"]),
    (
      "vars: [{name: a}]",
      [
        "1:15 error: the variable 'a' has no value | give it with --var a=…, SNOWMAKER_VAR_a, the target's variables: or default:"
      ]
    ),
    ("vars: [{name: a, typ: int, default: 1}]", ["1:18 error: unknown key 'typ' of a variable | did you mean 'type'?"]),
    (
      "vars: [{name: a, type: intt, default: 1}]", ["1:24 error: unknown type of variable 'intt' | did you mean 'int'?"]
    ),
    ("vars: [{name: a, type: int, default: x}]", ["1:38 error: the variable 'a' is a int, found 'x'"]),
    (
      "vars: [{name: a, default: 1}, {name: a, default: 1}]",
      ["1:38 error: the variable 'a' is declared twice | first at a.yml:1:15"]
    ),
    ("vars: [{name: a b, default: 1}]", ["1:15 error: 'a b' is no name for a variable | use letters, digits and _"]),
    ("vars: {a: '{{ var.b }}', b: '{{ var.a }}'}", ["1:29 error: the default of 'b' depends on itself"]),
    ("vars: {a: '{{ var.a }}'}", ["1:11 error: the default of 'a' depends on itself"]),
    (
      "roles: [{name: {{ var.x }}}]",
      [
        "1:10 error: name: expected text, found map",
        "1:17 error: a key must be text, found a map | an expression needs quotes around it: \"{{ … }}\"",
      ]
    ),
    ("name: 5", ["1:7 error: the project's name must be text"]),
    ("targets: {}", ["1:1 error: 'targets' is not supported here | it belongs into snowmaker.yaml"]),
    ("'{{ x }}': []", ["1:1 error: a key at the top cannot be an expression"]),
  ]

  @Test(arguments: corpus.indices) func eachMistakeIsNamedWithItsPlace(_ index: Int) {
    let (text, expected) = Self.corpus[index]
    let shown = load(text).shown.map { line in
      var line = line
      if line.hasPrefix("a.yml:") { line.removeFirst(6) }
      return line.replacing("/tmp/", "\u{0}").split(separator: "\u{0}").map { part in
        part.hasPrefix("snowmaker-configuration-") ? String(part.drop { $0 != "/" }.dropFirst()) : String(part)
      }.joined()
    }
    #expect(shown == expected, "\(text)")
  }

  @Test func allMistakesAreReportedInOneRun() {
    let loaded = load(
      [
        "a.yml": "roles: [{nme: a}, {name: b, x: 1}]\nfoo: 1\n", "b.yml": "a:\n\tb",
        "sub/c.yaml": "engines: [{name: 1a}]\nvars: [{name: v}]\n",
      ])
    #expect(
      loaded.diagnostics.map { $0.position?.file } == [
        "a.yml", "a.yml", "a.yml", "a.yml", "b.yml", "sub/c.yaml", "sub/c.yaml",
      ])
    #expect(loaded.hasErrors)
  }

  @Test func anErrorInAForEachIsReportedOnce() {
    let loaded = load("roles: [{for_each: range(1000), name: '{{ each.value.x }}'}]")
    #expect(loaded.diagnostics.count == 1)
  }

  @Test func foldersWithoutFilesAndMissingPathsAreErrors() {
    #expect(load([String: String]()).diagnostics.map(\.code) == ["no-files"])
    let (project, diagnostics) = Project.read(at: "/nowhere/at/all")
    #expect(diagnostics.map(\.code) == ["unreadable-file"])
    let loaded = Loader.load(project, types: Fixtures.types, expand: Fixtures.expand)
    #expect(loaded.hasErrors)
    let device = Project.read(at: "/dev/null").diagnostics
    #expect(device.map(\.code) == ["unreadable-file"])
  }

  @Test func brokenBytesInAFileAreAnError() {
    let folder = TemporaryFolder()
    folder.write("a.yml", Array("roles: [".utf8) + [0xfe] + Array("]".utf8))
    let loaded = Loader.load(Project.read(at: folder.path).project, types: Fixtures.types, expand: Fixtures.expand)
    #expect(loaded.diagnostics.map(\.code) == ["encoding"])
  }

  @Test func aPipeIsNoConfigurationFile() {
    let folder = TemporaryFolder(["b.yml": "roles: [r]"])
    #expect(mkfifo(folder.path + "/a.yml", 0o600) == 0 && mkfifo(folder.path + "/other", 0o600) == 0)
    let loaded = Loader.load(Project.read(at: folder.path).project, types: Fixtures.types, expand: Fixtures.expand)
    #expect(loaded.diagnostics.map(\.summary) == ["'\(folder.path)/a.yml' is neither a file nor a folder"])
  }

  @Test func providersThatAnswerNonsenseAreErrors() {
    struct Crash: Error {}
    let folder = TemporaryFolder(["a.yml": "memberships: [{role: a, to: b}]"])
    let project = Project.read(at: folder.path).project
    func codes(_ expand: ([WrittenResource]) throws -> [Expansion]) -> [String] {
      Loader.load(project, types: Fixtures.types, expand: expand).diagnostics.map(\.code)
    }
    #expect(codes { _ in [] } == ["provider"])
    #expect(codes { _ in throw Crash() } == ["provider"])
    #expect(codes { _ in [.init(resources: [.init(type: "nope", attributes: [:])])] } == ["provider"])
    #expect(codes { _ in [.init(resources: [.init(type: "membership", attributes: ["x": 1])])] }.first == "unknown-key")
    #expect(
      codes { _ in [.init(resources: [.init(type: "role", attributes: "text", path: ["9", "zz"])])] } == ["required"])
    #expect(
      codes { $0.map { _ in .init(resources: [.init(type: "bundle", attributes: ["name": "x"])]) } } == ["provider"])
  }

  @Test func damagedConfigurationsNeverCrash() {
    let text = """
      vars: [{name: x, type: list, default: [{name: a.b, n: 1}]}]
      databases: [{for_each: var.x, name: "{{ each.value.name.split('.')[0] }}", schemas: [{name: s, boxes: [b]}]}]
      users: [{name: u, password: !secret env:P, roles: [r], lifecycle: {ignore_changes: all}}]
      settings: {A: 1}
      """
    let bytes = Array(text.utf8)
    let folder = TemporaryFolder()
    func load(_ bytes: [UInt8]) {
      folder.write("a.yml", bytes)
      _ = Loader.load(Project.read(at: folder.path).project, types: Fixtures.types, expand: Fixtures.expand)
    }
    for count in stride(from: 0, to: bytes.count, by: 3) { load(Array(bytes[..<count])) }
    for index in bytes.indices {
      var changed = bytes
      changed[index] = Array("{}[]:'-%$.\"|".utf8)[index % 12]
      load(changed)
    }
  }
}
