// Configurations of `LifeCycleTests`.

extension LifeCycleTests {
  static let access: [LifeCycle] = [
    LifeCycle(
      name: "role",
      base: Ground.keeper,
      full: #"""
        roles: [{name: full, comment: c1, owner: useradmin}]
        """#,
      changed: #"""
        roles: [{name: full, comment: c2, owner: keeper}]
        """#,
      unset: #"""
        roles: [{name: full, comment: null}]
        """#),
    LifeCycle(
      name: "database_role",
      base: Ground.keeper + Ground.schema,
      full: #"""
        database_roles: [{name: full, database: d, comment: c1, owner: keeper}]
        """#,
      changed: #"""
        database_roles: [{name: full, database: d, comment: c2}]
        """#,
      unset: #"""
        database_roles: [{name: full, database: d, comment: null}]
        """#),
    LifeCycle(
      name: "user",
      base: #"""
        roles: [{name: keeper}, {name: bee}]
        warehouses: [{name: w}]
        role_grants: [{role: keeper, to_role: sysadmin}]
        """#,
      full: #"""
        users:
          - name: full
            type: PERSON
            login_name: full.user
            display_name: Full U.
            first_name: Full
            middle_name: O
            last_name: User
            email: full@example.com
            must_change_password: true
            disabled: true
            default_warehouse: w
            default_namespace: d.s
            default_role: bee
            default_secondary_roles: []
            comment: c
            days_to_expiry: 30
            network_policy: null
            abort_detached_query: true
            autocommit: false
            json_indent: 4
            lock_timeout: 1000
            query_tag: "tag'1"
            timezone: Europe/Berlin
            date_output_format: YYYY-MM-DD
            binary_input_format: BASE64
            log_level: INFO
            statement_timeout_in_seconds: 100
            week_start: 1
            roles: [bee]
        """#,
      changed: #"""
        users:
          - name: full
            type: PERSON
            login_name: full.user2
            display_name: Full U.2
            first_name: Full2
            middle_name: O2
            last_name: User2
            email: full2@example.com
            must_change_password: false
            disabled: false
            default_warehouse: w
            default_namespace: d
            default_role: keeper
            default_secondary_roles: [ALL]
            comment: c2
            abort_detached_query: false
            autocommit: true
            json_indent: 3
            lock_timeout: 1001
            query_tag: tag2
            timezone: UTC
            date_output_format: DD
            binary_input_format: HEX
            log_level: WARN
            statement_timeout_in_seconds: 101
            week_start: 2
            roles: [keeper]
        """#,
      unset: #"""
        users:
          - name: full
            type: null
            login_name: null
            display_name: null
            first_name: null
            middle_name: null
            last_name: null
            email: null
            must_change_password: null
            disabled: null
            default_warehouse: null
            default_namespace: null
            default_role: null
            default_secondary_roles: null
            comment: null
            abort_detached_query: null
            autocommit: null
            json_indent: null
            lock_timeout: null
            query_tag: null
            timezone: null
            date_output_format: null
            binary_input_format: null
            log_level: null
            statement_timeout_in_seconds: null
            week_start: null
        """#),
    LifeCycle(
      name: "service_user",
      base: Ground.nothing,
      full: #"""
        users: [{name: svc, type: SERVICE, comment: c, rsa_public_key: "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu1SU1LfVLPHCozMxH2Mo4lgOEePzNm0tRgeLezV6ffAt0gunVTLw7onLRnrq0/IzW7yWR7QkrmBL7jTKEn5u+qKhbwKfBstIs+bMY2Zkp18gnTxKLxoS2tFczGkPLPgizskuemMghRniWaoLcyehkd3qqGElvW/VDL5AaWTg0nLVkjRo9z+40RQzuVaE8AkAFmxZzow3x+VJYKdjykkJ0iT9wCS0DRTXu269V264Vf/3jvredZiKRkgwlL9xNAwxXFg0x/XFw005UWVRIkdgcKWTjpBP2dPwVZ4WWC+9aGVd+Gyn1o0CLelf4rEjGoXbAAEgAqeGUxrcIlbjXfbcmwIDAQAB"}]
        """#,
      changed: #"""
        users: [{name: svc, type: LEGACY_SERVICE, comment: c2}]
        """#,
      unset: #"""
        users: [{name: svc, comment: null}]
        """#),
    LifeCycle(
      name: "network",
      base: Ground.keeper + Ground.schema,
      full: #"""
        network_rules:
          - {name: r1, database: d, schema: s, type: IPV4, mode: INGRESS, value_list: [10.0.0.0/8, 127.0.0.1], comment: c1}
          - {name: r2, database: d, schema: s, type: HOST_PORT, mode: EGRESS, value_list: ["example.com:443"]}
        network_policies:
          - {name: np, comment: c1, allowed_network_rule_list: [d.s.r1], allowed_ip_list: [127.0.0.1, 10.1.0.0/16], blocked_ip_list: [10.1.1.1]}
        users: [{name: u1}]
        network_policy_activations:
          - {user: u1, network_policy: np}
          - {account: true, network_policy: np}
        """#,
      changed: #"""
        network_rules:
          - {name: r1, database: d, schema: s, type: IPV4, mode: INGRESS, value_list: [127.0.0.0/8], comment: c2}
          - {name: r2, database: d, schema: s, type: HOST_PORT, mode: EGRESS, value_list: ["example.com:443", example.org]}
        network_policies:
          - {name: np, comment: c2, allowed_network_rule_list: [d.s.r1], allowed_ip_list: [127.0.0.1], blocked_ip_list: []}
          - {name: np2, allowed_ip_list: [127.0.0.1]}
        users: [{name: u1}]
        network_policy_activations:
          - {user: u1, network_policy: np2}
          - {account: true, network_policy: np2}
        """#,
      unset: #"""
        network_rules:
          - {name: r1, database: d, schema: s, type: IPV4, mode: INGRESS, value_list: null, comment: null}
        network_policies:
          - {name: np, comment: null, allowed_network_rule_list: null, allowed_ip_list: null, blocked_ip_list: null}
        """#),
    LifeCycle(
      name: "account_parameter",
      base: Ground.nothing,
      full: #"""
        account_parameters: [{name: timezone, value: Europe/Berlin},{name: statement_timeout_in_seconds, value: 3600},{name: prevent_unload_to_inline_url, value: true}]
        """#,
      changed: #"""
        account_parameters: [{name: timezone, value: UTC},{name: statement_timeout_in_seconds, value: 3601},{name: prevent_unload_to_inline_url, value: false}]
        """#,
      unset: #"""
        account_parameters: [{name: timezone, value: UTC}]
        """#),
    LifeCycle(
      name: "grants",
      base: Ground.keeper + Ground.schema
        + #"""
        warehouses: [{name: w}]
        users: [{name: u}]
        database_roles: [{name: dr, database: d}]
        stages: [{name: st, database: d, schema: s}]
        """#,
      full: #"""
        roles: [{name: a}, {name: b}]
        role_grants: [{role: a, to_role: b}, {role: b, to_user: u}, {database_role: d.dr, to_role: a}]
        grants:
          - {privs: [usage, operate], on_warehouse: w, to_role: a}
          - {priv: usage, on_database: d, to_role: a, grant_option: true}
          - {priv: usage, on_schema: d.s, to_database_role: d.dr}
          - {priv: [read, write], on_stage: d.s.st, to_role: a}
          - {priv: create database, on: account, to_role: a}
          - {priv: select, on: future tables in schema d.s, to_role: a}
          - {priv: select, on: future views in database d, to_role: a}
          - {priv: usage, on: all schemas in database d, to_role: b}
          - {priv: read, on: all stages in schema d.s, to_role: b}
        """#,
      changed: #"""
        roles: [{name: a}, {name: b}]
        role_grants: [{role: b, to_role: a}, {role: a, to_user: u}]
        grants:
          - {privs: [usage, monitor], on_warehouse: w, to_role: a}
          - {priv: usage, on_database: d, to_role: a}
          - {priv: usage, on_schema: d.s, to_role: b}
          - {priv: [read], on_stage: d.s.st, to_role: a}
          - {priv: create warehouse, on: account, to_role: a}
          - {priv: [select, insert], on: future tables in schema d.s, to_role: a}
          - {priv: usage, on: all schemas in database d, to_role: a}
        """#,
      unset: #"""
        roles: [{name: a}, {name: b}]
        grants:
          - {priv: all, on_database: d, to_role: b}
        """#),
    LifeCycle(
      name: "stage_privileges",
      base: Ground.keeper + Ground.schema
        + #"""
        stages: [{name: st, database: d, schema: s}, {name: st2, database: d, schema: s}]
        """#,
      full: #"""
        grants:
          - {privs: [write, read], on_stage: d.s.st, to_role: keeper}
          - {privs: [read, write], on: future stages in schema d.s, to_role: keeper}
        """#,
      changed: #"""
        grants: [{privs: [write, read], on: all stages in schema d.s, to_role: keeper}]
        """#,
      unset: #"""
        grants: [{priv: usage, on_schema: d.s, to_role: keeper}]
        """#),
  ]
}
