// Configurations of `LifeCycleTests`: tags, attachments and where objects come from.

extension LifeCycleTests {
  static let attributes: [LifeCycle] = [
    LifeCycle(
      name: "tag", base: Ground.keeper + Ground.schema,
      full: #"""
        tags: [{name: full, database: d, schema: s, owner: keeper, comment: c1, allowed_values: [z, "it's", a], propagate: ON_DEPENDENCY, on_conflict: ALLOWED_VALUES_SEQUENCE}]
        """#,
      changed: #"""
        tags: [{name: full, database: d, schema: s, owner: sysadmin, comment: c2, allowed_values: [a, z], propagate: ON_DATA_MOVEMENT, on_conflict: mixed}]
        """#,
      unset: #"""
        tags: [{name: full, database: d, schema: s, comment: null, allowed_values: null, propagate: null, on_conflict: null}]
        """#),
    LifeCycle(
      name: "tags", base: Ground.schema + Ground.tags,
      full: #"""
        databases: [{name: full, tags: {cost: sales, d.s.pii: "it's"}, schemas: [{name: fs, tags: {cost: ops}}]}]
        warehouses: [{name: full, tags: {cost: sales}}]
        roles: [{name: full, tags: {cost: sales, pii: x}}]
        database_roles: [{name: full, database: full, tags: {cost: sales}}]
        users: [{name: full, tags: {cost: sales}}]
        stages: [{name: full, database: full, schema: fs, tags: {cost: sales}}]
        pipes: [{name: full, database: full, schema: fs, tags: {pii: x}, as: "COPY INTO full.fs.t FROM @full.fs.full"}]
        """#,
      changed: #"""
        databases: [{name: full, tags: {cost: ops}, schemas: [{name: fs, tags: {cost: sales, pii: y}}]}]
        warehouses: [{name: full, tags: {pii: x}}]
        roles: [{name: full, tags: {pii: z}}]
        database_roles: [{name: full, database: full, tags: {cost: ops, pii: w}}]
        users: [{name: full, tags: {cost: ops}}]
        stages: [{name: full, database: full, schema: fs, tags: {pii: x}}]
        pipes: [{name: full, database: full, schema: fs, tags: {cost: ops}, as: "COPY INTO full.fs.t FROM @full.fs.full"}]
        """#,
      unset: #"""
        databases: [{name: full, tags: {cost: ops}, schemas: [{name: fs, tags: {cost: null, pii: null}}]}]
        warehouses: [{name: full, tags: null}]
        roles: [{name: full}]
        database_roles: [{name: full, database: full, tags: {cost: null}}]
        users: [{name: full, tags: {cost: null}}]
        stages: [{name: full, database: full, schema: fs, tags: null}]
        pipes: [{name: full, database: full, schema: fs, as: "COPY INTO full.fs.t FROM @full.fs.full"}]
        """#),
    LifeCycle(
      name: "user_attachments", base: Ground.schema,
      prepare: [
        "CREATE PASSWORD POLICY d.s.p1", "CREATE PASSWORD POLICY d.s.p2", "CREATE SESSION POLICY d.s.s1",
        "CREATE AUTHENTICATION POLICY d.s.a1",
      ],
      full: #"""
        users:
          - {name: full, password_policy: d.s.p1, session_policy: d.s.s1, authentication_policy: d.s.a1, disable_mfa: true, mins_to_unlock: 5, mins_to_bypass_mfa: 10, days_to_expiry: 30}
          - {name: svc, type: SERVICE, workload_identity: {type: AWS, arn: "arn:aws:iam::1:role/a"}}
        """#,
      changed: #"""
        users:
          - {name: full, password_policy: d.s.p2, session_policy: d.s.s1, disable_mfa: false, mins_to_unlock: 6, mins_to_bypass_mfa: 11, days_to_expiry: 31}
          - {name: svc, type: SERVICE, workload_identity: {type: OIDC, issuer: "https://id.example.com", subject: s, oidc_audience_list: [a, b]}}
        """#,
      unset: #"""
        users:
          - {name: full, password_policy: null, session_policy: null, disable_mfa: null, mins_to_unlock: null, mins_to_bypass_mfa: null}
          - {name: svc, type: SERVICE, workload_identity: null}
        """#),
    LifeCycle(
      name: "interactive_warehouse", base: Ground.keeper + Ground.schema,
      prepare: ["CREATE TABLE d.s.t1 (a INT)", "CREATE TABLE d.s.t2 (a INT)", "CREATE TABLE d.s.t3 (a INT)"],
      full: #"""
        warehouses:
          - {name: standby}
          - {name: full, warehouse_type: INTERACTIVE, warehouse_size: SMALL, tables: [d.s.t1, d.s.t2], fallback_warehouse: standby, auto_suspend: 86400, comment: c1, owner: keeper}
        """#,
      changed: #"""
        warehouses:
          - {name: standby}
          - {name: full, warehouse_type: INTERACTIVE, warehouse_size: MEDIUM, tables: [d.s.t3, d.s.t2], auto_suspend: 90000, comment: c2, owner: sysadmin}
        """#,
      unset: #"""
        warehouses:
          - {name: full, warehouse_type: INTERACTIVE, tables: null, comment: null}
        """#),
    LifeCycle(
      name: "adaptive_warehouse", base: Ground.nothing,
      full: #"""
        warehouses: [{name: full, warehouse_type: ADAPTIVE, max_query_performance_level: LARGE, query_throughput_multiplier: 2, statement_timeout_in_seconds: 60}]
        """#,
      changed: #"""
        warehouses: [{name: full, warehouse_type: ADAPTIVE, max_query_performance_level: XLARGE, query_throughput_multiplier: 3, statement_timeout_in_seconds: 61}]
        """#,
      unset: #"""
        warehouses: [{name: full, warehouse_type: ADAPTIVE, max_query_performance_level: null, query_throughput_multiplier: null, statement_timeout_in_seconds: null}]
        """#),
    LifeCycle(
      name: "clones", base: Ground.keeper + Ground.schema,
      prepare: ["CREATE TABLE d.s.t (a INT)"],
      full: #"""
        databases: [{name: full, clone: d, clone_at: {offset: 0}, comment: c1, owner: keeper, data_retention_time_in_days: 3}]
        schemas: [{name: fs, database: d, clone: d.s, comment: c1, managed_access: true, owner: keeper}]
        """#,
      changed: #"""
        databases: [{name: full, clone: d, comment: c2, owner: sysadmin, data_retention_time_in_days: 4}]
        schemas: [{name: fs, database: d, clone: d.s, comment: c2, managed_access: false, owner: sysadmin}]
        """#,
      unset: #"""
        databases: [{name: full, clone: d, comment: null, data_retention_time_in_days: null}]
        schemas: [{name: fs, database: d, comment: null, managed_access: null}]
        """#),
    LifeCycle(
      name: "imported_databases", base: Ground.keeper + Ground.schema + Ground.tags,
      full: #"""
        databases:
          - {name: shared, from_share: other_org.their_account.sales, comment: c1}
          - {name: listed, from_listing: GZTSZAS2KCS}
          - {name: replica, replica_of: other_org.their_account.raw}
        """#,
      changed: #"""
        databases:
          - {name: shared, from_share: other_org.their_account.sales, comment: c1, tags: {cost: ops}, owner: keeper}
          - {name: listed, from_listing: GZTSZAS2KCS}
          - {name: replica, replica_of: other_org.their_account.raw}
        """#,
      unset: #"""
        databases:
          - {name: shared, from_share: other_org.their_account.sales}
          - {name: replica, replica_of: other_org.their_account.raw}
        """#),
    LifeCycle(
      name: "replication", base: Ground.keeper + Ground.schema,
      full: #"""
        databases:
          - {name: full, owner: keeper, replication_accounts: [SNOWMAKER.OTHER, snowmaker.fourth_1], failover_accounts: SNOWMAKER.OTHER, ignore_edition_check: true}
          - {name: copy, clone: d, replication_accounts: [SNOWMAKER.OTHER]}
        """#,
      changed: #"""
        databases:
          - {name: full, owner: sysadmin, replication_accounts: [SNOWMAKER.THIRD, SNOWMAKER.OTHER], failover_accounts: [SNOWMAKER.THIRD], comment: c}
          - {name: copy, clone: d, replication_accounts: []}
        """#,
      unset: #"""
        databases:
          - {name: full, replication_accounts: null, failover_accounts: null}
          - {name: copy, clone: d}
        """#),
    LifeCycle(
      name: "access_tokens",
      base: Ground.keeper
        + #"""
        users: [{name: svc, type: SERVICE}, {name: '"o''d u"'}]

        """#,
      full: #"""
        role_grants: [{role: keeper, to_user: svc}]
        programmatic_access_tokens:
          - {user: svc, name: ci, role_restriction: keeper, days_to_expiry: 30, mins_to_bypass_network_policy_requirement: 5, comment: "It's", rotation: 1, secret_file: a.token}
          - {user: '"o''d u"', name: '"my token"', disabled: true, secret_file: b.token}
        """#,
      changed: #"""
        role_grants: [{role: keeper, to_user: svc}]
        programmatic_access_tokens:
          - {user: svc, name: ci, role_restriction: keeper, mins_to_bypass_network_policy_requirement: 6, comment: c2, disabled: true, rotation: 2, expire_rotated_token_after_hours: 0, secret_file: a.token}
          - {user: '"o''d u"', name: '"my token"', disabled: false, comment: c, secret_file: b.token}
        """#,
      unset: #"""
        role_grants: [{role: keeper, to_user: svc}]
        programmatic_access_tokens:
          - {user: svc, name: ci, role_restriction: keeper, mins_to_bypass_network_policy_requirement: null, comment: null, disabled: null, secret_file: a.token}
          - {user: '"o''d u"', name: '"my token"', secret_file: b.token}
        """#),
    LifeCycle(
      name: "grants_to_users", base: Ground.keeper + Ground.schema,
      full: #"""
        users: [{name: u}, {name: '"a b"'}]
        warehouses: [{name: full}]
        role_grants: [{role: keeper, to_user: u}]
        grants:
          - {privs: [usage, monitor], on_warehouse: full, to_users: [u, '"a b"'], grant_option: true}
          - {priv: execute task, on: account, to_user: u}
          - {priv: usage, on: all schemas in database d, to_user: u}
        """#,
      changed: #"""
        users: [{name: u}, {name: '"a b"'}]
        warehouses: [{name: full}]
        grants:
          - {privs: [usage, operate], on_warehouse: full, to_users: [u]}
          - {priv: all, on_schema: d.s, to_user: u}
        """#,
      unset: #"""
        users: [{name: u}]
        warehouses: [{name: full}]
        """#),
    LifeCycle(
      name: "odd_values", base: Ground.nothing,
      full: #"""
        databases:
          - {name: '"my db"', comment: "it's \"q\" \\ back\nline", data_retention_time_in_days: 0, schemas: [{name: '"a.b"'}, {name: '"c""d"'}, {name: '"üñí 表"'}]}
          - {name: d2, default_ddl_collation: "", max_data_extension_time_in_days: "7", log_level: info}
        warehouses: [{name: '"W x.y"', auto_suspend: 0, warehouse_size: 2x-large, comment: "", statement_timeout_in_seconds: 0, max_concurrency_level: "3"}]
        roles: [{name: '"r o.le"'}]
        users: [{name: '"a@b.c"', email: a@b.c, comment: null, days_to_expiry: 0, default_namespace: '"my db"."a.b"', default_role: '"r o.le"', default_secondary_roles: [], roles: ['"r o.le"'], default_warehouse: '"W x.y"', display_name: "", middle_name: "", login_name: ""}]
        database_roles: [{name: '"my db"."dr x"'}]
        stages: [{name: '"s t"', database: '"my db"', schema: '"a.b"', file_format: {type: csv, field_delimiter: "|", null_if: "", skip_header: "1", record_delimiter: "\r\n"}, directory: {enable: true}}]
        file_formats: [{name: csv1, database: '"my db"', schema: '"a.b"', type: csv, field_delimiter: "\t", escape: "\\", null_if: ["", "\\N", "a'b", 'x,y'], field_optionally_enclosed_by: '"', encoding: utf-8, skip_header: 0}]
        network_rules: [{name: '"n r"', database: '"my db"', schema: '"a.b"', type: ipv4, mode: ingress, value_list: 10.0.0.0/8}]
        network_policies: [{name: '"n p"', allowed_network_rule_list: '"my db"."a.b"."n r"', blocked_ip_list: [], allowed_ip_list: [0.0.0.0/0], comment: ""}]
        tags: [{name: '"t g"', database: '"my db"', schema: '"a.b"', allowed_values: ["a, b", "c'd", ""]}]
        account_parameters: [{name: statement_timeout_in_seconds, value: 0}]
        grants:
          - {privs: [usage, modify], on_database: '"my db"', to_role: '"r o.le"'}
          - {priv: select, on: 'future tables in schema "my db"."a.b"', to: '"r o.le"'}
          - {priv: read, on_stage: '"my db"."a.b"."s t"', to_database_role: '"my db"."dr x"'}
          - {priv: usage, on_warehouse: '"W x.y"', to_user: '"a@b.c"'}
        """#,
      changed: #"""
        databases:
          - {name: '"my db"', comment: "'", data_retention_time_in_days: 1, schemas: [{name: '"a.b"', comment: "\\'"}, {name: '"c""d"'}]}
          - {name: d2, default_ddl_collation: en-ci, max_data_extension_time_in_days: 0, log_level: "OFF"}
        warehouses: [{name: '"W x.y"', auto_suspend: "60", warehouse_size: X-Small, comment: "0"}]
        roles: [{name: '"r o.le"', comment: "null"}]
        users: [{name: '"a@b.c"', email: "", comment: " ", default_namespace: d2, default_secondary_roles: ALL, display_name: "O'X", login_name: "o'x"}]
        stages: [{name: '"s t"', database: '"my db"', schema: '"a.b"', comment: "a\nb", file_format: {type: csv, null_if: ["a, b", ""]}, directory: {enable: false}}]
        file_formats: [{name: csv1, database: '"my db"', schema: '"a.b"', type: csv, null_if: [], field_optionally_enclosed_by: "'", escape: NONE}]
        network_rules: [{name: '"n r"', database: '"my db"', schema: '"a.b"', type: ipv4, mode: ingress, value_list: []}]
        network_policies: [{name: '"n p"', blocked_ip_list: 10.1.1.1}]
        tags: [{name: '"t g"', database: '"my db"', schema: '"a.b"', allowed_values: ["'"]}]
        grants:
          - {priv: all, on_schema: '"my db"."a.b"', to_role: '"r o.le"'}
        """#,
      unset: #"""
        databases:
          - {name: '"my db"', comment: null, data_retention_time_in_days: null, schemas: [{name: '"a.b"', comment: null}]}
          - {name: d2, default_ddl_collation: null, max_data_extension_time_in_days: null, log_level: null}
        warehouses: [{name: '"W x.y"', auto_suspend: null, warehouse_size: null, comment: null}]
        users: [{name: '"a@b.c"', email: null, comment: null, default_namespace: null, default_secondary_roles: null, display_name: null, login_name: null}]
        file_formats: [{name: csv1, database: '"my db"', schema: '"a.b"', type: csv, null_if: null, escape: null}]
        """#),
    LifeCycle(
      name: "account_policies", base: Ground.schema,
      prepare: [
        "CREATE PASSWORD POLICY d.s.p1", "CREATE PASSWORD POLICY d.s.p2", "CREATE SESSION POLICY d.s.\"s 1\"",
        "CREATE AUTHENTICATION POLICY d.s.a1",
      ],
      full: #"""
        account_policies: {password: d.s.p1, session: 'd.s."s 1"', authentication: d.s.a1}
        warehouses: [{name: full, warehouse_size: small}]
        """#,
      changed: #"""
        account_policies: [{kind: password, policy: d.s.p2}, {kind: SESSION, policy: 'd.s."s 1"'}]
        warehouses: [{name: full, warehouse_size: large, wait_for_completion: true}]
        """#,
      unset: #"""
        account_policies: [{kind: password, policy: d.s.p2}]
        warehouses: [{name: full, warehouse_size: null, wait_for_completion: true}]
        """#),
  ]
}
