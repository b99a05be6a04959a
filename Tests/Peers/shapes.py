#!/usr/bin/env python3
"""Asks a running emulator every form of statement that the field's tools send, and reports those it refuses.

Usage: shapes.py PORT USER PASSWORD_VARIABLE

The forms are put together here from what each tool is known to send: object types, privileges and questions.
"""

import json
import os
import sys
import urllib.request

port, user, password = sys.argv[1], sys.argv[2], os.environ[sys.argv[3]]
token = None


def post(path, body):
    headers = {"Content-Type": "application/json", "Accept": "application/snowflake"}
    if token:
        headers["Authorization"] = f'Snowflake Token="{token}"'
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}?requestId={os.urandom(8).hex()}", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


token = post("/session/v1/login-request", {"data": {
    "LOGIN_NAME": user, "PASSWORD": password, "ACCOUNT_NAME": "emulator"}})["data"]["token"]

SCHEMA = '"DB"."SC"'
statements = [
    'CREATE DATABASE "DB" COMMENT = \'x\'', "CREATE DATABASE DB2 COMMENT = $$x$$",
    "CREATE DATABASE DB3 DATA_RETENTION_TIME_IN_DAYS = 1 MAX_DATA_EXTENSION_TIME_IN_DAYS = 14 COMMENT = $$x$$",
    f"CREATE SCHEMA {SCHEMA} WITH MANAGED ACCESS COMMENT = 'x'", "CREATE SCHEMA DB2.S",
    "CREATE SCHEMA DB3.S DATA_RETENTION_TIME_IN_DAYS = 1 MAX_DATA_EXTENSION_TIME_IN_DAYS = 14",
    'CREATE ROLE "RO"', "CREATE ROLE R2 COMMENT = 'x'", "CREATE ROLE R3 COMMENT = $$x$$",
    "CREATE WAREHOUSE \"WH\" WAREHOUSE_TYPE = 'STANDARD' WAREHOUSE_SIZE = 'XSMALL' AUTO_SUSPEND = 60 AUTO_RESUME = TRUE "
    "INITIALLY_SUSPENDED = TRUE GENERATION = '1' MIN_CLUSTER_COUNT = 1 MAX_CLUSTER_COUNT = 1 SCALING_POLICY = 'STANDARD' "
    "ENABLE_QUERY_ACCELERATION = FALSE QUERY_ACCELERATION_MAX_SCALE_FACTOR = 8 COMMENT = 'x'",
]
for size in ["XSMALL", "SMALL", "MEDIUM"]:
    plain = (f"CREATE WAREHOUSE {{}}{size} warehouse_type = 'STANDARD' warehouse_size = {size} MAX_CLUSTER_COUNT = 1 "
             "MIN_CLUSTER_COUNT = 1 scaling_policy = STANDARD AUTO_SUSPEND = 60 AUTO_RESUME = TRUE "
             "INITIALLY_SUSPENDED = FALSE COMMENT = $$x$$")
    statements += [plain.format("A"), plain.format("B") + " ENABLE_QUERY_ACCELERATION = FALSE "
                   "QUERY_ACCELERATION_MAX_SCALE_FACTOR = 8 MAX_CONCURRENCY_LEVEL = 8 "
                   "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS = 0 STATEMENT_TIMEOUT_IN_SECONDS = 172800"]
statements += [
    "CREATE USER \"U1\" LOGIN_NAME = 'U1' DISPLAY_NAME = 'U1' DEFAULT_WAREHOUSE = 'WH' DEFAULT_ROLE = \"RO\" TYPE = 'SERVICE'",
    "CREATE USER \"U2\" LOGIN_NAME = 'U2' DISPLAY_NAME = 'U2' EMAIL = 'u@example.org' DEFAULT_WAREHOUSE = 'WH' DEFAULT_ROLE = \"RO\"",
    "CREATE USER U3 DISABLED = FALSE DEFAULT_WAREHOUSE = $$WH$$ DEFAULT_ROLE = $$RO$$ type = SERVICE",
    "CREATE USER U4 LOGIN_NAME = $$U4$$ DISPLAY_NAME = $$U4$$ EMAIL = $$u@example.org$$ MUST_CHANGE_PASSWORD = FALSE "
    "DISABLED = FALSE DEFAULT_WAREHOUSE = $$WH$$ DEFAULT_ROLE = $$RO$$ type = PERSON",
    "ALTER USER U3 SET DISABLED = FALSE",
    "CREATE NETWORK POLICY \"NP\" ALLOWED_IP_LIST = ('10.0.0.0/8', '127.0.0.1') BLOCKED_IP_LIST = ('10.1.1.1') COMMENT = 'x'",
    "CREATE NETWORK POLICY NP2 ALLOWED_IP_LIST = ($$10.0.0.0/8$$) BLOCKED_IP_LIST = ($$10.1.1.1$$) COMMENT = $$x$$",
    f"CREATE STAGE {SCHEMA}.\"ST\" DIRECTORY = ( ENABLE = TRUE ) COMMENT = 'x'",
    "CREATE STAGE DB2.S.ST directory = (ENABLE = TRUE) COMMENT = $$x$$",
    "create stage if not exists IDENTIFIER('DB2.S.ST') encryption = (type = 'SNOWFLAKE_SSE')",
    "create temporary stage if not exists IDENTIFIER('DB2.S.TMP')",
    'DESC NETWORK POLICY "NP"', f'DESC STAGE {SCHEMA}."ST"', "DESC USER U4", "GRANT ROLE R2 TO ROLE SYSADMIN",
    'GRANT ROLE "RO" TO ROLE "R2"', 'GRANT ROLE "RO" TO USER "U1"',
]
for kind in ["FILE FORMAT", "FUNCTION", "PROCEDURE", "STAGE", "TABLE", "VIEW"]:
    statements.append(f'GRANT CREATE {kind} ON SCHEMA {SCHEMA} TO ROLE "RO"')
for privilege in ["MONITOR", "OPERATE", "USAGE"]:
    statements += [f'GRANT {privilege} ON WAREHOUSE "WH" TO ROLE "RO"']
for kind in ["DATABASE \"DB\"", f"SCHEMA {SCHEMA}"]:
    statements.append(f'GRANT USAGE ON {kind} TO ROLE "RO"')
for privilege in ["READ", "WRITE"]:
    statements.append(f"GRANT {privilege} ON STAGE DB2.S.ST TO ROLE R2")
several = {
    "SELECT": ["TABLES", "VIEWS", "EXTERNAL TABLES", "MATERIALIZED VIEWS", "DYNAMIC TABLES", "STREAMS"],
    "REFERENCES": ["TABLES", "VIEWS", "EXTERNAL TABLES", "MATERIALIZED VIEWS"],
    "INSERT": ["TABLES"], "UPDATE": ["TABLES"], "DELETE": ["TABLES"], "TRUNCATE": ["TABLES"],
    "USAGE": ["FILE FORMATS", "FUNCTIONS", "PROCEDURES", "SEQUENCES", "STAGES"], "READ": ["STAGES"], "WRITE": ["STAGES"],
}
for reach in ["ALL", "FUTURE"]:
    for privilege, kinds in several.items():
        for kind in kinds:
            statements.append(f'GRANT {privilege} ON {reach} {kind} IN SCHEMA {SCHEMA} TO ROLE "RO"')
    for kind in ["ALERTS", "DYNAMIC TABLES", "EVENT TABLES", "EXTERNAL TABLES", "FILE FORMATS", "FUNCTIONS",
                 "MATERIALIZED VIEWS", "PROCEDURES", "SEQUENCES", "STAGES", "STREAMS", "TABLES", "TASKS", "VIEWS", "PIPES"]:
        if reach == "FUTURE" or kind != "PIPES":
            tail = " COPY CURRENT GRANTS" if reach == "ALL" else ""
            statements.append(f'GRANT OWNERSHIP ON {reach} {kind} IN SCHEMA {SCHEMA} TO ROLE "RO"{tail}')
    for kind in ["tables", "views"]:
        statements.append(f"GRANT select ON {reach} {kind} IN schema db2.s TO ROLE r2")
    statements.append(f"GRANT select, insert, update, delete, truncate, references ON {reach} tables IN schema db2.s TO ROLE r2")
statements += [
    "GRANT usage, monitor, create table, create view, create stage, create file format, create sequence, create function, "
    "create pipe ON schema db2.s TO ROLE r2", "ROLLBACK",
    "SELECT * FROM TABLE(snowflake.information_schema.policy_references(policy_name => 'NP', policy_kind => 'NETWORK_POLICY'))",
    "SELECT CURRENT_ACCOUNT() AS a, CURRENT_REGION() AS r, CURRENT_SESSION() AS s, CURRENT_USER() AS u, CURRENT_ROLE() AS o, "
    "CURRENT_WAREHOUSE() AS w, IS_ROLE_IN_SESSION('ACCOUNTADMIN') AS i, SYSTEM$BOOTSTRAP_DATA_REQUEST('ACCOUNT') AS b, "
    "SYSTEM$SHOW_ACTIVE_BEHAVIOR_CHANGE_BUNDLES() AS c",
    "SELECT CURRENT_ACCOUNT_NAME() as account, CURRENT_AVAILABLE_ROLES() as r, CURRENT_SECONDARY_ROLES() as s, "
    "CURRENT_DATABASE() as database, CURRENT_SCHEMAS() as schemas, CURRENT_VERSION() as version",
    "SELECT CURRENT_ORGANIZATION_NAME() AS org, CURRENT_ACCOUNT_NAME() AS acct", "SELECT CURRENT_ROLE() AS ROLE",
    "SELECT CURRENT_USER() AS USER", "select 'b' as x", "select 1", "select 1 as one",
    "select current_database(), current_schema()",
    "SELECT CREATED_ON, PRIVILEGE, GRANTED_ON, NAME, TABLE_CATALOG, TABLE_SCHEMA, GRANTED_TO, GRANTEE_NAME, GRANT_OPTION, "
    "GRANTED_BY, IS_INHERITED, INHERITED_FROM FROM SNOWFLAKE.ACCOUNT_USAGE.GRANTS_TO_ROLES WHERE DELETED_ON IS NULL",
    "SELECT CREATED_ON, ROLE, GRANTED_TO, GRANTEE_NAME, GRANTED_BY FROM SNOWFLAKE.ACCOUNT_USAGE.GRANTS_TO_USERS "
    "WHERE DELETED_ON IS NULL",
    "SHOW FUTURE GRANTS IN DATABASE DB", f"SHOW FUTURE GRANTS IN SCHEMA {SCHEMA}", 'SHOW FUTURE GRANTS TO ROLE "RO"',
    "SHOW FUTURE GRANTS IN SCHEMA db2.information_schema", "SHOW GRANTS OF ROLE RO", "SHOW GRANTS ON ACCOUNT",
    'SHOW GRANTS ON NETWORK POLICY "NP"', "SHOW GRANTS TO ROLE RO", "SHOW GRANTS TO USER U1", "SHOW USERS",
    "SHOW TERSE SCHEMAS IN ACCOUNT", "SHOW TERSE VIEWS IN ACCOUNT", "SHOW TERSE SCHEMAS IN DATABASE DB",
    "SHOW TERSE TABLES IN DATABASE DB", f"SHOW TERSE TABLES IN SCHEMA {SCHEMA}", f"SHOW TERSE VIEWS IN SCHEMA {SCHEMA}",
    'SHOW SCHEMAS IN DATABASE "DB"', "USE SECONDARY ROLES ALL",
]
for kind in ["DATABASES", "ROLES", "USERS", "WAREHOUSES", "NETWORK POLICIES"]:
    statements += [f"SHOW {kind}", f"SHOW {kind} LIKE 'x%'"]
for kind in ["DATABASES", "NETWORK POLICIES", "ROLES", "SCHEMAS", "STAGES", "WAREHOUSES"]:
    statements.append(f"SHOW {kind} IN ACCOUNT")
for kind in ["EXTERNAL FUNCTIONS", "EXTERNAL TABLES", "FILE FORMATS", "IMPORTED KEYS", "MATERIALIZED VIEWS", "PIPES",
             "PRIMARY KEYS", "SEQUENCES", "STAGES", "STREAMS", "TABLES", "TASKS", "UNIQUE KEYS", "USER FUNCTIONS",
             "USER PROCEDURES", "VIEWS"]:
    statements.append(f"SHOW {kind} IN SCHEMA {SCHEMA}")
for word in ["IN", "FOR"]:
    for name in ['DATABASE "DB"', f"SCHEMA {SCHEMA}", "USER U1", "WAREHOUSE WH"]:
        statements.append(f"SHOW PARAMETERS {word} {name}")
statements += [f"DROP SCHEMA {SCHEMA}", 'DROP USER "U1"', "drop warehouse IDENTIFIER('WH')"]
for role in ["SECURITYADMIN", "SYSADMIN", "USERADMIN", '"ACCOUNTADMIN"']:
    statements.append(f"USE ROLE {role}")

refused = 0
for sql in statements:
    answer = post("/queries/v1/query-request", {"sqlText": sql, "sequenceId": 1})
    if not answer["success"]:
        refused += 1
        print(f"{answer['code']} {sql}\n       {answer['message']}")
print(f"{len(statements)} statements, {refused} refused")
sys.exit(1 if refused else 0)
