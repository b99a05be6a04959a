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
}
