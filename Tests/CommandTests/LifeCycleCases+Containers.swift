// Configurations of `LifeCycleTests`.

extension LifeCycleTests {
  static let containersAndWarehouses: [LifeCycle] = [
    LifeCycle(
      name: "warehouse",
      base: Ground.keeper
        + #"""
        warehouses: [{name: other}]
        """#,
      full: #"""
        warehouses:
          - name: full
            owner: keeper
            comment: "it's full; really -- yes"
            warehouse_type: STANDARD
            warehouse_size: LARGE
            min_cluster_count: 2
            max_cluster_count: 4
            scaling_policy: ECONOMY
            auto_suspend: 120
            auto_resume: false
            initially_suspended: true
            enable_query_acceleration: true
            query_acceleration_max_scale_factor: 4
            max_concurrency_level: 6
            statement_queued_timeout_in_seconds: 30
            statement_timeout_in_seconds: 3600
        """#,
      changed: #"""
        warehouses:
          - name: full
            owner: sysadmin
            comment: other
            warehouse_type: STANDARD
            warehouse_size: X-Small
            min_cluster_count: 1
            max_cluster_count: 2
            scaling_policy: standard
            auto_suspend: 60
            auto_resume: true
            initially_suspended: true
            enable_query_acceleration: false
            query_acceleration_max_scale_factor: 6
            max_concurrency_level: 7
            statement_queued_timeout_in_seconds: 31
            statement_timeout_in_seconds: 3601
        """#,
      unset: #"""
        warehouses:
          - name: full
            comment: null
            warehouse_size: null
            min_cluster_count: null
            max_cluster_count: null
            scaling_policy: null
            auto_suspend: null
            auto_resume: null
            enable_query_acceleration: null
            query_acceleration_max_scale_factor: null
            max_concurrency_level: null
            statement_queued_timeout_in_seconds: null
            statement_timeout_in_seconds: null
        """#),
    LifeCycle(
      name: "database",
      base: Ground.keeper,
      full: #"""
        databases:
          - name: full
            owner: keeper
            comment: c1

            data_retention_time_in_days: 3
            max_data_extension_time_in_days: 20
            default_ddl_collation: en-ci
            storage_serialization_policy: OPTIMIZED
            log_level: INFO
            trace_level: ALWAYS
            replace_invalid_characters: true
            suspend_task_after_num_failures: 3
            task_auto_retry_attempts: 2
            user_task_managed_initial_warehouse_size: SMALL
            user_task_timeout_ms: 60000
            user_task_minimum_trigger_interval_in_seconds: 60
            quoted_identifiers_ignore_case: true
            enable_console_output: true
        """#,
      changed: #"""
        databases:
          - name: full
            owner: sysadmin
            comment: c2

            data_retention_time_in_days: 4
            max_data_extension_time_in_days: 21
            default_ddl_collation: en-ci
            storage_serialization_policy: OPTIMIZED
            log_level: WARN
            trace_level: ALWAYS
            replace_invalid_characters: false
            suspend_task_after_num_failures: 4
            task_auto_retry_attempts: 2
            user_task_managed_initial_warehouse_size: MEDIUM
            user_task_timeout_ms: 60000
            user_task_minimum_trigger_interval_in_seconds: 60
            quoted_identifiers_ignore_case: false
            enable_console_output: false
        """#,
      unset: #"""
        databases:
          - name: full
            comment: null
            data_retention_time_in_days: null
            max_data_extension_time_in_days: null
            default_ddl_collation: null
            storage_serialization_policy: null
            log_level: null
            trace_level: null
            replace_invalid_characters: null
            suspend_task_after_num_failures: null
            task_auto_retry_attempts: null
            user_task_managed_initial_warehouse_size: null
            user_task_timeout_ms: null
            user_task_minimum_trigger_interval_in_seconds: null
            quoted_identifiers_ignore_case: null
            enable_console_output: null
        """#),
    LifeCycle(
      name: "schema",
      base: Ground.keeper + Ground.schema,
      full: #"""
        schemas:
          - name: full
            database: d
            owner: keeper
            comment: c1
            managed_access: true
            pipe_execution_paused: true

            data_retention_time_in_days: 3
            max_data_extension_time_in_days: 20
            default_ddl_collation: en-ci
            storage_serialization_policy: OPTIMIZED
            log_level: INFO
            trace_level: ALWAYS
            replace_invalid_characters: true
            suspend_task_after_num_failures: 3
            task_auto_retry_attempts: 2
            user_task_managed_initial_warehouse_size: SMALL
            user_task_timeout_ms: 60000
            user_task_minimum_trigger_interval_in_seconds: 60
            quoted_identifiers_ignore_case: true
            enable_console_output: true
        """#,
      changed: #"""
        schemas:
          - name: full
            database: d
            owner: sysadmin
            comment: c2
            managed_access: false
            pipe_execution_paused: false

            data_retention_time_in_days: 4
            max_data_extension_time_in_days: 21
            default_ddl_collation: en-ci
            storage_serialization_policy: OPTIMIZED
            log_level: WARN
            trace_level: ALWAYS
            replace_invalid_characters: false
            suspend_task_after_num_failures: 4
            task_auto_retry_attempts: 2
            user_task_managed_initial_warehouse_size: MEDIUM
            user_task_timeout_ms: 60000
            user_task_minimum_trigger_interval_in_seconds: 60
            quoted_identifiers_ignore_case: false
            enable_console_output: false
        """#,
      unset: #"""
        schemas:
          - name: full
            database: d
            comment: null
            managed_access: null
            pipe_execution_paused: null
            data_retention_time_in_days: null
            max_data_extension_time_in_days: null
            default_ddl_collation: null
            storage_serialization_policy: null
            log_level: null
            trace_level: null
            replace_invalid_characters: null
            suspend_task_after_num_failures: null
            task_auto_retry_attempts: null
            user_task_managed_initial_warehouse_size: null
            user_task_timeout_ms: null
            user_task_minimum_trigger_interval_in_seconds: null
            quoted_identifiers_ignore_case: null
            enable_console_output: null
        """#),
    LifeCycle(
      name: "transient",
      base: Ground.nothing,
      full: #"""
        databases: [{name: t, transient: true, schemas: [{name: s, transient: true}]}]
        """#,
      changed: #"""
        databases: [{name: t, transient: true, comment: x, schemas: [{name: s, transient: true, comment: y}]}]
        """#,
      unset: #"""
        databases: [{name: t, comment: null}]
        """#),
  ]
}
