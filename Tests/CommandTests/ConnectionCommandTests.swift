import Glibc
import Testing

/// `snowmaker connection …`, as a user runs it.
struct ConnectionCommandTests {
  /// A workplace with these files under ~/.snowflake, readable by the user alone.
  private func place(_ files: [String: String]) throws -> Workplace {
    let place = try Workplace()
    mkdir(place.root + "/home/.snowflake", 0o700)
    for (name, text) in files {
      let path = "\(place.root)/home/.snowflake/\(name)"
      try Files.write(text, to: path)
      chmod(path, 0o600)
    }
    return place
  }

  /// The words of the line that begins with `setting`.
  private static func line(_ setting: String, _ text: String) -> String? {
    text.split(separator: "\n").map(String.init).first { $0.hasPrefix(setting + " ") }
  }

  @Test func everyValueSaysWhereItCameFromAndSecretsAreMasked() async throws {
    let place = try place([
      "config.toml": "default_connection_name = \"prod\"\n[connections.prod]\nrole = \"IGNORED\"\n",
      "connections.toml": """
      [prod]
      account = "acme-prod"
      user = "from_file"
      password = "clear-in-file-1"
      private_key_passphrase = "clear-in-file-2"
      """,
    ])
    place.set("SNOWFLAKE_CONNECTIONS_PROD_USER", "named_variable")
    place.set("SNOWFLAKE_ROLE", "GENERIC")
    place.set("SNOWFLAKE_PASSWORD", "not-taken-3")
    place.set("SNOWFLAKE_TOKEN", "variable-secret-4")
    try place.write(".env", "SNOWFLAKE_WAREHOUSE=FROM_ENV_FILE\nSNOWFLAKE_OAUTH_CLIENT_SECRET='env-secret-5'\n")
    let ending = try await place.run("connection", "show")
    #expect(ending.status == 0, Comment(rawValue: ending.all))
    let file = place.root + "/home/.snowflake/connections.toml"
    for (setting, value, origin) in [
      ("account", "acme-prod", "\(file):2"), ("user", "named_variable", "$SNOWFLAKE_CONNECTIONS_PROD_USER"),
      ("password", "***", "\(file):4"), ("private_key_passphrase", "***", "\(file):5"),
      ("role", "GENERIC", "$SNOWFLAKE_ROLE"), ("token", "***", "$SNOWFLAKE_TOKEN"),
      ("warehouse", "FROM_ENV_FILE", ".env:1"), ("oauth_client_secret", "***", ".env:2"),
    ] {
      let line = Self.line(setting, ending.out) ?? ""
      #expect(line.contains(" \(value) ") && line.hasSuffix(origin), "\(setting): \(ending.all)")
    }
    for secret in ["clear-in-file", "not-taken", "variable-secret", "env-secret"] {
      #expect(!ending.all.contains(secret))
    }
    #expect(ending.out.contains("Connects to https://acme-prod.snowflakecomputing.com as account acme-prod."))
  }

  @Test(arguments: [
    ("acme-prod", "acme-prod.snowflakecomputing.com", "acme-prod"),
    ("ACME.PROD", "acme-prod.snowflakecomputing.com", "ACME-PROD"),
    ("acme-my_prod", "acme-my-prod.snowflakecomputing.com", "acme-my_prod"),
    ("xy12345", "xy12345.snowflakecomputing.com", "xy12345"),
    ("xy12345.eu-central-1", "xy12345.eu-central-1.snowflakecomputing.com", "xy12345"),
    ("xy12345.east-us-2.azure", "xy12345.east-us-2.azure.snowflakecomputing.com", "xy12345"),
    ("xy12345.cn-north-1", "xy12345.cn-north-1.snowflakecomputing.cn", "xy12345"),
    ("acme-prod.privatelink", "acme-prod.privatelink.snowflakecomputing.com", "acme-prod"),
    ("xy12345.us-east-1.privatelink", "xy12345.us-east-1.privatelink.snowflakecomputing.com", "xy12345"),
    ("https://acme-prod.snowflakecomputing.com/console", "acme-prod.snowflakecomputing.com", "acme-prod"),
    ("https://app.snowflake.com/acme/prod/#/homepage", "acme-prod.snowflakecomputing.com", "acme-prod"),
    ("acme-ext1234.global", "acme-ext1234.global.snowflakecomputing.com", "acme"),
  ])
  func everySpellingOfAnAccountIsUnderstood(_ spelling: String, _ host: String, _ account: String) async throws {
    let place = try place(["connections.toml": "[a]\naccount = \"\(spelling)\"\nuser = \"u\"\n"])
    let ending = try await place.run("connection", "show", "a")
    #expect(
      ending.out.contains("Connects to https://\(host) as account \(account)."), Comment(rawValue: ending.all))
  }

  @Test func whatOthersCanReadIsWarnedAbout() async throws {
    let place = try place(["connections.toml": "[a]\naccount = \"x-y\"\npassword = \"p\"\n"])
    #expect(try await place.run("connection", "show", "a").err.isEmpty)
    for mode in [mode_t(0o644), 0o620, 0o602] {
      chmod(place.root + "/home/.snowflake/connections.toml", mode)
      let ending = try await place.run("connection", "show", "a")
      #expect(ending.status == 0)
      #expect(ending.err.contains("connections.toml") && ending.err.contains("600"), Comment(rawValue: ending.all))
    }
  }

  @Test func connectionsAreListedWithTheirPlaces() async throws {
    let place = try place([
      "config.toml": "default_connection_name = \"two\"\n[connections.hidden]\naccount = \"x-y\"\n",
      "connections.toml": "[one]\naccount = \"a-b\"\n[two]\naccount = \"c-d\"\n",
    ])
    place.set("SNOWFLAKE_CONNECTIONS_THREE_ACCOUNT", "e-f")
    let ending = try await place.run("connection", "list")
    let file = place.root + "/home/.snowflake/connections.toml"
    #expect(Self.line("one", ending.out)?.hasSuffix("\(file):1") == true, Comment(rawValue: ending.all))
    #expect(Self.line("two", ending.out)?.contains(" yes ") == true)
    #expect(Self.line("three", ending.out)?.hasSuffix("$SNOWFLAKE_CONNECTIONS_THREE_ACCOUNT") == true)
    #expect(!ending.out.contains("hidden"))
    place.set("SNOWFLAKE_DEFAULT_CONNECTION_NAME", "one")
    #expect(Self.line("one", try await place.run("connection", "list").out)?.contains(" yes ") == true)
    let unknown = try await place.run("connection", "show", "four")
    #expect(unknown.status == 1 && unknown.err.contains("there are: one, three, two"), Comment(rawValue: unknown.all))
    let broken = try self.place(["connections.toml": "[one]\naccount = \n"])
    let notTOML = try await broken.run("connection", "list")
    #expect(notTOML.status == 1 && notTOML.err.contains("connections.toml:2"), Comment(rawValue: notTOML.all))
  }

  /// What is wrong or means nothing is said by `show` as well, and is not added.
  @Test func settingsThatAreWrongAreNamed() async throws {
    let place = try place([
      "connections.toml": """
      [a]
      account = "x-y"
      usr = "me"
      session_parameters = { A = "b" }
      port = "abc"
      [b]
      account = "x-y"
      authenticator = "kerberos"
      """
    ])
    let file = place.root + "/home/.snowflake/connections.toml"
    let shown = try await place.run("connection", "show", "a")
    #expect(shown.status == 1 && shown.out.contains("account"), Comment(rawValue: shown.all))
    #expect(shown.err.contains("usr (\(file):3) means nothing to snowmaker; did you mean user?"))
    #expect(shown.err.contains("\(file):5") && shown.err.contains("port is \"abc\""), Comment(rawValue: shown.all))
    let other = try await place.run("connection", "show", "b")
    #expect(other.status == 1 && other.err.contains("the authenticator \"kerberos\" is not supported"))
    let tested = try await place.run("connection", "test", "b")
    #expect(tested.status == 1 && tested.out.contains("failed  settings    the authenticator \"kerberos\""))

    let before = try #require(Files.read(file))
    for arguments in [
      ["--account", "x-y", "--authenticator", "kerberos"], ["--account", "x y"],
      ["--account", "x-y", "--set", "port=99999"], ["--account", "x-y", "--set", "secondary_roles=some"],
    ] {
      let added = try await place.start(["connection", "add", "c"] + arguments).wait(seconds: 60)
      #expect(added.status == 1, Comment(rawValue: added.all))
    }
    #expect(Files.read(file) == before)
    let added = try await place.run("connection", "add", "with space", "--account", "x-y")
    #expect(added.err.contains("snowmaker connection test 'with space'"), Comment(rawValue: added.all))
  }

  @Test func aTestGoesStepByStepAndSaysWhatToDo() async throws {
    let place = try Workplace()
    let emulator = try await ServedEmulator(for: place)
    let good = try await place.run("connection", "test", "served")
    #expect(good.status == 0, Comment(rawValue: good.all))
    let steps = ["settings", "name", "connection", "login", "role", "warehouse", "sees", "roles", "deploys"]
    var rest = good.out[...]
    for step in steps {
      let found = rest.firstRange(of: step)
      #expect(found != nil, "\(step) is missing or out of order: \(good.out)")
      rest = rest[(found?.upperBound ?? rest.startIndex)...]
    }
    #expect(good.out.contains("account parameters, resource monitors, integrations (as ACCOUNTADMIN)"))

    place.set("SNOWFLAKE_CONNECTIONS_SERVED_WAREHOUSE", "NOWHERE")
    let lacking = try await place.run("connection", "test", "served")
    #expect(lacking.status == 1 && lacking.out.contains("GRANT USAGE ON WAREHOUSE NOWHERE"))
    place.set("SNOWFLAKE_CONNECTIONS_SERVED_WAREHOUSE", nil)

    let limited = try await place.run(
      "query", "CREATE USER LITTLE PASSWORD = 'little-pw-55' TYPE = LEGACY_SERVICE", "-c", "served")
    #expect(limited.status == 0, Comment(rawValue: limited.all))
    place.set("SNOWFLAKE_CONNECTIONS_SERVED_USER", "LITTLE")
    place.set("SNOWFLAKE_CONNECTIONS_SERVED_PASSWORD", "little-pw-55")
    let little = try await place.run("connection", "test", "served")
    #expect(little.out.contains("not as SYSADMIN: databases, schemas, warehouses"), Comment(rawValue: little.all))
    #expect(little.out.contains("GRANT ROLE SYSADMIN TO USER LITTLE"))

    place.set("SNOWFLAKE_CONNECTIONS_SERVED_PASSWORD", "wrong-pw-77")
    let wrong = try await place.run("connection", "test", "served")
    #expect(wrong.status == 1 && wrong.out.contains("390100") && wrong.out.contains("check user and password"))
    #expect(!wrong.all.contains("wrong-pw"))
    place.set("SNOWFLAKE_CONNECTIONS_SERVED_PORT", "1")
    let refused = try await place.run("connection", "test", "served")
    #expect(refused.status == 1 && refused.out.contains("failed  connection"), Comment(rawValue: refused.all))
    withExtendedLifetime(emulator) {}
  }

  /// The secret is stored encrypted, opens with its key only, and works.
  @Test(arguments: [true, false])
  func whatIsAddedIsEncryptedAndWorks(_ usesKeyFile: Bool) async throws {
    let place = try Workplace()
    let emulator = try await ServedEmulator(for: place)
    if usesKeyFile {
      let path = place.root + "/home/key"
      try Files.write((0..<32).map { UInt8($0) }, to: path)
      chmod(path, 0o600)
      place.set("SNOWMAKER_KEY_FILE", path)
    } else {
      place.set("SNOWMAKER_PASSPHRASE", "open sesame")
    }
    place.set("THE_SECRET", ServedEmulator.password)
    let added = try await place.run(
      "connection", "add", "sealed", "--account", "testaccount", "--user", "SNOWMAKER", "--set", "host=127.0.0.1",
      "--set", "port=\(emulator.port)", "--set", "protocol=http", "--secret", "password=THE_SECRET")
    #expect(added.status == 0, Comment(rawValue: added.all))
    place.set("THE_SECRET", nil)
    let file = place.root + "/home/.snowflake/connections.toml"
    let written = try #require(Files.read(file))
    let section = written[try #require(written.firstRange(of: "[\"sealed\"]")).lowerBound...]
    #expect(section.contains("password_encrypted") && !section.contains(ServedEmulator.password))
    var status = stat()
    #expect(stat(file, &status) == 0 && status.st_mode & 0o777 == 0o600)
    let shown = try await place.run("connection", "show", "sealed")
    #expect(Self.line("password", shown.out)?.hasSuffix("(encrypted)") == true, Comment(rawValue: shown.all))
    #expect(try await place.run("query", "SELECT 1", "-c", "sealed").status == 0)

    if usesKeyFile {
      try Files.write((0..<32).map { _ in UInt8(9) }, to: place.root + "/home/key")
    } else {
      place.set("SNOWMAKER_PASSPHRASE", "another")
    }
    let wrong = try await place.run("query", "SELECT 1", "-c", "sealed")
    #expect(
      wrong.status == 1 && wrong.err.contains("does not open the encrypted password"), Comment(rawValue: wrong.all))
    place.set("SNOWMAKER_PASSPHRASE", nil)
    place.set("SNOWMAKER_KEY_FILE", nil)
    let without = try await place.run("query", "SELECT 1", "-c", "sealed")
    #expect(without.status == 1 && without.err.contains(usesKeyFile ? "SNOWMAKER_KEY_FILE" : "SNOWMAKER_PASSPHRASE"))

    #expect(try await place.run("connection", "remove", "sealed").status == 0)
    #expect(try await place.run("connection", "remove", "sealed").status == 1)
    #expect(try #require(Files.read(file)).contains("[served]"))
    let clear = try await place.run("connection", "add", "x", "--account", "a-b", "--set", "password=visible")
    #expect(clear.status == 64 && clear.err.contains("--secret password"), Comment(rawValue: clear.all))
  }
}
