import AccountModel
import SnowmakerModel

/// SHOW ACCOUNTS, ORGANIZATION ACCOUNTS and REGIONS: the account is the only one of its organization.
extension StatementRun {
  /// The account itself, for whoever holds ORGADMIN. HISTORY adds columns and no rows.
  ///
  /// Source: <https://docs.snowflake.com/en/sql-reference/sql/show-accounts>; the organization has one region group, so
  /// that there is no `region_group`. What others are answered is assumed.
  func showAccounts(like: String?, history: Bool) throws(StatementFailure) -> StatementResult {
    guard held.contains(.orgAdmin) else { throw denied(.account) }
    let settings = world.settings
    let host = Self.host(settings.organization + "-" + settings.name)
    let cells: [String: String] = [
      "organization_name": settings.organization, "account_name": settings.name, "snowflake_region": settings.region,
      "edition": settings.edition, "account_url": "https://" + host,
      "created_on": Self.timestamp(world.object("DATABASE", "SNOWFLAKE")?.createdOn ?? 0), "comment": "",
      "account_locator": settings.locator, "account_locator_url": "https://" + Self.host(settings.locator),
      "managed_accounts": "0", "is_org_admin": "true", "is_events_account": "false", "is_organization_account": "false",
    ]
    let names = Self.accountColumns + (history ? Self.accountHistoryColumns : [])
    let rows = like.map { Like.matches(settings.name, $0) } ?? true ? [names.map { cells[$0] }] : []
    return Self.listing(names, rows)
  }

  /// The organization account, of which there is none. Needs GLOBALORGADMIN, a role of organization accounts alone, so
  /// that every role of this account is refused.
  ///
  /// Source: <https://docs.snowflake.com/en/sql-reference/sql/show-organization-accounts>; the code is assumed.
  func showOrganizationAccounts() throws(StatementFailure) -> StatementResult { throw denied(.account) }

  /// The region of the account; no accounts can be created elsewhere.
  ///
  /// Source: <https://docs.snowflake.com/en/sql-reference/sql/show-regions>; the display names but Oregon's are assumed.
  func showRegions(like: String?) -> StatementResult {
    let region = world.settings.region
    let parts = region.split(separator: "_", maxSplits: 1).map { $0.lowercased() }
    let place = parts.count == 2 ? parts[1] : region.lowercased()
    let name = String(place.map { $0 == "_" ? "-" : $0 })
    let row: [String?] = [region, parts.first, name, Self.displayNames[region] ?? name]
    let rows = like.map { Like.matches(region, $0) } ?? true ? [row] : []
    return Self.listing(["snowflake_region", "cloud", "region", "display_name"], rows)
  }

  private static let accountColumns = [
    "organization_name", "account_name", "snowflake_region", "edition", "account_url", "created_on", "comment",
    "account_locator", "account_locator_url", "managed_accounts", "consumption_billing_entity_name",
    "marketplace_consumer_billing_entity_name", "marketplace_provider_billing_entity_name", "old_account_url",
    "is_org_admin", "account_old_url_saved_on", "account_old_url_last_used", "organization_old_url",
    "organization_old_url_saved_on", "organization_old_url_last_used", "is_events_account", "is_organization_account",
  ]
  private static let accountHistoryColumns = [
    "dropped_on", "scheduled_deletion_time", "restored_on", "moved_to_organization", "moved_on",
    "organization_URL_expiration_on",
  ]
  private static let displayNames = [
    "AWS_US_WEST_2": "US West (Oregon)", "AWS_US_EAST_1": "US East (N. Virginia)", "AWS_US_EAST_2": "US East (Ohio)",
    "AWS_EU_CENTRAL_1": "EU (Frankfurt)", "AWS_EU_WEST_1": "EU (Ireland)",
  ]

  private static func host(_ account: String) -> String {
    String(account.lowercased().map { $0 == "_" ? "-" : $0 }) + ".snowflakecomputing.com"
  }

  private static func listing(_ names: [String], _ rows: [[String?]]) -> StatementResult {
    let columns = names.map { name -> ResultColumn in
      var column = ResultColumn(name: name)
      if name.hasSuffix("_on") || name.hasSuffix("_last_used") || name.hasSuffix("_time") {
        column.type = .timestamp_ltz
      }
      if name == "managed_accounts" { column.type = .fixed }
      if name.hasPrefix("is_") { column.type = .boolean }
      return column
    }
    return StatementResult(columns: columns, rows: rows, statementTypeID: 0x4400)
  }
}
