import SnowmakerModel
import Testing

@testable import Configuration

@Suite struct LoaderTests {
  @Test func plainResourcesBecomeCanonical() throws {
    let loaded = load(
      """
      engines:
        - name: loading
          size: x-small
          auto_suspend: 60
          comment: ""
          version: 3.10
          quota: 1.50
          owner: sysadmin
          role_list: [b, a, A]
        - {name: '"my engine"', auto_resume: null}
      """)
    #expect(loaded.shown == [])
    #expect(loaded.addresses == ["engine.LOADING", "engine.\"my engine\""])
    let first = try #require(loaded["engine", "LOADING"])
    #expect(
      first.value == [
        "name": "LOADING", "engine_size": "XSMALL", "auto_suspend": 60, "comment": nil, "owner": "SYSADMIN",
        "version": "3.10", "quota": "1.50", "role_list": ["A", "B"],
      ])
    #expect(first.position.line == 2)
    #expect(first.position(of: ["auto_suspend"]).line == 4)
    #expect(first.position(of: ["role_list", "1"]).column == 20)
    #expect(loaded.declarations[1].attribute("auto_resume") == .null)
    #expect(loaded.declarations[1].attribute("comment") == nil)
  }

  @Test func namesWithDotsFillTheContainers() throws {
    let loaded = load(
      """
      boxes:
        - name: raw.sales.one
        - {name: sales.two, database: raw}
        - {name: three, schema: raw.sales}
        - {name: four, schema: sales, database: raw}
        - {name: '"a.b"', database: '"x y"', schema: s}
        - {name: RAW.five, schema: raw, database: db}
      """)
    #expect(loaded.shown == [])
    #expect(
      loaded.addresses == [
        "box.RAW.SALES.ONE", "box.RAW.SALES.TWO", "box.RAW.SALES.THREE", "box.RAW.SALES.FOUR", "box.\"x y\".S.\"a.b\"",
        "box.DB.RAW.FIVE",
      ])
    #expect(loaded["box", "RAW", "SALES", "ONE"]?.value == ["name": "ONE", "database": "RAW", "schema": "SALES"])
  }

  @Test func namesThatContradictAreErrors() {
    let loaded = load(
      """
      boxes:
        - {name: raw.sales.one, database: other}
        - {name: two, schema: a.b, database: c}
        - {name: three}
        - {name: a.b.c.d}
        - {name: my box, schema: a.b}
      """)
    #expect(
      loaded.shown == [
        "a.yml:2:6 error: 'name: raw.sales.one' contradicts 'database: other' | database would be both OTHER and RAW",
        "a.yml:3:17 error: 'schema: a.b' contradicts 'database: c' | database would be both C and A",
        "a.yml:4:5 error: a box needs 'database' | write database: or the whole name as DATABASE.SCHEMA.NAME",
        "a.yml:4:5 error: a box needs 'schema' | write schema: or the whole name as DATABASE.SCHEMA.NAME",
        "a.yml:5:6 error: name: 'a.b.c.d' has 4 part(s), expected 1 to 3",
        "a.yml:6:6 error: name: 'my box' is no legal unquoted identifier; if that is the exact name, write it quoted: '\"my box\"'",
      ])
  }

  @Test func nestedResourcesTakeTheirParentsName() throws {
    let loaded = load(
      """
      databases:
        - name: raw
          schemas:
            - name: sales
              comment: "of {{ parent.name }}"
              boxes: [one, {name: two}]
            - events
        - name: other
          schemas: {a: {comment: x}, b: }
      """)
    #expect(loaded.shown == [])
    #expect(
      loaded.addresses == [
        "database.RAW", "schema.RAW.SALES", "box.RAW.SALES.ONE", "box.RAW.SALES.TWO", "schema.RAW.EVENTS",
        "database.OTHER",
        "schema.OTHER.A", "schema.OTHER.B",
      ])
    #expect(loaded["schema", "RAW", "SALES"]?.attribute("comment") == "of RAW")
  }

  @Test func nestedResourcesMayNotNameAnotherParent() {
    let loaded = load(
      "databases:\n  - name: raw\n    schemas:\n      - {name: x.a}\n      - {name: b, database: y}\n      - {name: raw.c}\n"
    )
    #expect(loaded.diagnostics.map(\.code) == ["conflicting-name", "conflicting-name"])
    #expect(loaded.addresses == ["database.RAW", "schema.RAW.C"])
  }

  @Test func mistakesInNestedResourcesAreFoundUnderABrokenParent() {
    let loaded = load("databases:\n  - nam: raw\n    schemas:\n      - {name: a, commment: x}\n")
    #expect(
      loaded.shown
        == [
          "a.yml:2:5 error: a database needs 'name'",
          "a.yml:2:5 error: unknown key 'nam' under 'databases' | did you mean 'name'?",
          "a.yml:4:19 error: unknown key 'commment' under 'schemas' | did you mean 'comment'?",
        ].reordered(1, 0, 2))
  }

  @Test func forEachTakesVariablesListsMapsAndExpressions() {
    let loaded = load(
      """
      vars:
        - name: items
          type: list
          default: [{name: a, n: 1}, {name: b}]
      roles:
        - for_each: var.items
          name: "R_{{ each.value.name }}"
          comment: "{{ each.value.get('n', 7) }}"
        - for_each: "{{ var.items | selectattr('n', 'defined') | list }}"
          name: S_{{ each.value.name }}_{{ each.index }}
        - {for_each: [x, y], name: "{{ each.value }}"}
        - for_each: {p: 1, q: 2}
          name: "{{ each.key }}{{ each.value }}"
        - for_each: range(2)
          name: "T{{ each.value }}"
        - for_each: var.items
          where: each.value.n is defined
          name: "W_{{ each.value.name }}"
      """)
    #expect(loaded.shown == [])
    #expect(
      loaded.declarations.map { $0.address.identity[0] } == [
        "R_A", "R_B", "S_A_0", "X", "Y", "P1", "Q2", "T0", "T1", "W_A",
      ])
    #expect(loaded["role", "R_B"]?.attribute("comment") == "7")
    #expect(loaded["role", "P1"]?.origin == "for_each[p]")
  }

  @Test func wholeExpressionsKeepTheirType() {
    let loaded = load(
      """
      vars: {e: [{name: a, auto: 60}]}
      engines:
        - for_each: var.e
          name: "{{ each.value.name }}"
          auto_suspend: "{{ each.value.get('auto', 300) }}"
          auto_resume: "{{ 1 == 1 }}"
          role_list: "{{ ['x', each.value.name] }}"
          comment: "{{ none }}"
      """)
    #expect(loaded.shown == [])
    #expect(
      loaded.declarations.first?.value == [
        "name": "A", "auto_suspend": 60, "auto_resume": true, "comment": nil, "role_list": ["A", "X"],
      ])
  }

  @Test func expandedResourcesComeBackThroughTheSameChecks() {
    let loaded = load(
      """
      roles: [reader, writer]
      users:
        - {name: ann, roles: [reader, writer]}
      memberships:
        - {roles: [reader, "bad role"], to_role: sysadmin}
        - {role: reader}
        - {role: reader, to: ann}
      """)
    #expect(
      loaded.shown == [
        "a.yml:5:22 error: role: 'bad role' is no legal unquoted identifier; if that is the exact name, write it quoted: '\"bad role\"'",
        "a.yml:6:6 error: a membership needs 'to'",
      ])
    #expect(
      loaded.addresses == [
        "role.READER", "role.WRITER", "user.ANN", "membership.READER.ANN", "membership.WRITER.ANN",
        "membership.READER.SYSADMIN",
      ])
    #expect(loaded["membership", "WRITER", "ANN"]?.position.description.hasSuffix("3:33") ?? false)
  }

  @Test func compositesExpandInTurnButNotForEver() {
    let loaded = load("bundles:\n  - {name: a, count: 2}\n")
    #expect(loaded.addresses.sorted() == ["role.A_0", "role.A_1", "role.A_2"])
    #expect(load("bundles: [{name: a, count: 20}]").shown.count == 1)
  }

  @Test func movedNamesChildrenAtAnyDepth() {
    let loaded = load("bundles: [{name: a, count: 2, moved: [{from: old, to: a_1}, {from: role.older, to: role.a_0}]}]")
    #expect(loaded.shown == [])
    #expect(loaded["role", "A_1"]?.renamedFrom == Address("role", ["OLD"]))
    #expect(loaded["role", "A_0"]?.renamedFrom == Address("role", ["OLDER"]))
    #expect(loaded["role", "A_2"]?.renamedFrom == nil)
    #expect(loaded["role", "A_1"]?.renamesOnlyManaged == false)
    #expect(loaded["role", "A_2"]?.composites == [Address("bundle", ["a"])])
    #expect(loaded["role", "A_1"]?.composites.count == 2)
    #expect(loaded.composites.keys.map(\.description) == ["bundle.a"])
    #expect(load("roles: [r]")["role", "R"]?.composites == [])
  }

  @Test func aPluginsRenameIsForWhatIsManagedAndGivesWayToMoved() {
    func load(_ moved: String, _ former: Value) -> LoadedConfiguration {
      let folder = TemporaryFolder(["a.yml": "bundles: [{name: x, moved: [\(moved)]}]"])
      return Loader.load(Project.read(at: folder.path).project, types: Fixtures.types) {
        $0.map { _ in
          .init(resources: [.init(type: "role", attributes: ["name": "now", "renamed_from": former], path: ["name"])])
        }
      }
    }
    let plain = load("", "before")
    #expect(plain.shown == [])
    #expect(plain["role", "NOW"]?.renamedFrom == Address("role", ["BEFORE"]))
    #expect(plain["role", "NOW"]?.renamesOnlyManaged == true)
    let moved = load("{from: other, to: now}", "before")
    #expect(moved["role", "NOW"]?.renamedFrom == Address("role", ["OTHER"]))
    #expect(moved["role", "NOW"]?.renamesOnlyManaged == false)
    #expect(load("", nil)["role", "NOW"]?.renamedFrom == nil)
    #expect(load("", ["x"]).diagnostics.map(\.code) == ["provider"])
    #expect(load("", "b c").diagnostics.map(\.code) == ["name"])
  }

  @Test func pairsAndListsMeanTheSame() {
    let loaded = load(
      ["a.yml": "settings: {TIMEZONE: UTC, X: true}", "b.yml": "settings:\n  - {name: Y, value: 3}\n"])
    #expect(loaded.shown == [])
    #expect(
      loaded.declarations.map(\.value) == [
        ["name": "TIMEZONE", "value": "UTC"], ["name": "X", "value": true], ["name": "Y", "value": 3],
      ])
  }

  @Test func mapsByNameAreLists() {
    let loaded = load("engines:\n  one: {size: small}\n  two:\n  '\"Three\"': {auto_suspend: 1}\n")
    #expect(loaded.shown == [])
    #expect(loaded.addresses == ["engine.ONE", "engine.TWO", "engine.\"Three\""])
  }

  @Test func duplicatesNameBothPlaces() {
    let loaded = load(
      [
        "a.yml": "roles: [one, {name: '\"ONE\"'}, {name: two}]\nboxes: [{name: d.s.b}]\n",
        "b.yml":
          "roles:\n  - name: Two\ncrates: [{name: D.S.B}]\nengines: [{for_each: [a, A], name: '{{ each.value }}'}]\n",
      ])
    #expect(
      loaded.diagnostics.map(\.summary) == [
        "role.ONE is declared twice", "role.TWO is declared twice", "crate.D.S.B is declared twice (as box.D.S.B)",
        "engine.A is declared twice",
      ])
    #expect(loaded.diagnostics[1].detail.hasSuffix("a.yml:1:31"))
    #expect(loaded.diagnostics[3].detail == "for_each[0] and for_each[1] make the same resource")
  }

  @Test func namesThatDifferOnlyByQuotesAreWarnedOf() {
    let loaded = load("roles: [one, {name: '\"one\"'}]")
    #expect(loaded.diagnostics.map(\.code) == ["lookalike"])
    #expect(!loaded.hasErrors)
    #expect(loaded.declarations.count == 2)
  }

  @Test func equalDuplicatesMergeWhereTheTypeSaysSo() {
    let loaded = load(
      "permits:\n  - {priv: U, on_type: ENGINE, on: e}\n  - {priv: U, on_type: ENGINE, on: E}\n  - {priv: U, on_type: ENGINE, on: E, option: true}\n"
    )
    #expect(loaded.declarations.count == 1)
    #expect(loaded.diagnostics.map(\.position?.line) == [4])
    #expect(loaded.diagnostics.first?.detail.hasSuffix("with other attributes") ?? false)
  }

  @Test func lifecycleAndOrderAreRead() throws {
    let loaded = load(
      """
      engines:
        - name: e
          lifecycle: {prevent_destroy: true, ignore_changes: [size, comment], on_release: keep}
          depends_on: [role.r, schema.d.s]
          renamed_from: old_e
      roles: [{name: r, depends_on: engine.f}]
      schemas: [{name: d.s, renamed_from: t, lifecycle: {ignore_changes: all}}]
      """)
    #expect(loaded.shown == ["a.yml:6:19 error: depends_on: engine.F is not declared | did you mean 'engine.E'?"])
    let engine = try #require(loaded["engine", "E"])
    #expect(engine.lifecycle.preventDestroy)
    #expect(engine.lifecycle.ignoreChanges == ["engine_size", "comment"])
    #expect(engine.lifecycle.onRelease == .keep)
    #expect(engine.dependsOn == [Address("role", ["R"]), Address("schema", ["D", "S"])])
    #expect(engine.renamedFrom == Address("engine", ["OLD_E"]))
    #expect(loaded["schema", "D", "S"]?.renamedFrom == Address("schema", ["D", "T"]))
    #expect(loaded["schema", "D", "S"]?.lifecycle.ignoresAllChanges ?? false)
  }

  @Test func positionsInsideTemplatesAreExact() {
    let loaded = load(
      """
      vars: {x: {name: n}}
      roles:
        - name: a
          comment: "see {{ var.x.name }} and {{ var.x.nam }}"
        - name: b
          comment: |
            first {{ var.x.name }}
              second {{ var.y }}
        - {for_each: var.xs, name: c}
      """)
    #expect(loaded.diagnostics.map { $0.position.map { "\($0.line):\($0.column)" } } == ["4:49", "8:23", "9:20"])
  }

  @Test func namesOfAllKindsWork() {
    let long = String(repeating: "a", count: 255)
    let loaded = load(
      "roles:\n  - '\"with \"\"quotes\"\" inside\"'\n  - '\"dots.in.it\"'\n  - '\"ünï çødé 😀\"'\n  - \(long)\n  - '\"select\"'\n  - 123abc\n  - \(long)a\n  - ''\n  - '\"open'\n  - ä\n"
    )
    #expect(
      loaded.declarations.map { $0.address.identity[0] } == [
        "\"with \"\"quotes\"\" inside\"", "\"dots.in.it\"", "\"ünï çødé 😀\"", long.uppercased(), "\"select\"",
      ])
    #expect(loaded.diagnostics.map(\.position?.line) == [7, 8, 9, 10, 11])
    #expect(loaded.diagnostics[0].summary.contains("'\"123abc\"'"))
    #expect(loaded.diagnostics[1].summary.contains("255 characters"))
  }
}

extension [String] {
  func reordered(_ order: Int...) -> [String] { order.map { self[$0] } }
}

extension String {
  func replacing(_ old: String, _ new: String) -> String { Text.replace(old, with: new, in: self) }
}
