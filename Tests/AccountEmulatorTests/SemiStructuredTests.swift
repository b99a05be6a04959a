import Testing

@testable import AccountEmulator

@Suite struct SemiStructuredTests {
  private func account() throws -> TestAccount {
    let account = try TestAccount()
    try account.run("ALTER SESSION SET JSON_INDENT = 0")
    return account
  }

  private func value(_ expression: String) throws -> String? { try account().run("SELECT " + expression).rows[0][0] }

  /// As the service writes them when nothing is set.
  @Test func resultsAreIndented() throws {
    let account = try TestAccount()
    let sql = "SELECT {'a': [1, {}], 'b': 'x'}, PARSE_JSON('\"x\"'), [], {'a': 1}::VARCHAR"
    let indented = "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": \"x\"\n}"
    #expect(try account.run(sql).rows == [[indented, "\"x\"", "[]", "{\"a\":1}"]])
  }

  @Test func objectConstantsLeaveOutWhatIsNull() throws {
    #expect(try value("{'b': 'x', 'a': 1, 'c': NULL}") == #"{"a":1,"b":"x"}"#)
    #expect(try value("{}") == "{}")
    #expect(try value("{'a':{'b':[1, 'two', TRUE]}}") == #"{"a":{"b":[1,"two",true]}}"#)
    #expect(try value("OBJECT_CONSTRUCT_KEEP_NULL('a', NULL)") == #"{"a":null}"#)
    #expect(try value("NULLIF({'a': NULL}, {})") == nil)
    let account = try TestAccount()
    #expect(account.failure("SELECT {'a': 1, 'a': 2}")?.code == "100103")
    #expect(account.failure("SELECT {a: 1}")?.code == "001003")
    #expect(account.failure("SELECT {'a': 1")?.code == "001003")
    #expect(account.failure("SELECT [1, NULL]")?.code == "000002")
  }

  /// `:x` is a placeholder elsewhere; after a key the colon belongs to the key.
  @Test func colonsWithoutBlanks() throws {
    let account = try account()
    let sql = "SELECT {'a':x, 'b':1.5, 'c':2, 'd':UPPER(x), 'e':v.x} FROM (VALUES ('y')) v(x)"
    #expect(try account.run(sql).rows == [[#"{"a":"y","b":1.5,"c":2,"d":"Y","e":"y"}"#]])
    let result = try account.engine.execute(
      "SELECT {'a': :1}", bindings: ["1": StatementBinding(type: "TEXT", values: ["x"])],
      describeOnly: false, queryID: "02", parameters: [:], in: account.session)
    #expect(result.rows == [[#"{"a":"x"}"#]])
  }

  @Test func arraysOfObjects() throws {
    let account = try account()
    let result = try account.run(
      """
      SELECT k, ARRAY_AGG(NULLIF({'v': v}, {})) AS a, ARRAY_SIZE(COALESCE(NULL, [])),
      FROM (VALUES (1, 'x'), (1, 'y'), (2, NULL)) t(k, v) GROUP BY k ORDER BY k
      """)
    #expect(result.rows == [["1", #"[{"v":"x"},{"v":"y"}]"#, "0"], ["2", "[]", "0"]])
    #expect(result.columns[1].type == .array)
  }

  @Test func variantsAndCasts() throws {
    #expect(try value("TO_VARIANT('a')") == #""a""#)
    #expect(try value("TO_VARIANT(1)::VARCHAR || TO_VARIANT('a')::VARCHAR") == "1a")
    #expect(try value("PARSE_JSON('{\"b\": 1, \"a\": [true]}')") == #"{"a":[true],"b":1}"#)
    #expect(try value("PARSE_JSON('7')::INT + 1") == "8")
    #expect(try value("TRY_PARSE_JSON('{')") == nil)
    #expect(try value("'1.255'::NUMBER(10,2)") == "1.26")
    #expect(try value("-2.5::INT") == "-3")
    #expect(try value("'99.95'::NUMBER(5,1)") == "100.0")
    #expect(try value("TRY_CAST('x' AS INT)") == nil)
    #expect(try value("'10:20:30'::TIME") == "37230.000000000")
    #expect(try value("'10:20:30'::TIME::VARCHAR || ('6a'::BINARY)::VARCHAR") == "10:20:306A")
    let account = try TestAccount()
    #expect(account.failure("SELECT 'x'::INT")?.code == "100038")
    #expect(account.failure("SELECT PARSE_JSON('{')")?.code == "100069")
    #expect(account.failure("SELECT 'x'::BINARY")?.code == "100115")
    #expect(account.failure("SELECT 'x'::TIME")?.code == "100108")
    #expect(account.failure("SELECT 1::NONSENSE")?.code == "001003")
  }

  @Test func momentsByFormat() throws {
    let moment = "'2026-11-21 15:04:05'::TIMESTAMP"
    #expect(try value("TO_VARCHAR(\(moment), 'yyyy-mm-dd HH24:MI'||'UTC')") == "2026-11-21 15:04UTC")
    #expect(try value("TO_CHAR(\(moment), 'DY, DD MON YY HH12:MI:SS.FF3 AM')") == "Sat, 21 Nov 26 03:04:05.000 PM")
    #expect(try value("TO_VARCHAR(CONVERT_TIMEZONE('UTC', \(moment)), 'HH24')") == "23")
    #expect(try value("CONVERT_TIMEZONE('UTC', 'Asia/Tokyo', \(moment))::VARCHAR") == "2026-11-22 00:04:05.000")
    #expect(try TestAccount().failure("SELECT CONVERT_TIMEZONE('Asia/Nowhere', \(moment))")?.code == "100294")
  }
}
