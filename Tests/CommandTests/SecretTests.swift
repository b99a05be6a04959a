import Testing

/// Secrets are sent, and are nowhere else.
struct SecretTests {
  static let first = "hunter2-Blue-Lagoon"
  static let second = "hunter3-Green-Lagoon"

  @Test func aSecretIsSentWhenItChangesAndIsWrittenNowhere() async throws {
    let place = try Workplace([
      "a.yml": "users: [{name: etl, type: LEGACY_SERVICE, password: !secret 'env:ETL_PASSWORD'}]"
    ])
    let missing = try await place.on("apply", "--yes")
    #expect(missing.status == 1 && missing.err.contains("ETL_PASSWORD"), Comment(rawValue: missing.all))

    place.set("ETL_PASSWORD", Self.first)
    let saved = try await place.on("plan", "--out", "x.plan", "--format", "json")
    #expect(saved.status == 0 && !saved.all.contains(Self.first))
    #expect(place.stateFiles(containing: Self.first).isEmpty)
    let applied = try await place.apply()
    #expect(!applied.all.contains(Self.first))
    #expect(try await place.plannedSQL() == [])

    place.set("ETL_PASSWORD", Self.second)
    let changed = try await place.on("plan")
    #expect(
      changed.out.contains("ALTER USER ETL SET PASSWORD = ‹secret env:ETL_PASSWORD›;"), Comment(rawValue: changed.all))
    let sent = try await place.apply()
    #expect(!sent.all.contains(Self.second))
    #expect(try await place.plannedSQL() == [])
    let again = try await place.on("plan", "--resend-secrets")
    #expect(
      again.out.contains("ALTER USER ETL SET PASSWORD = ‹secret env:ETL_PASSWORD›;"), Comment(rawValue: again.all))
    for secret in [Self.first, Self.second] {
      #expect(place.stateFiles(containing: secret).isEmpty, "\(place.stateFiles(containing: secret))")
    }
  }

  @Test func aLiteralSecretWorksWithAWarningAndIsWrittenNowhere() async throws {
    let place = try Workplace([
      "a.yml": "users: [{name: etl, type: LEGACY_SERVICE, password: \(Self.first)}]"
    ])
    let applied = try await place.apply()
    #expect(
      applied.err.contains("'password' holds a secret in plain text\n  at a.yml:1:"), Comment(rawValue: applied.all))
    #expect(!applied.all.contains(Self.first))
    #expect(place.stateFiles(containing: Self.first).isEmpty)
    #expect(try await place.plannedSQL() == [])
  }

  @Test func aPlanThatResendsSecretsIsAppliedAsItWasMade() async throws {
    let place = try Workplace([
      "a.yml": """
      users:
        - {name: etl, type: LEGACY_SERVICE, password: !secret 'env:ONE'}
        - {name: bi, type: LEGACY_SERVICE, password: !secret 'env:TWO'}
      """
    ])
    place.set("ONE", Self.first)
    place.set("TWO", Self.second)
    _ = try await place.apply()
    let saved = try await place.on("plan", "--resend-secrets", "--out", "x.plan")
    try #require(saved.status == 0, Comment(rawValue: saved.all))
    let other = try await place.on("apply", "x.plan", "--yes", "--only", "user:ETL")
    #expect(
      other.status == 1 && other.err.contains("the plan was made with --resend-secrets, not with --only user:ETL"),
      Comment(rawValue: other.all))
    let applied = try await place.on("apply", "x.plan", "--yes")
    #expect(applied.status == 0 && applied.all.contains("Applied: 2 statements."), Comment(rawValue: applied.all))
    #expect(try await place.plannedSQL() == [])

    // A part of what changed is saved and applied as a part.
    place.set("ONE", Self.first + "2")
    place.set("TWO", Self.second + "2")
    _ = try await place.on("plan", "--only", "user:BI", "--out", "y.plan")
    let part = try await place.on("apply", "y.plan", "--yes")
    #expect(part.status == 0 && part.all.contains("Applied: 1 statement."), Comment(rawValue: part.all))
    let left = try await place.plannedSQL()
    #expect(left.count == 1 && left[0].hasPrefix("ALTER USER ETL SET PASSWORD"), "\(left)")
  }

  @Test func whatIsSecretWithinAnAttributeIsKeptAsSuch() async throws {
    let place = try Workplace([
      "a.yml": """
      databases: [{name: raw, schemas: [{name: landing}]}]
      stages:
        - database: raw
          schema: landing
          name: outside
          url: s3://bucket/path/
          encryption: {type: AWS_CSE, master_key: \(Self.first)}
          credentials: {aws_key_id: AKIA, aws_secret_key: \(Self.second)}
      """
    ])
    var said = ""
    for format in ["text", "json", "sql", "markdown"] {
      said += try await place.on("plan", "--format", format, "--out", "x.plan").all
    }
    #expect(said.contains("'encryption' holds a secret in plain text") && said.contains("MASTER_KEY = ‹secret"))
    said += try await place.on("apply", "--yes", "--verbose").all
    #expect(try await place.plannedSQL() == [])
    let again = try await place.on("plan", "--resend-secrets", "--format", "sql")
    #expect(again.out.contains("MASTER_KEY = ‹secret"), Comment(rawValue: again.all))
    said += again.all
    let reference = try await place.run("plugin", "show", "stage")
    #expect(reference.all.contains("master_key (secret)"), Comment(rawValue: reference.all))
    for secret in [Self.first, Self.second] {
      #expect(!said.contains(secret))
      #expect(place.stateFiles(containing: secret).isEmpty, "\(place.stateFiles(containing: secret))")
    }
  }

  @Test func aFailingQueryDoesNotRepeatWhatIsSecretInIt() async throws {
    let place = try Workplace([:])
    for sql in [
      "ALTER USER nobody SET PASSWORD = '\(Self.first)' COMMENT = 'kept as it is'",
      "ALTER USER nobody SET PASSWORD = \(Self.first) COMMENT = 'kept as it is'",
      "CREATE STAGE a.b.c CREDENTIALS = (AWS_KEY_ID = 'x' AWS_TOKEN = $$\(Self.first)$$) COMMENT = 'kept as it is'",
    ] {
      let failed = try await place.on("query", sql)
      #expect(failed.status == 1 && failed.err.contains("'‹masked›'"), Comment(rawValue: failed.all))
      #expect(failed.err.contains("COMMENT = 'kept as it is'"), Comment(rawValue: failed.all))
      for part in Self.first.split(separator: "-") {
        #expect(!failed.all.contains(part), Comment(rawValue: failed.all))
      }
    }
  }
}
