import Glibc
import Testing

@testable import SnowflakeClient

@Suite struct SealingTests {
  private func home() throws -> String {
    var template = Array("/tmp/snowmaker-seal-XXXXXX".utf8CString)
    let made = mkdtemp(&template)
    return String(cString: try #require(made))
  }

  private func resolver(_ home: String, _ passphrase: String?) -> ConnectionResolver {
    var variables = ["SNOWFLAKE_HOME": home]
    variables["SNOWMAKER_PASSPHRASE"] = passphrase
    var resolver = ConnectionResolver(variables: variables, home: home)
    resolver.keys = SealingKeySource(ask: { _ in nil })
    return resolver
  }

  @Test func aSecretIsNeverInTheFileAndComesBackWithThePassphrase() throws {
    let home = try home()
    let store = try ConnectionStore(resolver(home, "pass phrase"))
    try store.add("prod.eu", settings: [.account: "a-b", .user: "u\"x", .password: "canary-7"])
    let text = String(decoding: try FileSystem.read(store.file), as: UTF8.self)
    #expect(!text.contains("canary"))
    #expect(FileSystem.status(store.file)?.permissions == 0o600)
    let found = try resolver(home, "pass phrase").resolve(name: "prod.eu")
    #expect(found.value(.password) == "canary-7")
    #expect(found.value(.user) == "u\"x")
    #expect(found.origin(.password) == .encrypted(path: store.file, line: 3))
    #expect(throws: ConnectionProblem.self) { try resolver(home, "other").resolve(name: "prod.eu") }
    #expect(throws: ConnectionProblem.self) { try resolver(home, nil).resolve(name: "prod.eu") }
    #expect(try resolver(home, nil).resolve(name: "prod.eu", decrypts: false).shown(.password) == "***")
  }

  @Test func aSealedValueCannotBeMovedOrChanged() throws {
    let key = SealedSecret.Key.file([UInt8](repeating: 7, count: 32))
    let text = try SealedSecret.seal(Secret("s"), with: key, connection: "a", setting: .password)
    #expect(try SealedSecret(text).open(with: key, connection: "a", setting: .password).reveal() == "s")
    #expect(throws: ConnectionProblem.self) {
      try SealedSecret(text).open(with: key, connection: "b", setting: .password)
    }
    #expect(throws: ConnectionProblem.self) { try SealedSecret(text).open(with: key, connection: "a", setting: .token) }
    #expect(throws: ConnectionProblem.self) {
      try SealedSecret(text + "AAAA").open(with: key, connection: "a", setting: .password)
    }
    #expect(throws: ConnectionProblem.self) { try SealedSecret("v1:scrypt:60:8:1:AA:AA:AA") }
    #expect(throws: ConnectionProblem.self) { try SealedSecret("nonsense") }
  }

  @Test func addingAndRemovingLeavesTheRestOfTheFileAsItIs() throws {
    let home = try home()
    let file = "\(home)/connections.toml"
    let before = "# mine\n[one]\naccount = \"a-b\" # here\n\n[two]\naccount = \"c-d\"\n"
    try FileSystem.write(Array(before.utf8), to: file)
    let store = try ConnectionStore(resolver(home, nil))
    try store.add("three", settings: [.account: "e-f"])
    try store.add("four", settings: [.account: "g-h"])
    #expect(throws: ConnectionProblem.self) { try store.add("one", settings: [.account: "x-y"]) }
    try store.remove("three")
    #expect(try resolver(home, nil).available().map(\.name).sorted() == ["four", "one", "two"])
    try store.remove("four")
    #expect(String(decoding: try FileSystem.read(file), as: UTF8.self) == before)
    #expect(throws: ConnectionProblem.self) { try store.remove("four") }
  }

  @Test func anEnvironmentFileGivesWhatTheVariablesLack() throws {
    let file = try EnvironmentFile(
      """
      # comment
      export SNOWFLAKE_ACCOUNT=a-b  # trailing
      SNOWFLAKE_USER='u # v'
      SNOWFLAKE_PASSWORD="line\\nbreak \\"q\\""
      SNOWFLAKE_ROLE=FROM_FILE
      """, path: ".env")
    let resolver = ConnectionResolver(
      variables: ["SNOWFLAKE_ROLE": "FROM_VARIABLE"], home: nil, environmentFiles: [file])
    let found = try resolver.resolve()
    #expect(found.value(.account) == "a-b")
    #expect(found.value(.user) == "u # v")
    #expect(found.value(.password) == "line\nbreak \"q\"")
    #expect(found.value(.role) == "FROM_VARIABLE")
    #expect(found.origin(.account) == .file(path: ".env", line: 2))
    #expect(throws: ConnectionProblem.self) { try EnvironmentFile("A=\"open", path: "x") }
    #expect(throws: ConnectionProblem.self) { try EnvironmentFile("not an assignment", path: "x") }
  }
}
