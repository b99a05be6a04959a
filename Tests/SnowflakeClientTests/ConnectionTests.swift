import Glibc
import Testing

@testable import SnowflakeClient

/// A home folder for one test.
private struct Home: ~Copyable {
  let path: String

  init() throws {
    var template = Array("/tmp/snowmaker-client-XXXXXX".utf8CString)
    path = String(cString: try #require(mkdtemp(&template)))
  }

  deinit {
    for file in files.reversed() { remove("\(path)/\(file)") }
    rmdir(path)
  }

  private let files = [
    ".snowflake", ".snowflake/connections.toml", ".snowflake/config.toml", "other", "other/connections.toml", ".config",
    ".config/snowflake", ".config/snowflake/connections.toml", "key.p8",
  ]

  func folder(_ name: String) { mkdir("\(path)/\(name)", 0o700) }

  func write(_ name: String, _ text: String, mode: mode_t = 0o600) throws {
    let full = "\(path)/\(name)"
    let file = try #require(fopen(full, "w"))
    fputs(text, file)
    fclose(file)
    chmod(full, mode)
  }

  func resolver(_ variables: [String: String] = [:]) -> ConnectionResolver {
    ConnectionResolver(variables: variables, home: path)
  }
}

private let twoConnections = """
  [dev]
  account = "myorg-dev"
  user = "dora"
  password = "dev-secret"
  port = 8443

  [prod]
  accountname = "myorg-prod"
  username = "paul"
  private_key_path = "~/key.p8"
  schema = ["a"]
  """

@Suite struct ConnectionTests {
  @Test func aConnectionIsReadWithTheLineOfEachValue() throws {
    let home = try Home()
    home.folder(".snowflake")
    try home.write(".snowflake/connections.toml", twoConnections)
    let dev = try home.resolver().resolve(name: "dev")
    #expect(dev.value(.account) == "myorg-dev")
    #expect(dev.value(.port) == "8443")
    #expect(dev.origin(.user) == .file(path: "\(home.path)/.snowflake/connections.toml", line: 3))
    #expect(dev.shown(.password) == "***")
    #expect(dev.warnings.isEmpty)
  }

  @Test func namesOfOtherToolsAreUnderstood() throws {
    let home = try Home()
    home.folder(".snowflake")
    try home.write(".snowflake/connections.toml", twoConnections.replacing("schema", with: "ignored_by_us"))
    let prod = try home.resolver().resolve(name: "prod")
    #expect(prod.value(.account) == "myorg-prod")
    #expect(prod.value(.user) == "paul")
    #expect(prod.value(.privateKeyFile) == "~/key.p8")
  }

  @Test func aListWhereAValueIsWantedNamesFileAndLine() throws {
    let home = try Home()
    home.folder(".snowflake")
    try home.write(".snowflake/connections.toml", twoConnections)
    let error = #expect(throws: ConnectionProblem.self) { try home.resolver().resolve(name: "prod") }
    #expect(error?.line == 11)
    #expect(error?.file?.hasSuffix("connections.toml") == true)
  }

  /// As Snowflake's Python connector does it: the variable stands for the whole of `connections.toml`.
  @Test func aVariableMayHoldTheConnections() throws {
    let home = try Home()
    home.folder(".snowflake")
    try home.write(".snowflake/connections.toml", twoConnections)
    let resolver = home.resolver(["SNOWFLAKE_CONNECTIONS": "[ci]\naccount = \"myorg-ci\"\nuser = \"robot\"\n"])
    #expect(try resolver.available().map(\.name) == ["ci"])
    let found = try resolver.resolve(name: "ci")
    #expect(found.value(.account) == "myorg-ci")
    #expect(found.origin(.user)?.description == "$SNOWFLAKE_CONNECTIONS:3")
    #expect(throws: ConnectionProblem.self) { try resolver.resolve(name: "dev") }
    let broken = home.resolver(["SNOWFLAKE_CONNECTIONS": "[ci\n"])
    let problem = #expect(throws: ConnectionProblem.self) { try broken.resolve(name: "ci") }
    #expect(problem?.file == "$SNOWFLAKE_CONNECTIONS")
  }

  /// A list of texts, where a setting is one.
  @Test func aSettingMayBeAListWhereItIsOne() throws {
    let home = try Home()
    home.folder(".snowflake")
    try home.write(
      ".snowflake/connections.toml",
      "[a]\naccount = \"o-a\"\nworkload_identity_impersonation_path = [\"arn:one\", \"arn:two\"]\n[b]\nrole = [\"x\"]\n"
    )
    #expect(try home.resolver().resolve(name: "a").value(.workloadIdentityPath) == "arn:one,arn:two")
    let problem = #expect(throws: ConnectionProblem.self) { try home.resolver().resolve(name: "b") }
    #expect(problem?.line == 5 && problem?.message.contains("role is a list") == true)
  }

  @Test func overridesThenNamedVariablesThenTheFileThenGenericVariables() throws {
    let home = try Home()
    home.folder(".snowflake")
    try home.write(".snowflake/connections.toml", twoConnections)
    let resolver = home.resolver([
      "SNOWFLAKE_CONNECTIONS_DEV_USER": "from-named", "SNOWFLAKE_CONNECTIONS_DEV_ROLE": "named-role",
      "SNOWFLAKE_USER": "generic", "SNOWFLAKE_ACCOUNT": "generic", "SNOWFLAKE_WAREHOUSE": "generic-wh",
      "SNOWFLAKE_ROLE": "generic-role",
    ])
    let dev = try resolver.resolve(name: "dev", overrides: [.role: "flag-role"])
    #expect(dev.value(.role) == "flag-role")
    #expect(dev.value(.user) == "from-named")
    #expect(dev.origin(.user) == .variable("SNOWFLAKE_CONNECTIONS_DEV_USER"))
    #expect(dev.value(.account) == "myorg-dev")
    #expect(dev.value(.warehouse) == "generic-wh")
  }

  @Test func connectionsTomlReplacesThoseOfConfigToml() throws {
    let home = try Home()
    home.folder(".snowflake")
    try home.write(
      ".snowflake/config.toml",
      "default_connection_name = \"old\"\n[connections.old]\naccount = \"a-old\"\nuser = \"u\"\n[cli]\nx = 1\n")
    #expect(try home.resolver().resolve().value(.account) == "a-old")
    #expect(try home.resolver().available().map(\.name) == ["old"])
    try home.write(".snowflake/connections.toml", twoConnections)
    #expect(try home.resolver().available().map(\.name) == ["dev", "prod"])
    let error = #expect(throws: ConnectionProblem.self) { try home.resolver().resolve() }
    #expect(error?.description.contains("there are: dev, prod") == true)
    #expect(error?.description.contains("config.toml:1") == true)
  }

  @Test func theDefaultIsNamedByVariableThenFileThenItsName() throws {
    let home = try Home()
    home.folder(".snowflake")
    try home.write(".snowflake/connections.toml", "[default]\naccount=\"a-default\"\n[x]\naccount=\"a-x\"\n")
    #expect(try home.resolver().resolve().value(.account) == "a-default")
    #expect(try home.resolver(["SNOWFLAKE_DEFAULT_CONNECTION_NAME": "x"]).resolve().value(.account) == "a-x")
  }

  @Test func variablesAloneMakeAConnection() throws {
    let home = try Home()
    let generic = try home.resolver([
      "SNOWFLAKE_ACCOUNT": "a-b", "SNOWFLAKE_USER": "u", "SNOWFLAKE_PASSWORD": "p",
      "PRIVATE_KEY_PASSPHRASE": "pp",
    ]).resolve()
    #expect(generic.value(.account) == "a-b")
    #expect(generic.origin(.account) == .variable("SNOWFLAKE_ACCOUNT"))
    #expect(generic.value(.privateKeyPassphrase) == "pp")
    let variables = [
      "SNOWFLAKE_CONNECTIONS_CI_RUN_ACCOUNT": "a-ci", "SNOWFLAKE_CONNECTIONS_CI_RUN_PRIVATE_KEY_FILE_PWD": "pw",
    ]
    #expect(try home.resolver(variables).resolve(name: "ci-run").value(.account) == "a-ci")
    #expect(try home.resolver(variables).available().map(\.name) == ["ci_run"])
  }

  @Test func whatExistsIsListedWhenANameIsUnknown() throws {
    let home = try Home()
    home.folder(".snowflake")
    try home.write(".snowflake/connections.toml", twoConnections)
    let error = #expect(throws: ConnectionProblem.self) { try home.resolver().resolve(name: "Dev") }
    #expect(error?.description.contains("\"Dev\"") == true)
    #expect(error?.description.contains("dev, prod") == true)
    let empty = try Home()
    let nothing = #expect(throws: ConnectionProblem.self) { try empty.resolver().resolve() }
    #expect(nothing?.description.contains("no connections are defined") == true)
  }

  @Test func brokenTomlNamesFileLineAndColumnAndNoSecret() throws {
    let home = try Home()
    home.folder(".snowflake")
    try home.write(".snowflake/connections.toml", "[dev]\naccount = \"a\"\npassword = hunter2 secret\n")
    let error = #expect(throws: ConnectionProblem.self) { try home.resolver().resolve(name: "dev") }
    #expect(error?.line == 3)
    #expect(error?.description.contains("hunter2") == false)
  }

  @Test func filesOthersCanReadAreWarnedAbout() throws {
    let home = try Home()
    home.folder(".snowflake")
    try home.write(".snowflake/connections.toml", twoConnections, mode: 0o644)
    let dev = try home.resolver().resolve(name: "dev")
    #expect(dev.warnings.count == 1)
    #expect(dev.warnings.first?.contains("chmod 0600") == true)
  }

  @Test func snowflakeHomeAndTheConfigFolderAreSearched() throws {
    let home = try Home()
    home.folder(".config")
    home.folder(".config/snowflake")
    try home.write(".config/snowflake/connections.toml", "[c]\naccount=\"a-config\"\n")
    #expect(try home.resolver().resolve(name: "c").value(.account) == "a-config")
    home.folder("other")
    try home.write("other/connections.toml", "[c]\naccount=\"a-other\"\n")
    #expect(try home.resolver(["SNOWFLAKE_HOME": "~/other"]).resolve(name: "c").value(.account) == "a-other")
    let missing = try home.resolver(["SNOWFLAKE_HOME": "/nowhere"]).resolve(name: "c")
    #expect(missing.value(.account) == "a-config")
    #expect(missing.warnings.first?.contains("/nowhere") == true)
  }

  @Test func aConnectionCannotBePrintedByAccident() throws {
    let parameters = ConnectionParameters([.account: "a-b", .password: "hunter2"])
    var text = ""
    dump(parameters, to: &text)
    #expect(!text.contains("hunter2"))
    #expect(!"\(parameters)".contains("hunter2"))
    #expect(!String(reflecting: parameters).contains("hunter2"))
  }

  @Test(arguments: [
    ("myorg-myacct", "myorg-myacct.snowflakecomputing.com", "myorg-myacct"),
    ("MyOrg-My_Acct", "myorg-my-acct.snowflakecomputing.com", "MyOrg-My_Acct"),
    ("myorg.myacct", "myorg-myacct.snowflakecomputing.com", "myorg-myacct"),
    ("xy12345", "xy12345.snowflakecomputing.com", "xy12345"),
    ("xy12345.us-east-2.aws", "xy12345.us-east-2.aws.snowflakecomputing.com", "xy12345"),
    ("xy12345.cn-north-1", "xy12345.cn-north-1.snowflakecomputing.cn", "xy12345"),
    ("myorg-my_acct.privatelink", "myorg-my-acct.privatelink.snowflakecomputing.com", "myorg-my_acct"),
    ("acme-ext1234.global", "acme-ext1234.global.snowflakecomputing.com", "acme"),
    ("https://myorg-myacct.snowflakecomputing.com/console", "myorg-myacct.snowflakecomputing.com", "myorg-myacct"),
    ("xy12345.eu-central-1.snowflakecomputing.com", "xy12345.eu-central-1.snowflakecomputing.com", "xy12345"),
    ("https://app.snowflake.com/myorg/myacct/#/homepage", "myorg-myacct.snowflakecomputing.com", "myorg-myacct"),
    (" myorg-myacct ", "myorg-myacct.snowflakecomputing.com", "myorg-myacct"),
  ])
  func accountsAreUnderstoodInEverySpelling(_ spelling: String, _ host: String, _ name: String) throws {
    let account = try AccountIdentifier(spelling)
    #expect(account.host == host)
    #expect(account.name == name)
  }

  @Test func theOlderRegionSettingCompletesALocator() throws {
    #expect(
      try AccountIdentifier("xy12345", region: "eu-central-1").host == "xy12345.eu-central-1.snowflakecomputing.com")
    #expect(try AccountIdentifier("xy12345", region: "us-west-2").host == "xy12345.snowflakecomputing.com")
  }

  @Test(arguments: ["", " ", "a b", "a'b", ".", "a..b", "-a", "https://", "a;b", "é"])
  func whatIsNoAccountIsRefused(_ spelling: String) {
    #expect(throws: ConnectionProblem.self) { try AccountIdentifier(spelling) }
  }

  @Test func endpointsSayWhatIsWrongAndWhere() throws {
    let local = ConnectionParameters([.account: "a-b", .host: "127.0.0.1", .port: "9301", .connectionProtocol: "http"])
    #expect(try local.endpoint().base == "http://127.0.0.1:9301")
    #expect(try ConnectionParameters([.account: "a-b"]).endpoint().base == "https://a-b.snowflakecomputing.com")
    for bad: [ConnectionKey: String] in [
      [.account: "a-b", .port: "99999"], [.account: "a-b", .connectionProtocol: "ftp"], [.user: "u"],
      [.host: "https://x/y"], [.account: "a b"],
    ] {
      #expect(throws: ConnectionProblem.self) { try ConnectionParameters(bad).endpoint() }
    }
  }
}
