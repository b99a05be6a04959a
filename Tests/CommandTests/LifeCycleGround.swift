/// What the resources of several life cycles stand on.
enum Ground {
  /// A role that owns things, beneath SYSADMIN.
  static let keeper = """
    roles: [{name: keeper}]
    role_grants: [{role: keeper, to_role: sysadmin}]

    """
  /// A schema to create things in: `d.s`.
  static let schema = """
    databases: [{name: d, schemas: [{name: s}]}]

    """
  /// Two tags: one with a list of values, one that takes any.
  static let tags = """
    tags:
      - {name: cost, database: d, schema: s, allowed_values: [sales, ops]}
      - {name: pii, database: d, schema: s}

    """
  /// Something, so that the project is not empty when the rest is gone.
  static let nothing = """
    roles: [{name: base}]

    """
}
