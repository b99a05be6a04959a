import SnowmakerModel
import Synchronization
import Testing

@testable import AccountEmulator

/// DCM projects: definition files that the server plans and deploys.
@Suite struct ProjectTests {
  /// An account with a project, and files on its stage.
  private final class Files: Sendable {
    let texts = Mutex<[String: String]>([:])
    /// What was written to stages.
    let written = Mutex<[String: String]>([:])
  }

  private final class Fixture {
    let account: TestAccount
    private let files = Files()

    init(_ definitions: String, manifest: String? = nil) throws {
      account = try TestAccount()
      write(definitions)
      write(
        manifest ?? "manifest_version: 2\ntype: DCM_PROJECT\ntemplating:\n  defaults: {suffix: _X}\n  configurations:\n"
          + "    DEV: {suffix: _DEV}\n", to: "manifest.yml")
      account.engine.useStages(
        StageAccess(
          read: { [files] _ in files.texts.withLock { $0.map { ("p/" + $0.key, Array($0.value.utf8)) } } },
          write: { [files] _, path, content in
            files.written.withLock { $0[path] = String(decoding: content, as: UTF8.self) }
            return true
          }))
      try account.runAll("CREATE DATABASE A\nCREATE DCM PROJECT A.PUBLIC.P\nCREATE TEMPORARY STAGE A.PUBLIC.S")
    }

    var written: [String: String] { files.written.withLock { $0 } }

    func write(_ text: String, to path: String = "sources/definitions/a.sql") {
      files.texts.withLock { $0[path] = text }
    }

    @discardableResult
    func execute(_ what: String, from: String = " FROM @A.PUBLIC.S/p") throws -> Value {
      let result = try account.run("EXECUTE DCM PROJECT A.PUBLIC.P \(what)\(from)")
      return try JSON.decode(Array((result.rows[0][0] ?? "").utf8))
    }

    func failure(_ what: String, from: String = " FROM @A.PUBLIC.S/p") -> String {
      account.failure("EXECUTE DCM PROJECT A.PUBLIC.P \(what)\(from)")?.message ?? "it ran"
    }
  }

  /// `CREATE TABLE "D"."S"."T"` and so on, sorted.
  private func entries(_ document: Value) -> [String] {
    document["changeset"].list.map {
      "\($0["type"].string ?? "") \($0["object_id"]["domain"].string ?? "") \($0["object_id"]["fqn"].string ?? "")"
    }.sorted()
  }

  private static let definitions = """
    GRANT SELECT ON TABLE D{{ suffix }}.S.T TO ROLE R;
    DEFINE TABLE D{{ suffix }}.S.T (A INT, B VARCHAR);
    DEFINE SCHEMA D{{ suffix }}.S COMMENT = 'one';
    DEFINE DATABASE D{{ suffix }};
    DEFINE ROLE R;
    """

  @Test func aPlanSaysWhatADeploymentDoes() throws {
    let project = try Fixture(Self.definitions)
    let planned = try project.execute("PLAN")
    #expect(planned["version"] == 2)
    #expect(
      entries(planned) == [
        "CREATE DATABASE \"D_X\"", "CREATE ROLE \"R\"", "CREATE SCHEMA \"D_X\".\"S\"",
        "CREATE TABLE \"D_X\".\"S\".\"T\"",
      ])
    #expect(project.account.failure("DESC TABLE D_X.S.T")?.code == "002003", "a plan changes nothing")
    #expect(try project.account.rows("SHOW DEPLOYMENTS IN DCM PROJECT A.PUBLIC.P").isEmpty)
    #expect(entries(try project.execute("DEPLOY AS \"first\"")) == entries(planned))
    #expect(try project.account.column("name", "DESC TABLE D_X.S.T") == ["A", "B"])
    #expect(try project.account.column("privilege", "SHOW GRANTS TO ROLE R") == ["SELECT"])
    #expect(entries(try project.execute("PLAN")).isEmpty)
    let deployments = try project.account.rows("SHOW DEPLOYMENTS IN DCM PROJECT A.PUBLIC.P")
    #expect(deployments.map { $0["name"] } == ["DEPLOYMENT$1"])
    #expect(deployments.map { $0["alias"] } == ["first"])
    let described = try project.account.rows("DESC DCM PROJECT A.PUBLIC.P")[0]
    #expect(described["last_executed_version_name"] == "DEPLOYMENT$1")
    #expect(described["last_executed_source_path"] == "@A.PUBLIC.S/p")
  }

  @Test func whatLeavesTheDefinitionsIsDroppedAndRevoked() throws {
    let project = try Fixture(Self.definitions)
    try project.execute("DEPLOY")
    project.write(
      """
      DEFINE DATABASE D{{ suffix }};
      DEFINE SCHEMA D{{ suffix }}.S COMMENT = 'two';
      DEFINE ROLE R;
      GRANT USAGE ON SCHEMA D{{ suffix }}.S TO ROLE R WITH GRANT OPTION;
      """)
    let planned = try project.execute("PLAN")
    #expect(
      entries(planned) == ["ALTER ROLE \"R\"", "ALTER SCHEMA \"D_X\".\"S\"", "DROP TABLE \"D_X\".\"S\".\"T\""])
    let comment = planned["changeset"].list.first { $0["object_id"]["domain"] == "SCHEMA" }?["changes"].list.first
    #expect(comment?["kind"] == "changed")
    #expect(comment?["attribute_name"] == "comment")
    #expect(comment?["value"] == "two")
    #expect(comment?["prev_value"] == "one")
    let grants = planned["changeset"].list.first { $0["object_id"]["domain"] == "ROLE" }?["changes"].list.first
    #expect(grants?["collection_name"] == "grants")
    #expect(
      Set(grants?["changes"].list.map { "\($0["kind"].string ?? "") \($0["item_id"]["desc"].string ?? "")" } ?? [])
        == ["added ON SCHEMA D_X.S", "removed ON TABLE D_X.S.T"])
    try project.execute("DEPLOY")
    #expect(project.account.failure("DESC TABLE D_X.S.T")?.code == "002003")
    #expect(try project.account.column("privilege", "SHOW GRANTS TO ROLE R") == ["USAGE"])
    // A grant alone leaves too.
    project.write("DEFINE DATABASE D{{ suffix }}; DEFINE SCHEMA D{{ suffix }}.S COMMENT = 'two'; DEFINE ROLE R")
    try project.execute("DEPLOY")
    #expect(try project.account.rows("SHOW GRANTS TO ROLE R").isEmpty)
    // An earlier deployment can be deployed again.
    try project.execute("DEPLOY", from: " FROM DEPLOYMENT \"DEPLOYMENT$1\"")
    #expect(try project.account.column("name", "DESC TABLE D_X.S.T") == ["A", "B"])
    #expect(entries(try project.execute("PURGE AS \"end\"", from: "")).count == 4)
    #expect(project.account.failure("DESC DATABASE D_X")?.code == "002003")
    try project.account.run("ALTER DCM PROJECT A.PUBLIC.P DROP DEPLOYMENT \"end\"")
    #expect(
      project.account.failure("ALTER DCM PROJECT A.PUBLIC.P DROP DEPLOYMENT \"end\"")?.message
        .contains("Deployment does not exist") == true)
    try project.account.run("ALTER DCM PROJECT A.PUBLIC.P DROP DEPLOYMENT IF EXISTS \"end\"")
  }

  @Test func templatesTakeTheConfigurationsValues() throws {
    let project = try Fixture("{{ area('one') }}\n{% for n in names | default([]) %}DEFINE ROLE {{ n }};{% endfor %}")
    project.write(
      "{% macro area(name) %}DEFINE DATABASE {{ name | upper }}{{ suffix }};{% endmacro %}", to: "sources/macros/m.sql")
    #expect(entries(try project.execute("PLAN")) == ["CREATE DATABASE \"ONE_X\""])
    #expect(entries(try project.execute("PLAN USING CONFIGURATION dev")) == ["CREATE DATABASE \"ONE_DEV\""])
    #expect(
      entries(try project.execute("PLAN USING CONFIGURATION DEV (suffix => '_Z', names => ('A', 'B'))"))
        == ["CREATE DATABASE \"ONE_Z\"", "CREATE ROLE \"A\"", "CREATE ROLE \"B\""])
    #expect(project.failure("PLAN USING CONFIGURATION NOPE").contains("no templating configuration 'NOPE'"))
  }

  @Test func blocksKeepTheirSemicolons() throws {
    let project = try Fixture(
      """
      DEFINE DATABASE D; DEFINE SCHEMA D.S; DEFINE WAREHOUSE W WITH WAREHOUSE_SIZE = 'XSMALL';
      DEFINE TASK D.S.T WAREHOUSE = W SCHEDULE = '60 MINUTES' AS
      BEGIN
        IF (1 = 1) THEN SELECT CASE WHEN TRUE THEN 1 END; END IF;
        SELECT 2;
      END;
      DEFINE VIEW D.S.V AS SELECT 1 AS A;
      """)
    #expect(entries(try project.execute("DEPLOY")).count == 5)
    #expect(entries(try project.execute("PLAN")).isEmpty)
    #expect(try project.account.column("definition", "SHOW TASKS IN SCHEMA D.S")[0]?.hasSuffix("END") == true)
  }

  @Test func whatFailsLeavesTheAccountAsItWas() throws {
    let project = try Fixture("DEFINE DATABASE D;\nDEFINE TABLE D.NOPE.T (A INT);")
    #expect(project.failure("DEPLOY").hasPrefix("sources/definitions/a.sql, line 2: SQL compilation error"))
    #expect(project.account.failure("DESC DATABASE D")?.code == "002003")
    for (definitions, part) in [
      ("DEFINE TABLE T (A INT)", "not fully qualified"), ("DEFINE ROLE R; DEFINE ROLE R", "defined more than once"),
      ("DROP DATABASE A", "DROP in a definition file"), ("ATTACH DATA METRIC FUNCTION F TO TABLE T ON (A)", "ATTACH"),
      ("DEFINE USER U", "DEFINE USER"), ("DEFINE ROLE {{ nope }}", "line 1: 'nope' is undefined"),
      ("DEFINE ROLE R; GRANT ROLE NOPE TO ROLE R", "NOPE"),
    ] {
      project.write(definitions)
      #expect(project.failure("DEPLOY").contains(part), "\(definitions): \(project.failure("DEPLOY"))")
    }
    project.write("DEFINE ROLE R")
    project.write("type: DCM_PROJECT", to: "manifest.yml")
    #expect(project.failure("PLAN").contains("manifest_version"))
    #expect(project.failure("TEST", from: " FROM @A.PUBLIC.S/p SCRIPTS (\"x\")").contains("TEST with scripts"))
    #expect(project.failure("PLAN", from: " FROM 'snow://workspace/x'").contains("snow://workspace/x"))
  }

  @Test func privilegesOfAProject() throws {
    let project = try Fixture("DEFINE ROLE BY_PROJECT")
    try project.account.runAll(
      """
      CREATE ROLE PLANNER
      CREATE USER P PASSWORD = 'pw'
      GRANT ROLE PLANNER TO USER P
      GRANT USAGE ON DATABASE A TO ROLE PLANNER
      GRANT USAGE ON SCHEMA A.PUBLIC TO ROLE PLANNER
      GRANT READ ON DCM PROJECT A.PUBLIC.P TO ROLE PLANNER
      CREATE STAGE A.PUBLIC.KEPT
      GRANT READ ON STAGE A.PUBLIC.KEPT TO ROLE PLANNER
      """)
    let planner = try project.account.login("P", "PLANNER")
    let plan = "EXECUTE DCM PROJECT A.PUBLIC.P PLAN FROM '@A.PUBLIC.KEPT/p'"
    #expect(project.account.failure(plan, in: planner)?.code == "003001")
    try project.account.run("GRANT PLAN ON DCM PROJECT A.PUBLIC.P TO ROLE PLANNER")
    // It runs with what the owner may do.
    #expect(try project.account.run(plan, in: planner).rows[0][0]?.contains("BY_PROJECT") == true)
    #expect(
      project.account.failure("EXECUTE DCM PROJECT A.PUBLIC.P DEPLOY FROM '@A.PUBLIC.KEPT/p'", in: planner)?.code
        == "003001")
    #expect(project.account.failure("GRANT NONSENSE ON DCM PROJECT A.PUBLIC.P TO ROLE PLANNER") != nil)
  }

  /// What the environment gives, as the manifest declares it; secrets are kept nowhere.
  @Test func environmentVariables() throws {
    let project = try Fixture(
      "DEFINE ROLE R_{{ _snow.env_var('REGION') }} COMMENT = '{{ _snow.env_secret('KEY') }}';",
      manifest:
        "manifest_version: 2\ntype: DCM_PROJECT\ntemplating:\n  env_vars: [{REGION: null}]\n  env_secrets: [{KEY: null}]\n"
    )
    let given = "ENVIRONMENT ('{\"REGION\": \"EU\", \"KEY\": \"s3cret\", \"OTHER\": \"x\"}')"
    #expect(project.failure("PLAN").contains("env_var('REGION') is not declared in the manifest, or not given"))
    try project.execute("DEPLOY AS \"one\" " + given)
    #expect(try project.account.rows("SHOW ROLES LIKE 'R_EU'").map { $0["comment"] ?? nil } == ["s3cret"])
    let planned = try project.execute("PLAN ENVIRONMENT ('{\"REGION\": \"US\", \"KEY\": \"s3cret\"}')")
    #expect(JSON.string(planned).contains("***") && !JSON.string(planned).contains("s3cret"))
    // A deployment has the variable, and no secret.
    let again = project.failure("PLAN", from: " FROM DEPLOYMENT \"one\"")
    #expect(again.contains("env_secret('KEY')"))
    project.write("DEFINE ROLE R_{{ _snow.env_var('OTHER') }};")
    #expect(project.failure("PLAN " + given).contains("env_var('OTHER')"))
    for wrong in ["('x')", "('[]')", "('{\"A\": 1}')"] {
      #expect(project.failure("PLAN ENVIRONMENT " + wrong).contains("JSON object"), Comment(rawValue: wrong))
    }
  }

  @Test func artifactsAreWrittenToTheOutputPath() throws {
    let project = try Fixture(
      "DEFINE ROLE R{{ suffix }} COMMENT = '{{ _snow.env_secret('KEY') }}';",
      manifest:
        "manifest_version: 2\ntype: DCM_PROJECT\ntemplating:\n  defaults: {suffix: _X}\n  env_secrets: [{KEY: null}]\n")
    try project.account.run("CREATE TEMPORARY STAGE A.PUBLIC.OUT")
    let answer = try project.execute(
      "PLAN ENVIRONMENT ('{\"KEY\": \"s3cret\"}')", from: " FROM @A.PUBLIC.S/p OUTPUT_PATH @A.PUBLIC.OUT/outputs")
    #expect(project.written["outputs/sources/definitions/a.sql"] == "DEFINE ROLE R_X COMMENT = '***';")
    let written = try #require(project.written["outputs/plan_result.json"])
    #expect(try JSON.decode(Array(written.utf8)) == answer)
    #expect(project.failure("PLAN", from: " FROM @A.PUBLIC.S/p OUTPUT_PATH @A.PUBLIC.NOPE/x").contains("NOPE"))
  }

  @Test func analysisReportsInsteadOfFailing() throws {
    let project = try Fixture("DEFINE ROLE R;\nDEFINE DATABASE D;\nGRANT USAGE ON DATABASE D TO ROLE R;")
    let found = try project.execute("ANALYZE")
    #expect(found["issues"].list.isEmpty)
    let file = found["files"].list[0]
    #expect(file["source_path"].string == "sources/definitions/a.sql")
    #expect(file["definitions"].list.map { $0["line"].int } == [1, 2, 3])
    #expect(file["definitions"].list[1]["object_id"]["domain"].string == "DATABASE")
    #expect(project.account.failure("DESC DATABASE D")?.code == "002003")
    project.write("DEFINE NONSENSE X;")
    project.write("DEFINE ROLE {{ nope }};", to: "sources/definitions/b.sql")
    let issues = try project.execute("ANALYZE")["files"].list.map { $0["issues"].list[0]["message"].string ?? "" }
    #expect(issues.count == 2 && issues[0].contains("line 1") && issues[1].contains("'nope' is undefined"))
    project.write("GRANT ROLE MISSING TO ROLE SYSADMIN;")
    project.write("", to: "sources/definitions/b.sql")
    #expect(try project.execute("ANALYZE")["issues"].list[0]["message"].string?.contains("MISSING") == true)
  }

  @Test func previewsOfViewsAndTables() throws {
    let project = try Fixture(
      "DEFINE DATABASE D;\nDEFINE TABLE D.PUBLIC.T (A INT, B VARCHAR(3));\n"
        + "DEFINE VIEW D.PUBLIC.V (N) AS SELECT * FROM VALUES (1), (2), (3);\n"
        + "DEFINE VIEW D.PUBLIC.W AS SELECT COUNT(*) AS C FROM D.PUBLIC.T;")
    func preview(_ rest: String, _ after: String = "") throws -> StatementResult {
      try project.account.run("EXECUTE DCM PROJECT A.PUBLIC.P PREVIEW \(rest) FROM @A.PUBLIC.S/p\(after)")
    }
    let rows = try preview("D.PUBLIC.V", " LIMIT 2")
    #expect(rows.rows == [["1"], ["2"]] && rows.columns.map(\.name) == ["N"])
    let table = try preview("D.PUBLIC.T")
    #expect(table.rows.isEmpty && table.columns.map(\.name) == ["A", "B"])
    #expect(try preview("D.PUBLIC.W").rows == [["0"]])
    #expect(project.account.failure("DESC DATABASE D")?.code == "002003")
    #expect(project.failure("PREVIEW D.PUBLIC.X").contains("define no table, view or dynamic table"))
  }

  @Test func refreshAndTest() throws {
    let project = try Fixture(
      "DEFINE DATABASE D;\nDEFINE WAREHOUSE W WITH WAREHOUSE_SIZE = XSMALL;\nDEFINE DYNAMIC TABLE D.PUBLIC.T "
        + "TARGET_LAG = '1 hour' WAREHOUSE = W AS SELECT 1 AS A;")
    func tables() throws -> [Value] {
      try project.execute("REFRESH ALL", from: "")["dts_refresh_result"]["refreshed_tables"].list
    }
    #expect(try tables().isEmpty)
    try project.execute("DEPLOY")
    #expect(try tables().map { $0["table_name"].string } == ["D.PUBLIC.T"])
    #expect(try tables()[0]["statistics"]["inserted_rows"].int == 0)
    #expect(try project.execute("TEST ALL", from: "")["expectations"].list.isEmpty)
  }
}
