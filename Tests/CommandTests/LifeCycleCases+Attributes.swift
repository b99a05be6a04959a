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
  ]
}
