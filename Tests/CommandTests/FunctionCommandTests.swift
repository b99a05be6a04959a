import Glibc
import Testing

/// Functions of plugins in configuration, through the executable.
struct FunctionCommandTests {
  @Test func configurationCallsThem() async throws {
    let place = try Workplace([
      "warehouses.yml": """
      vars: {team: data eng}
      warehouses:
        - name: "{{ functions::name_template('{1}_WH', [var.team]) }}"
          comment: "{{ functions::credits_per_hour(size='LARGE', generation=2) }} credits"
      """
    ])
    let sql = try await place.plannedSQL()
    #expect(sql.count == 1 && sql[0].contains(" DATA_ENG_WH") && sql[0].contains("'10.8 credits'"), "\(sql)")
    let validate = try await place.run("validate")
    #expect(validate.status == 0, Comment(rawValue: validate.all))
  }

  @Test(arguments: [
    (
      "{{ functions::credits_per_hour('LARG') }}",
      "functions::credits_per_hour: there is no warehouse size 'LARG'\n  at w.yml:1:65", "did you mean 'LARGE'?"
    ),
    ("{{ functions::credit_per_hour('LARGE') }}", "'functions' has no function 'credit_per_hour'", "credits_per_hour"),
    ("{{ fonctions::credits_per_hour('LARGE') }}", "there is no provider 'fonctions'", "did you mean 'functions'?"),
    ("{{ functions::cidr_host_count(10) }}", "'network' takes text, not number 10", ""),
    ("{{ functions::cron_schedule('0 9 * *', 'UTC') }}", "has 4 fields, and a schedule has 5", ""),
  ]) func mistakesAreFoundWithoutAnAccount(expression: String, message: String, detail: String) async throws {
    let place = try Workplace(["w.yml": "warehouses: [{name: x, comment: \"\(expression)\"}]\n"])
    let ending = try await place.run("validate")
    #expect(
      ending.status == 1 && ending.all.contains(message) && ending.all.contains(detail), Comment(rawValue: ending.all))
  }

  @Test(.needsCompiler, arguments: ["never", "always"]) func checksOfPlansCallThem(mode: String) async throws {
    let place = try Workplace(["w.yml": "warehouses: [{name: x}]\n"])
    _ = try Misfit.build(
      "checking", in: place,
      defining: [#"ASKED="{\"name\":\"functions::credits_per_hour\",\"arguments\":[\"2X-Large\"]}""#])
    let run = try await place.on("plan", "--plugin-dir", "plugins", "--isolate", mode)
    // CBOR: a map of one, "result", the double 32.0.
    #expect(run.status == 1 && run.all.contains("error: 0 .fresult.@@"), Comment(rawValue: run.all))
    _ = try Misfit.build(
      "checking", in: place, defining: [#"ASKED="{\"name\":\"functions::credits\",\"arguments\":[]}""#])
    let none = try await place.on("plan", "--plugin-dir", "plugins", "--isolate", mode)
    #expect(
      none.all.contains("error: 1 ") && none.all.contains("no loaded plugin has the function functions::credits"),
      Comment(rawValue: none.all))
  }

  @Test func pluginShowDescribesThem() async throws {
    let place = try Workplace()
    let all = try await place.run("plugin", "show", "functions")
    #expect(
      all.status == 0 && all.out.contains("functions::cidr_contains(network: text, other: text) -> boolean")
        && all.out.contains("{{ functions::cidr_host_count('10.0.0.0/24') }} is 254"), Comment(rawValue: all.all))
    let one = try await place.run("plugin", "show", "functions::cron_next", "--format", "json")
    #expect(one.status == 0 && one.out.contains(#""signature": "sss?i>[s""#), Comment(rawValue: one.all))
    let typo = try await place.run("plugin", "show", "functions::cron_nxt")
    #expect(typo.status == 1 && typo.err.contains("Did you mean 'functions::cron_next'?"), Comment(rawValue: typo.all))
    let schema = try await place.run("schema")
    #expect(schema.out.contains(#""{{ functions::cidr_contains(network, other) }}""#))
  }
}
