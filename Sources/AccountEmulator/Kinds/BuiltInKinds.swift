import SnowmakerModel

/// The kinds that the emulator knows by itself.
enum BuiltInKinds {
  /// What kinds do beyond their descriptions, by SQL name; used for providers' kinds too.
  static let behaviors: [String: any KindBehavior] = [
    "DATABASE": DatabaseBehavior(), "SCHEMA": SchemaBehavior(), "ROLE": RoleBehavior(),
    "DATABASE ROLE": DatabaseRoleBehavior(), "USER": UserBehavior(), "WAREHOUSE": WarehouseBehavior(),
    "NETWORK POLICY": NetworkPolicyBehavior(), "TABLE": TableBehavior(), "VIEW": ViewBehavior(),
    "STAGE": StageBehavior(), "FUNCTION": RoutineBehavior(), "PROCEDURE": RoutineBehavior(),
    "TASK": TaskBehavior(), "ALERT": AlertBehavior(), "SEQUENCE": SequenceBehavior(), "STREAM": StreamBehavior(),
    "TAG": TagBehavior(),
    "SHARE": ShareBehavior(), "PIPE": PipeBehavior(), "FILE FORMAT": FileFormatBehavior(),
    "DCM PROJECT": ProjectBehavior(),
  ]

  /// What every account has: these keep the emulator's own description, to which a provider's adds attributes.
  static func fundamental(merging provided: [TypeSchema]) -> [ObjectKind] {
    [roleSchema, databaseRoleSchema, userSchema, databaseSchema, schemaSchema].map { own in
      var schema = own
      for other in provided where other.sqlName?.uppercased() == own.sqlName { merge(other, into: &schema) }
      return ObjectKind(schema, behavior: behaviors[own.sqlName ?? ""] ?? PlainBehavior())
    }
  }

  /// Kinds that a provider replaces when one describes them.
  static var standIns: [ObjectKind] {
    [
      ObjectKind(tableSchema, behavior: TableBehavior(), hasColumns: true),
      ObjectKind(viewSchema, behavior: ViewBehavior(), hasColumns: true),
      ObjectKind(shareSchema, behavior: ShareBehavior()),
    ] + EmptyKinds.all + ListedKinds.all
  }

  private static func merge(_ other: TypeSchema, into schema: inout TypeSchema) {
    let known = Set(schema.attributes.compactMap { $0.property?.uppercased() })
    let names = Set(schema.attributes.map(\.name))
    for attribute in other.attributes {
      guard let property = attribute.property?.uppercased(), !known.contains(property), !names.contains(attribute.name)
      else { continue }
      schema.attributes.append(attribute)
    }
    for group in other.reads where !schema.reads.contains(where: { $0.name == group.name }) {
      schema.reads.append(group)
    }
    schema.privileges += other.privileges.filter { !schema.privileges.contains($0) }
    for (name, value) in other.emulation?.parameters ?? [:] where schema.emulation?.parameters[name] == nil {
      schema.emulation?.parameters[name] = value
    }
    schema.emulation?.extraProperties += other.emulation?.extraProperties ?? []
  }

  static let comment = AttributeSchema("comment", .text, property: "COMMENT", column: "comment").blankIsNull()

  static func attribute(_ name: String, _ kind: AttributeKind) -> AttributeSchema {
    AttributeSchema(name, kind, property: name.uppercased(), column: name)
  }

  static func columns(_ entries: (String, EmulatedColumn.Source)...) -> [EmulatedColumn] {
    entries.map { EmulatedColumn($0.0, $0.1) }
  }

  /// Columns that are facts of the same name.
  static func facts(_ names: String) -> [EmulatedColumn] {
    names.split(separator: " ").map { EmulatedColumn(String($0), .fact(String($0))) }
  }

  static func parameters(_ names: String) -> [String: String] {
    Dictionary(uniqueKeysWithValues: names.split(separator: " ").map { (String($0), "") })
  }
}
