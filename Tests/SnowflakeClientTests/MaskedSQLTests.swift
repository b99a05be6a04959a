import Testing

@testable import SnowflakeClient

struct MaskedSQLTests {
  @Test(arguments: [
    ("ALTER USER u SET PASSWORD = 'it''s' COMMENT = 'c'", "ALTER USER u SET PASSWORD = '‹masked›' COMMENT = 'c'"),
    ("set password='open", "set password='‹masked›'"),
    ("PASSWORD = hunter-2, COMMENT = 'c'", "PASSWORD = '‹masked›', COMMENT = 'c'"),
    ("PASSWORD = \"a\"\"b\" COMMENT = 'c'", "PASSWORD = '‹masked›' COMMENT = 'c'"),
    ("CREDENTIALS = (AWS_ROLE = 'a') URL = 'u'", "CREDENTIALS = (AWS_ROLE = '‹masked›') URL = 'u'"),
    ("f(client_secret => 'a', name => 'b')", "f(client_secret => '‹masked›', name => 'b')"),
    ("MASTER_KEY = /* why */ $$a'b$$ TYPE = 'x'", "MASTER_KEY = /* why */ '‹masked›' TYPE = 'x'"),
    ("SELECT 'a' -- password = 'b'\n, 'c'", "SELECT 'a' -- password = 'b'\n, 'c'"),
    ("SELECT \"PASSWORD\", 'a\\'b' FROM t", "SELECT \"PASSWORD\", 'a\\'b' FROM t"),
    ("TOKEN 'a' (('b'))", "TOKEN '‹masked›' (('‹masked›'))"),
    ("PASSWORD =", "PASSWORD ="), ("", ""),
  ])
  func masks(_ sql: String, _ shown: String) { #expect(MaskedSQL(sql).text == shown) }

  @Test func takesTheValuesOutOfMessages() {
    let masked = MaskedSQL("ALTER USER u SET PASSWORD = hunter-two2")
    #expect(masked.mask("unexpected 'hunter' before 'hunter-two2'") == "unexpected '‹masked›' before '‹masked›'")
  }
}

struct RoleBindingTests {
  private static func token(_ claims: String) -> Secret {
    Secret("e30.\(Base64.encodeForURL(Array(claims.utf8))).c2ln")
  }

  @Test func scopesSayWhetherTheRoleMayChange() {
    #expect(RoleBinding(scopes: ["openid", "session:role:ANALYST"]) == .single)
    #expect(RoleBinding(scopes: ["SESSION:ROLE-ANY"]) == .free)
    #expect(RoleBinding(scopes: ["session:role:A", "session:role-any"]) == .free)
    #expect(RoleBinding(scopes: ["refresh_token"]) == .unknown)
  }

  @Test func aTokenThatCanBeReadSaysSoToo() {
    #expect(RoleBinding(token: Self.token(#"{"scp":"session:role:ANALYST"}"#)) == .single)
    #expect(RoleBinding(token: Self.token(#"{"scp":["x","session:role-any"]}"#)) == .free)
    #expect(RoleBinding(token: Self.token(#"{"scope":"session:role:ANALYST offline"}"#)) == .single)
    #expect(RoleBinding(token: Self.token("{")) == .unknown)
    #expect(RoleBinding(token: Secret("opaque")) == .unknown)
  }
}
