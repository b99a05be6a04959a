import SnowmakerTesting
import Testing

@Suite(.enabled(if: EmulatedAccount.isInstalled, "no snowmaker: set SNOWMAKER or PATH")) struct GreetingsTests {
  @Test func aCommentGreets() throws {
    let account = try EmulatedAccount(plugin: "greetings")
    try account.apply(
      """
      warehouses:
        - name: loading
          comment: "{{ greetings::greet('Ann') }}"
      """)
    #expect(try account.query("SHOW WAREHOUSES").first?["comment"] == "Hello, Ann!")
  }

  @Test func aWrongArgumentIsAnErrorWithItsPlace() throws {
    let account = try EmulatedAccount(plugin: "greetings")
    let problem = #expect(throws: EmulatedAccount.Failure.self) {
      try account.apply("warehouses:\n  - {name: loading, comment: \"{{ greetings::greet('Ann', 0) }}\"}")
    }
    let text = problem?.description ?? ""
    #expect(text.contains("at least once") && text.contains("resources.yml:2:"), "\(text)")
  }
}
