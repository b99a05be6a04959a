import Glibc
import Testing

/// Bad input: a clear error that names the place, a non-zero exit, no crash and no hang.
struct BadInputTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var yaml: String
    var says: [String]
    init(_ yaml: String, _ says: String...) {
      self.yaml = yaml
      self.says = says
    }
    var testDescription: String { says[0] }
  }

  static let cases = [
    Case("warehoses:\n  - name: x\n", "at a.yml:1:1", "did you mean 'warehouses'?"),
    Case("warehouses:\n  - nme: x\n", "unknown key 'nme' under 'warehouses'\n  at a.yml:2:5\n  did you mean 'name'?"),
    Case("warehouses:\n  - {name: x, auto_suspend: soon}\n", "auto_suspend: expected a whole number, found 'soon'"),
    Case("warehouses:\n  - {name: x, warehouse_size: GIGANTIC}\n", "'GIGANTIC' is not one of XSMALL"),
    Case(
      "warehouses:\n  - {name: x}\n  - {name: X}\n",
      "warehouse.X is declared twice\n  at a.yml:3:5\n  first at a.yml:2:5"),
    Case("warehouses:\n  - {name: x}\n  - {name: '\"X\"'}\n", "warehouse.X is declared twice"),
    Case("warehouses:\n  - name: my wh\n", "'my wh' is no legal unquoted identifier", "'\"my wh\"'", "at a.yml:2:5"),
    Case("warehouses:\n  - name: a.b\n", "write it quoted: '\"a.b\"'"),
    Case("warehouses:\n  - name: wörter\n", "'wörter' is no legal unquoted identifier"),
    Case("warehouses:\n  - name: \(String(repeating: "b", count: 256))\n", "at most 255 characters, this one has 256"),
    Case("", "the file is empty\n  at a.yml:1:1"),
    Case("warehouses:\n\t- name: x\n", "a tab is used for indentation\n  at a.yml:2:1"),
    Case("warehouses: [", "not YAML", "at a.yml:"),
    Case("warehouses: " + String(repeating: "[", count: 3000), "nested more than 64 levels deep"),
    Case(bomb, "aliases stand for more than 1000000 values"),
    Case("warehouses:\n  - {name: '{{ var.nope }}'}\n", "nope", "at a.yml:2:"),
    Case("warehouses:\n  - {name: x, depends_on: [warehouse.y]}\n", "at a.yml:2:"),
    Case(
      "warehouses:\n  - {name: x, depends_on: ['warehouse y']}\n  - {name: y, depends_on: ['warehouse x']}\n",
      "error: ",
      "at a.yml:"),
  ]

  static let bomb =
    "a: &a [x,x,x,x,x,x,x,x,x]\n"
    + zip("bcdefg", "abcdef").map { "\($0): &\($0) [\(Array(repeating: "*\($1)", count: 9).joined(separator: ","))]\n" }
    .joined() + "warehouses: *g\n"

  @Test(arguments: cases) func isRefusedWithItsPlace(_ bad: Case) async throws {
    let place = try Workplace(["a.yml": bad.yaml])
    let ending = try await place.run("validate", seconds: 30)
    #expect(ending.status == 1, Comment(rawValue: ending.all))
    for text in bad.says { #expect(ending.err.contains(text), Comment(rawValue: ending.all)) }
    let json = try await place.run("validate", "--format", "json", seconds: 30)
    #expect(json.status == 1 && json.out.contains("\"valid\": false"), Comment(rawValue: json.all))
  }

  @Test func oddButLegalNamesSurviveTheWholeWay() async throws {
    let place = try Workplace([
      "a.yml": """
      databases:
        - name: '"a.b ""c"" wörter"'
          schemas: [{name: '"my schema"'}, {name: \(String(repeating: "s", count: 255))}]
      """
    ])
    try await place.apply()
    #expect(try await place.plannedSQL() == [])
    try place.write("a.yml", "roles: [{name: r}]")
    try await place.apply("--allow-drop")
    #expect(try await place.plannedSQL() == [])
  }

  @Test func danglingReferencesAndMissingFilesAreErrors() async throws {
    let place = try Workplace(["a.yml": "role_grants: [{role: nobody, to_role: sysadmin}]"])
    let plan = try await place.on("plan")
    #expect(plan.status == 1 && plan.out.contains("NOBODY"), Comment(rawValue: plan.all))
    let missing = try await place.run("validate", "nope.yml")
    #expect(missing.status == 1 && missing.err.contains("nope.yml"), Comment(rawValue: missing.all))
    try place.write("a.yml", nil)
    let empty = try await place.run("plan")
    #expect(empty.status == 1 && empty.err.contains("there is no YAML file in '.'"), Comment(rawValue: empty.all))
  }

  @Test func aCircleOfRolesIsAnErrorThatNamesIt() async throws {
    let place = try Workplace([
      "a.yml": "roles: [{name: a}, {name: b}]\nrole_grants: [{role: a, to_role: b}, {role: b, to_role: a}]\n"
    ])
    let plan = try await place.on("apply", "--yes")
    #expect(plan.status == 1 && !plan.out.contains("Applied"), Comment(rawValue: plan.all))
    #expect(plan.out.contains("would close a circle of roles: B → A → B\n  at a.yml:2:"), Comment(rawValue: plan.all))
    #expect(
      plan.err.contains("error: the plan has 1 error and cannot be applied"), "said on standard error too: \(plan.all)")
  }

  @Test func aGroupOfCommandsHasHelp() async throws {
    let place = try Workplace()
    for words in [["plugin", "--help"], ["help", "plugin"], ["-q", "plugin", "-h"]] {
      let ending = try await place.start(words).wait(seconds: 30)
      #expect(ending.status == 0 && ending.err.isEmpty, Comment(rawValue: ending.all))
      #expect(ending.out.contains("plugin list    List the plugins"), Comment(rawValue: ending.all))
    }
    let before = try await place.run("--quiet", "--no-color", "plugin", "list")
    #expect(before.status == 0 && before.out.contains("warehouses"), Comment(rawValue: before.all))
  }

  @Test func whatIsMissingIsSaidOnceAndKnownWordsAreListedOnce() async throws {
    let place = try Workplace(["a.yml": "tables: []\nviews: []\ntasks: []\n"])
    let missing = try await place.run("validate", "nope")
    #expect(missing.err.count(of: "error:") == 1, Comment(rawValue: missing.all))
    let unknown = try await place.run("validate")
    #expect(
      unknown.err.count(of: "no resource type that a loaded provider knows") == 3
        && unknown.err.count(of: "known are") == 1,
      Comment(rawValue: unknown.all))
  }

  @Test func controlCharactersNeverReachATerminal() async throws {
    let place = try Workplace(["a.yml": "roles: [{name: r, comment: \"x\\e[31m\"}]\nusers: [\"\\e[2Ju\"]\n"])
    let refused = try await place.on("plan")
    #expect(refused.status == 1 && refused.err.contains("\\u{1b}[2Ju"), Comment(rawValue: refused.all))
    try place.edit("a.yml", "users: [\"\\e[2Ju\"]\n", "")
    let plan = try await place.on("plan")
    #expect(plan.out.contains("COMMENT = 'x\\u001b[31m'"), Comment(rawValue: plan.all))
    #expect(!refused.all.contains("\u{1b}") && !plan.all.contains("\u{1b}"))
    try await place.apply()
    #expect(try await place.plannedSQL() == [])
  }

  @Test(arguments: [
    (["aply"], "did you mean 'apply'?"), (["apply", "--frob"], "unknown option '--frob'"),
    (["plan", "a", "b"], "unexpected argument 'b'"), (["plugin"], "plugin list    List the plugins"),
    (["plugin", "lst"], "did you mean 'list'?"), (["help", "aply"], "did you mean 'apply'?"),
    (["plan", "--lanes", "0"], "--lanes takes a whole number from 1 to 64"),
    (["emulator", "--show-limit", "all"], "--show-limit takes one of cut, fail"),
    (["plan", "--targt", "x"], "did you mean '--target'?"), (["plan", "--max-drops", "many"], "--max-drops takes"),
  ]) func aCommandLineThatIsNotUnderstoodExitsWith64(_ words: [String], _ says: String) async throws {
    let place = try Workplace(["a.yml": "warehouses: [{name: x}]"])
    let ending = try await place.start(words).wait(seconds: 30)
    #expect(ending.status == 64 && ending.err.contains(says), Comment(rawValue: ending.all))
  }

  @Test func filesThatCannotBeReadAreNamedAndNothingHangs() async throws {
    let place = try Workplace(["a.yml": "warehouses: [{name: w}]"])
    symlink("gone.yml", place.folder + "/dangling.yml")
    let dangling = try await place.run("validate", seconds: 30)
    #expect(dangling.status == 1 && dangling.err.contains("dangling.yml"), Comment(rawValue: dangling.all))
    unlink(place.folder + "/dangling.yml")
    symlink("loop.yml", place.folder + "/loop.yml")
    let loop = try await place.run("validate", seconds: 30)
    #expect(loop.status == 1 && loop.err.contains("loop.yml"), Comment(rawValue: loop.all))
    unlink(place.folder + "/loop.yml")
    mkfifo(place.folder + "/pipe.yml", 0o600)
    let pipe = try await place.run("validate", seconds: 30)
    #expect(
      pipe.status == 1 && pipe.err.contains("'pipe.yml' is neither a file nor a folder"), Comment(rawValue: pipe.all))
    unlink(place.folder + "/pipe.yml")
    // Root reads everything; anybody else does not.
    if getuid() != 0 {
      chmod(place.folder + "/a.yml", 0)
      let forbidden = try await place.run("validate", seconds: 30)
      #expect(forbidden.status == 1 && forbidden.err.contains("Permission denied"), Comment(rawValue: forbidden.all))
    }
  }
}
