import SnowmakerModel

/// Kinds that tools list before anybody describes them: SHOW answers their columns and no rows. A provider's
/// description replaces them.
///
/// Source: the columns that a published client reads; their order is assumed.
enum ListedKinds {
  /// SQL name, plural, columns of SHOW.
  private static let ofAccount: [(String, String, String)] = [
    (
      "API INTEGRATION", "API INTEGRATIONS",
      "name type category enabled comment created_on"
    ),
    (
      "CATALOG INTEGRATION", "CATALOG INTEGRATIONS",
      "name enabled type category comment created_on"
    ),
    (
      "EXTERNAL ACCESS INTEGRATION", "EXTERNAL ACCESS INTEGRATIONS",
      "created_on name type category enabled comment"
    ),
    (
      "NOTIFICATION INTEGRATION", "NOTIFICATION INTEGRATIONS",
      "name type category enabled comment created_on direction"
    ),
    (
      "SECURITY INTEGRATION", "SECURITY INTEGRATIONS",
      "name type category enabled comment created_on"
    ),
    (
      "STORAGE INTEGRATION", "STORAGE INTEGRATIONS",
      "name type category enabled comment created_on"
    ),
    (
      "COMPUTE POOL", "COMPUTE POOLS",
      "name state min_nodes max_nodes instance_family num_services num_jobs auto_suspend_secs auto_resume "
        + "active_nodes idle_nodes target_nodes created_on resumed_on updated_on owner comment is_exclusive "
        + "application backup_instance_families"
    ),
    (
      "CONNECTION", "CONNECTIONS",
      "region_group snowflake_region created_on account_name name comment is_primary primary "
        + "failover_allowed_to_accounts connection_url organization_name account_locator"
    ),
    (
      "EXTERNAL VOLUME", "EXTERNAL VOLUMES",
      "name allow_writes comment"
    ),
    (
      "FAILOVER GROUP", "FAILOVER GROUPS",
      "region_group snowflake_region created_on account_name name type comment is_primary primary "
        + "object_types allowed_integration_types allowed_accounts organization_name account_locator "
        + "replication_schedule secondary_state next_scheduled_refresh owner"
    ),
    (
      "REPLICATION GROUP", "REPLICATION GROUPS",
      "region_group snowflake_region created_on account_name name type comment is_primary primary "
        + "object_types allowed_integration_types allowed_accounts organization_name account_locator "
        + "replication_schedule secondary_state next_scheduled_refresh owner"
    ),
    (
      "RESOURCE MONITOR", "RESOURCE MONITORS",
      "name credit_quota used_credits remaining_credits level frequency start_time end_time notify_at "
        + "suspend_at suspend_immediately_at created_on owner comment notify_users"
    ),
    (
      "APPLICATION", "APPLICATIONS",
      "created_on name is_default is_current source_type source owner comment version label patch options "
        + "retention_time"
    ),
    (
      "APPLICATION PACKAGE", "APPLICATION PACKAGES",
      "created_on name is_default is_current distribution owner comment retention_time options "
        + "application_class"
    ),
    (
      "LISTING", "LISTINGS",
      "global_name name title subtitle profile created_on updated_on published_on state review_state "
        + "comment owner owner_role_type regions target_accounts is_monetized is_application is_targeted "
        + "is_limited_trial is_by_request distribution is_mountless_queryable rejected_on "
        + "organization_profile_name uniform_listing_locator detailed_target_accounts"
    ),
    (
      "MANAGED ACCOUNT", "MANAGED ACCOUNTS",
      "account_name cloud region account_locator created_on account_url account_locator_url is_reader "
        + "comment"
    ),
  ]

  private static let ofSchema: [(String, String, String)] = [
    (
      "AGENT", "AGENTS",
      "created_on name database_name schema_name owner comment profile"
    ),
    (
      "CORTEX SEARCH SERVICE", "CORTEX SEARCH SERVICES",
      "created_on name database_name schema_name warehouse target_lag definition search_column "
        + "attribute_columns columns primary_key_columns scoring_profile_count comment"
    ),
    (
      "DBT PROJECT", "DBT PROJECTS",
      "name database_name schema_name owner comment"
    ),
    (
      "GIT REPOSITORY", "GIT REPOSITORIES",
      "created_on name database_name schema_name origin api_integration git_credentials owner "
        + "owner_role_type comment last_fetched_at"
    ),
    (
      "HYBRID TABLE", "HYBRID TABLES",
      "created_on name database_name schema_name owner rows bytes comment owner_role_type"
    ),
    (
      "ICEBERG TABLE", "ICEBERG TABLES",
      "created_on name database_name schema_name owner external_volume_name catalog_name "
        + "iceberg_table_type catalog_table_name catalog_namespace base_location can_write_metadata comment "
        + "name_mapping owner_role_type catalog_sync_name auto_refresh_status partition_specs "
        + "current_partition_spec_id iceberg_table_format_version"
    ),
    (
      "IMAGE REPOSITORY", "IMAGE REPOSITORIES",
      "created_on name database_name schema_name repository_url owner owner_role_type comment encryption "
        + "privatelink_repository_url"
    ),
    (
      "MCP SERVER", "MCP SERVERS",
      "created_on name database_name schema_name owner comment"
    ),
    (
      "NOTEBOOK", "NOTEBOOKS",
      "created_on name database_name schema_name comment owner query_warehouse url_id owner_role_type "
        + "code_warehouse"
    ),
    (
      "PACKAGES POLICY", "PACKAGES POLICIES",
      "created_on name database_name schema_name kind owner comment owner_role_type options"
    ),
    (
      "PRIVACY POLICY", "PRIVACY POLICIES",
      "created_on name database_name schema_name kind owner comment owner_role_type options"
    ),
    (
      "SEMANTIC VIEW", "SEMANTIC VIEWS",
      "created_on name database_name schema_name comment owner owner_role_type extension"
    ),
    (
      "SERVICE", "SERVICES",
      "name status database_name schema_name owner compute_pool dns_name current_instances "
        + "target_instances min_ready_instances min_instances max_instances auto_resume "
        + "external_access_integrations created_on updated_on resumed_on suspended_on auto_suspend_secs "
        + "comment owner_role_type query_warehouse is_job is_async_job spec_digest is_upgrading "
        + "managing_object_domain managing_object_name"
    ),
    (
      "STORAGE LIFECYCLE POLICY", "STORAGE LIFECYCLE POLICIES",
      "created_on name database_name schema_name kind owner comment owner_role_type options"
    ),
    (
      "STREAMLIT", "STREAMLITS",
      "created_on name database_name schema_name title owner comment query_warehouse url_id "
        + "owner_role_type"
    ),
    (
      "BACKUP POLICY", "BACKUP POLICIES",
      "created_on name database_name schema_name owner owner_role_type comment schedule expire_after_days "
        + "has_retention_lock"
    ),
  ]

  static var all: [ObjectKind] {
    ofAccount.map { kind($0, [.name]) } + ofSchema.map { kind($0, [.database, .schema, .name]) }
  }

  private static func kind(_ entry: (String, String, String), _ identity: [IdentityPart]) -> ObjectKind {
    var schema = TypeSchema(
      entry.0.lowercased(), plural: entry.1.lowercased(), sqlName: entry.0, sqlPlural: entry.1, identity: identity,
      attributes: [])
    schema.emulation = Emulation(
      showColumns: entry.2.split(separator: " ").map { EmulatedColumn(String($0), .fact(String($0))) })
    return ObjectKind(schema, canCreate: false)
  }
}
