import SnowmakerModel

/// Statements that the fuzzers begin with, and the types that they name.
enum SQLCorpus {
  static let words = [
    "NULL", "TRUE", "DEFAULT", "0", "1", "-1", "99999999999999999999", "''", "'x'", "'%'", "$$", "$$x$$", "\"\"",
    "\"a b\"",
    "?", ":1", "$1", "$V", "IDENTIFIER('D.S.T')", "IDENTIFIER(?)", "->>", "=>", "::", "||", "!=", "<>", "*", "..", ";",
    "--", "/*", "*/", "//", "\\", "é", "\u{0}", "IF EXISTS", "IF NOT EXISTS", "OR REPLACE", "OR ALTER", "CASCADE",
    "RESTRICT", "WITH GRANT OPTION", "COPY CURRENT GRANTS", "FUTURE", "ALL", "TO SHARE X", "INHERITED", "APPLICATION",
    "ACCOUNT", "HISTORY", "TERSE", "LIKE", "STARTS WITH", "LIMIT", "FROM", "SNOWFLAKE", "INFORMATION_SCHEMA", "PUBLIC",
    "ACCOUNTADMIN", "SET", "UNSET", "RENAME TO", "SWAP WITH", "TAG", "CLONE", "AT (TIMESTAMP => 1)", "BEFORE",
  ]

  static let statements = [
    "CREATE OR REPLACE DATABASE D COMMENT = 'it''s' DATA_RETENTION_TIME_IN_DAYS = 1", "CREATE DATABASE E CLONE D",
    "CREATE SCHEMA IF NOT EXISTS D.S WITH MANAGED ACCESS", "CREATE TRANSIENT SCHEMA D.\"s x\"", "CREATE SCHEMA D.S",
    "CREATE TABLE D.S.T (A NUMBER(38,0) NOT NULL DEFAULT 1, B VARCHAR COMMENT $$x$$, PRIMARY KEY (A))",
    "CREATE TABLE D.S.U (A INT CONSTRAINT K UNIQUE, CONSTRAINT F FOREIGN KEY (A) REFERENCES T (A) ON DELETE SET NULL RELY)",
    "ALTER TABLE D.S.T DROP CONSTRAINT K CASCADE", "SHOW IMPORTED KEYS IN TABLE D.S.T",
    "CREATE OR ALTER TABLE D.S.T (A INT, C FLOAT) CLUSTER BY (A) CHANGE_TRACKING = TRUE",
    "ALTER TABLE D.S.T ADD COLUMN IF NOT EXISTS C INT, COLUMN E FLOAT", "ALTER TABLE D.S.T DROP COLUMN A, B",
    "ALTER TABLE D.S.T ALTER COLUMN A SET DATA TYPE NUMBER(10,2), COLUMN B DROP NOT NULL",
    "ALTER TABLE D.S.T RENAME COLUMN A TO \"a\"", "ALTER TABLE D.S.T SWAP WITH D.S.U", "UNDROP TABLE D.S.T",
    "CREATE TABLE D.S.U CLONE D.S.T COPY GRANTS", "CREATE TABLE D.S.L LIKE D.S.T",
    "CREATE OR ALTER WAREHOUSE W AUTO_SUSPEND = -60 COMMENT='x'", "ALTER WAREHOUSE W SET WAREHOUSE_SIZE = 'MEDIUM'",
    "ALTER WAREHOUSE IF EXISTS W RESUME IF SUSPENDED", "ALTER WAREHOUSE W UNSET COMMENT, AUTO_SUSPEND",
    "ALTER WAREHOUSE W RENAME TO W2", "CREATE VIEW D.S.V (A) AS SELECT A FROM T",
    "CREATE SECURE VIEW D.S.V AS SELECT 1",
    "CREATE SEQUENCE D.S.Q START WITH 1 INCREMENT BY 2 NOORDER", "ALTER SEQUENCE D.S.Q SET COMMENT = 'q'",
    "CREATE TASK D.S.K SCHEDULE = '1 MINUTE' AFTER A, B WHEN F(X) AS SELECT 1", "ALTER TASK D.S.K RESUME",
    "CREATE TAG D.S.G ALLOWED_VALUES 'a', 'b'", "ALTER TABLE D.S.T SET TAG D.S.G = 'a'",
    "ALTER TAG D.S.G ADD ALLOWED_VALUES 'c'", "ALTER TAG D.S.G DROP ALLOWED_VALUES 'a'",
    "CREATE FUNCTION D.S.F(A NUMBER, B VARCHAR DEFAULT 'x') RETURNS TABLE (C INT) LANGUAGE SQL AS 'x'",
    "DROP FUNCTION IF EXISTS D.S.F(NUMBER, VARCHAR)", "CREATE STREAM D.S.R ON TABLE D.S.T APPEND_ONLY = TRUE",
    "CREATE PROCEDURE D.S.P() RETURNS STRING LANGUAGE JAVASCRIPT EXECUTE AS OWNER AS $$ return 1; $$",
    "CREATE MASKING POLICY D.S.M AS (V STRING) RETURNS STRING -> CASE WHEN 1 THEN V END COMMENT = 'y'",
    "CREATE STAGE D.S.L DIRECTORY = (ENABLE = TRUE) FILE_FORMAT = (TYPE = CSV FIELD_DELIMITER = ',')",
    "CREATE NETWORK POLICY N ALLOWED_IP_LIST = ('10.0.0.0/8', '1.2.3.4') BLOCKED_IP_LIST = ()",
    "CREATE PIPE D.S.P AUTO_INGEST = TRUE AS COPY INTO D.S.T FROM @D.S.L",
    "CREATE USER ANN PASSWORD = 'pw' DEFAULT_ROLE = R TYPE = PERSON", "CREATE ROLE R", "CREATE DATABASE ROLE D.DR",
    "ALTER USER ANN SET DISABLED = TRUE, COMMENT = 'x'", "ALTER USER ANN UNSET DEFAULT_ROLE", "DROP USER ANN",
    "ALTER USER ANN ADD PROGRAMMATIC ACCESS TOKEN TK ROLE_RESTRICTION = 'R' DAYS_TO_EXPIRY = 3", "DROP ROLE R",
    "GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA D.S TO ROLE R WITH GRANT OPTION", "GRANT ROLE R TO USER ANN",
    "GRANT ROLE R TO ROLE SYSADMIN", "GRANT DATABASE ROLE D.DR TO ROLE R", "REVOKE ROLE R FROM USER ANN",
    "GRANT OWNERSHIP ON FUTURE TABLES IN DATABASE D TO ROLE R", "GRANT USAGE, MODIFY ON DATABASE D TO ROLE R",
    "GRANT ALL PRIVILEGES ON WAREHOUSE W TO DATABASE ROLE D.DR", "GRANT CREATE DATABASE ON ACCOUNT TO ROLE R",
    "GRANT OWNERSHIP ON SCHEMA D.S TO ROLE R COPY CURRENT GRANTS", "GRANT SELECT ON VIEW D.S.V TO ROLE R",
    "REVOKE GRANT OPTION FOR SELECT ON TABLE D.S.T FROM ROLE R", "GRANT EXECUTE TASK ON ACCOUNT TO ROLE R",
    "REVOKE USAGE ON DATABASE D FROM ROLE R CASCADE", "REVOKE ALL ON SCHEMA D.S FROM ROLE R",
    "SHOW TERSE TABLES LIKE '%\\\\_x' IN SCHEMA D.S STARTS WITH 'a' LIMIT 5 FROM 'b'", "SHOW OBJECTS IN DATABASE D",
    "SHOW GRANTS TO ROLE R", "SHOW FUTURE GRANTS IN SCHEMA D.S", "SHOW PARAMETERS LIKE 'x%' IN DATABASE D",
    "SHOW GRANTS ON TABLE D.S.T", "SHOW GRANTS OF ROLE R", "SHOW GRANTS", "SHOW GRANTS ON ACCOUNT", "SHOW USERS",
    "SHOW WAREHOUSES ->> SELECT \"name\", COUNT(*) FROM $1 WHERE \"size\" IN ('a', 'b') ORDER BY 1 DESC NULLS LAST "
      + "LIMIT 2 OFFSET 1",
    "SELECT * FROM D.INFORMATION_SCHEMA.TABLES T WHERE NOT (A = 1 OR B IS NOT NULL) AND C LIKE 'x' || 'y'",
    "SELECT GRANTEE_NAME, PRIVILEGE FROM SNOWFLAKE.ACCOUNT_USAGE.GRANTS_TO_ROLES WHERE DELETED_ON IS NULL LIMIT 3",
    "SELECT MAX(\"x\"), MIN(1) FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))", "SELECT GET_DDL('DATABASE', 'D', TRUE)",
    "SELECT CURRENT_USER(), -1.5e3, NULL, TRUE, CAST('1' AS NUMBER(3)), 'a'::INT, $V, ?", "SET V = 'x'", "UNSET (V, W)",
    "SELECT SYSTEM$TYPEOF(1), IFF(1 = 1, 2, 3), COALESCE(NULL, 'a'), UPPER('x'), CURRENT_AVAILABLE_ROLES()",
    "USE SECONDARY ROLES ALL", "USE DATABASE D", "USE ROLE R", "USE WAREHOUSE W", "USE SCHEMA D.S", "DESC USER ANN",
    "DESCRIBE TABLE D.S.T", "DESC WAREHOUSE W", "COMMENT ON TABLE D.S.T IS 'c'", "ROLLBACK", "BEGIN", "COMMIT",
    "ALTER SESSION SET TIMEZONE = 'UTC'", "ALTER ACCOUNT SET TIMEZONE = 'UTC'", "DROP DATABASE D", "UNDROP DATABASE D",
    "DROP SCHEMA D.S RESTRICT", "DROP TABLE IF EXISTS D.S.T", "ALTER SCHEMA D.S ENABLE MANAGED ACCESS",
    "ALTER DATABASE D RENAME TO E", "ALTER TABLE D.S.T RENAME TO D.S.W",
    "SELECT * FROM TABLE(D.INFORMATION_SCHEMA.POLICY_REFERENCES(POLICY_NAME => 'P'))", "/* c */ -- x\n;",
    "SHOW PARAMETERS IN ACCOUNT", "SHOW VARIABLES", "SHOW ROLES; SHOW USERS", "INSERT INTO D.S.T VALUES (?)",
    "PUT file:///tmp/x.csv @D.S.L/a AUTO_COMPRESS = FALSE", "GET @~/a file:///tmp/", "LIST @D.S.L PATTERN = '.*'",
    "REMOVE @~/a", "SELECT SYSTEM$CANCEL_QUERY('01')", "SELECT * FROM TABLE(RESULT_SCAN('01'))",
  ]

  /// What makes most of the statements above mean something.
  static let foundation = [
    "CREATE DATABASE D", "CREATE SCHEMA D.S", "CREATE TABLE D.S.T (A INT, B VARCHAR)", "CREATE ROLE R",
    "CREATE USER ANN", "GRANT ROLE R TO USER ANN", "GRANT USAGE ON DATABASE D TO ROLE R", "CREATE WAREHOUSE W",
    "CREATE STAGE D.S.L", "CREATE DATABASE ROLE D.DR", "CREATE TAG D.S.G", "CREATE VIEW D.S.V AS SELECT 1",
    "GRANT SELECT ON FUTURE TABLES IN SCHEMA D.S TO ROLE R", "CREATE TASK D.S.A AS SELECT 1",
  ]

  /// Types as plugins describe them, one of each shape.
  static let types: [TypeSchema] = [warehouse, stage, policy, pipe]

  private static let comment = AttributeSchema("comment", .text, property: "COMMENT", column: "comment").blankIsNull()

  private static let warehouse: TypeSchema = {
    var schema = TypeSchema(
      "warehouse", plural: "warehouses", sqlName: "WAREHOUSE", identity: [.name],
      attributes: [
        AttributeSchema("name", .identifier), comment,
        AttributeSchema(
          "warehouse_size", .enumeration(["XSMALL", "SMALL", "MEDIUM"], aliases: ["X-SMALL": "XSMALL"]),
          property: "WAREHOUSE_SIZE", column: "size"
        ).defaults(to: "XSMALL"),
        AttributeSchema("auto_suspend", .integer(minimum: 0), property: "AUTO_SUSPEND", column: "auto_suspend")
          .defaults(to: 600),
        AttributeSchema("auto_resume", .boolean, property: "AUTO_RESUME", column: "auto_resume").defaults(to: true),
        AttributeSchema("statement_timeout_in_seconds", .integer(minimum: 0), property: "STATEMENT_TIMEOUT_IN_SECONDS")
          .read(by: "parameters"),
      ])
    schema.reads = [
      ReadGroup("show", "SHOW WAREHOUSES", per: .account, shape: .rows),
      ReadGroup("parameters", "SHOW PARAMETERS IN WAREHOUSE {name}", per: .object, shape: .parameters),
    ]
    schema.privileges = ["APPLYBUDGET", "MODIFY", "MONITOR", "OPERATE", "USAGE"]
    schema.createPrivilege = "CREATE WAREHOUSE"
    schema.emulation = Emulation(showColumns: [
      EmulatedColumn("name", .fact("name")), EmulatedColumn("state", .fact("state")),
      EmulatedColumn("size", .attribute("warehouse_size"), echo: ["XSMALL": "X-Small"]),
      EmulatedColumn("auto_suspend", .attribute("auto_suspend")), EmulatedColumn("comment", .attribute("comment")),
    ])
    return schema
  }()

  private static let stage: TypeSchema = {
    var schema = TypeSchema(
      "stage", plural: "stages", sqlName: "STAGE", identity: [.database, .schema, .name],
      attributes: [
        AttributeSchema("name", .identifier), comment,
        AttributeSchema("url", .text, property: "URL", column: "url"),
        AttributeSchema(
          "directory", .record([AttributeSchema("enable", .boolean, property: "ENABLE").required()]),
          property: "DIRECTORY"
        ).read(by: "describe"),
        AttributeSchema(
          "file_format",
          .record([
            AttributeSchema("format_name", .name, property: "FORMAT_NAME"),
            AttributeSchema("type", .enumeration(["CSV", "JSON"], aliases: [:]), property: "TYPE").defaults(to: "CSV"),
            AttributeSchema("field_delimiter", .text, property: "FIELD_DELIMITER").defaults(to: ",").bareWords("NONE"),
          ]), property: "FILE_FORMAT"
        ).read(by: "describe"),
      ])
    schema.reads = [ReadGroup("describe", "DESCRIBE STAGE {name}", per: .object, shape: .properties)]
    schema.privileges = ["READ", "WRITE", "USAGE"]
    schema.emulation = Emulation(
      showColumns: [
        EmulatedColumn("created_on", .fact("created_on")), EmulatedColumn("name", .fact("name")),
        EmulatedColumn("owner", .fact("owner")), EmulatedColumn("type", .fact("stage_type")),
      ], describeShape: .properties)
    return schema
  }()

  private static let policy: TypeSchema = {
    var schema = TypeSchema(
      "network_policy", plural: "network_policies", sqlName: "NETWORK POLICY", sqlPlural: "NETWORK POLICIES",
      identity: [.name],
      attributes: [
        AttributeSchema("name", .identifier), comment,
        AttributeSchema("allowed_ip_list", .set(.text), property: "ALLOWED_IP_LIST"),
        AttributeSchema("blocked_ip_list", .set(.text), property: "BLOCKED_IP_LIST"),
      ])
    schema.emulation = Emulation(
      showColumns: [EmulatedColumn("name", .fact("name")), EmulatedColumn("comment", .attribute("comment"))],
      describeShape: .properties)
    return schema
  }()

  private static let pipe: TypeSchema = {
    var schema = TypeSchema(
      "pipe", plural: "pipes", sqlName: "PIPE", identity: [.database, .schema, .name],
      attributes: [
        AttributeSchema("name", .identifier), comment,
        AttributeSchema("auto_ingest", .boolean, property: "AUTO_INGEST"),
        AttributeSchema("copy_statement", .sql, property: "AS", column: "definition").required(),
      ])
    schema.emulation = Emulation(
      showColumns: [EmulatedColumn("name", .fact("name")), EmulatedColumn("definition", .attribute("copy_statement"))])
    return schema
  }()
}
