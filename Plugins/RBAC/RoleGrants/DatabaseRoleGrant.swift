import SnowmakerSDK

/// `database_role_grants:`, another way of writing role grants of database roles.
struct DatabaseRoleGrant: ObjectType {
  let schema: TypeSchema = {
    var schema = TypeSchema(
      "database_role_grant", plural: "database_role_grants", identity: [],
      doc: """
        A database role for roles and database roles: `database_role` to `to_role`, `roles`, `to_database_role` or \
        `database_roles`. It becomes role grants.
        """, attributes: [])
    schema.expands = true
    schema.isComposite = true
    schema.examples = [Examples.databaseRoleGrant]
    return schema
  }()

  func expand(_ written: WrittenResource, context: RequestContext) -> Expansion {
    RoleGrantForms.expandDatabaseRoleGrant(written.value)
  }
}
