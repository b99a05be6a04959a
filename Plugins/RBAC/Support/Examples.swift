import SnowmakerSDK

/// Lives of grants, which a schema alone cannot tell: for the reference and for `snowmaker plugin verify`.
enum Examples {
  private static let roles: Value = ["roles": [["name": "VERIFY_READER"], ["name": "VERIFY_WRITER"]]]

  private static let containers: Value = [
    "roles": [["name": "VERIFY_READER"], ["name": "VERIFY_WRITER"]],
    "databases": [["name": "VERIFY_DB", "schemas": [["name": "S"]]]],
    "database_roles": [["name": "VERIFY_DB.INNER"]],
  ]

  static let user = TypeExample(
    base: roles,
    create: [
      "users": [
        [
          "name": "VERIFY_USER", "type": "PERSON", "login_name": "verify.user", "display_name": "Verify O'User",
          "first_name": "Verify", "last_name": "User", "email": "verify@example.com", "default_role": "VERIFY_READER",
          "comment": "Someone", "query_tag": "tag'1", "timezone": "Europe/Berlin",
        ]
      ]
    ],
    change: [
      "users": [
        [
          "name": "VERIFY_USER", "type": "PERSON", "login_name": "verify.user2", "display_name": "Verify",
          "first_name": "Verify2", "last_name": "User2", "email": "verify2@example.com",
          "default_role": "VERIFY_WRITER", "comment": "Someone else", "query_tag": "tag2", "timezone": "UTC",
        ]
      ]
    ])

  static let accessToken = TypeExample(
    base: [
      "roles": [["name": "VERIFY_READER"]], "users": [["name": "VERIFY_USER", "type": "SERVICE"]],
      "role_grants": [["role": "VERIFY_READER", "to_user": "VERIFY_USER"]],
    ],
    create: [
      "programmatic_access_tokens": [
        [
          "user": "VERIFY_USER", "name": "CI", "role_restriction": "VERIFY_READER", "days_to_expiry": 30,
          "comment": "Someone's", "rotation": "1", "secret_file": "verify.token",
        ]
      ]
    ],
    change: [
      "programmatic_access_tokens": [
        [
          "user": "VERIFY_USER", "name": "CI", "role_restriction": "VERIFY_READER", "days_to_expiry": 30,
          "comment": "Someone else's", "disabled": true, "rotation": "2", "secret_file": "verify.token",
        ]
      ]
    ])

  static let roleGrant = TypeExample(
    base: roles, create: ["role_grants": [["role": "VERIFY_READER", "to_role": "VERIFY_WRITER"]]],
    change: ["role_grants": [["role": "VERIFY_WRITER", "to_role": "SYSADMIN"]]])

  static let databaseRoleGrant = TypeExample(
    base: containers,
    create: ["database_role_grants": [["database_role": "VERIFY_DB.INNER", "to_role": "VERIFY_READER"]]],
    change: ["database_role_grants": [["database_role": "VERIFY_DB.INNER", "to_role": "VERIFY_WRITER"]]])

  static let grant = grants(
    ["priv": "usage", "on_database": "VERIFY_DB", "to_role": "VERIFY_READER"],
    ["privs": ["usage", "monitor"], "on_database": "VERIFY_DB", "to_role": "VERIFY_READER", "grant_option": true])

  static let accountGrant = grants(
    ["priv": "create database", "on": "account", "to_role": "VERIFY_READER"],
    ["priv": "create warehouse", "on": "account", "to_role": "VERIFY_READER"])

  static let futureGrant = grants(
    ["priv": "select", "on": "future tables in schema VERIFY_DB.S", "to_role": "VERIFY_READER"],
    ["privs": ["select", "insert"], "on": "future tables in schema VERIFY_DB.S", "to_role": "VERIFY_READER"])

  static let grantOnAll = grants(
    ["priv": "usage", "on": "all schemas in database VERIFY_DB", "to_role": "VERIFY_READER"],
    ["privs": ["usage", "monitor"], "on": "all schemas in database VERIFY_DB", "to_role": "VERIFY_WRITER"])

  static let inheritedGrant = grants(
    ["priv": "select", "on": "inherited tables in schema VERIFY_DB.S", "to_role": "VERIFY_READER"], nil)

  static let accountInheritedGrant = grants(
    ["priv": "select", "on": "inherited views in account", "to_role": "VERIFY_READER"], nil)

  static let ownership = TypeExample(
    base: [
      "roles": [["name": "VERIFY_READER"]], "role_grants": [["role": "VERIFY_READER", "to_role": "SYSADMIN"]],
      "databases": [["name": "VERIFY_DB", "schemas": [["name": "S"]]]],
    ], create: ["grants": [["priv": "ownership", "on_schema": "VERIFY_DB.S", "to_role": "VERIFY_READER"]]])

  private static func grants(_ create: Value, _ change: Value?) -> TypeExample {
    TypeExample(
      base: containers, create: ["grants": .list([create])], change: change.map { ["grants": .list([$0])] })
  }
}
