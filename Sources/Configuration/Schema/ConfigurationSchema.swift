import SnowmakerModel

/// The JSON Schema of resource files, for editors.
public enum ConfigurationSchema {
  /// A schema (draft 2020-12) for files that declare resources of `types`. Wherever a value is expected, text with
  /// `{{ … }}` is accepted too.
  public static func jsonSchema(
    types: [TypeSchema], functions: [(provider: String, functions: [FunctionSchema])] = []
  ) -> Value {
    let sorted = types.sorted { $0.type < $1.type }
    var children: [String: [(key: String, type: TypeSchema)]] = [:]
    for type in sorted {
      for case .nested(let parent, let key, _) in type.forms { children[parent, default: []].append((key, type)) }
    }
    var properties: [Value.Field] = [
      .init("name", described(["type": "string"], "The project's name.")), .init("vars", ["$ref": "#/$defs/vars"]),
    ]
    var definitions: [Value.Field] = [
      .init("template", ExpressionSchema.template(functions)), .init("secret", secret), .init("lifecycle", lifecycle),
      .init("variable", variable), .init("vars", vars),
    ]
    for type in sorted {
      definitions.append(.init("type.\(type.type)", element(type, children[type.type] ?? [])))
      for (key, schema) in blocks(type) where !properties.contains(where: { $0.key == key }) {
        properties.append(.init(key, described(schema, type.doc)))
      }
    }
    return [
      "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "snowmaker resources", "type": "object",
      "properties": .object(properties.sorted { $0.key < $1.key }), "additionalProperties": false,
      "$defs": .object(definitions),
    ]
  }

  /// The schema of `snowmaker.yaml`.
  public static func projectSchema(
    types: [TypeSchema], functions: [(provider: String, functions: [FunctionSchema])] = []
  ) -> Value {
    let names: Value = .list(types.map(\.type).sorted().map(Value.string))
    let text: Value = ["type": "string"]
    let defaults = types.sorted { $0.plural < $1.plural }.map { type in
      Value.Field(
        type.plural,
        ["type": "object", "properties": .object(attributes(type)), "additionalProperties": false])
    }
    return [
      "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "snowmaker.yaml", "type": "object",
      "properties": [
        "project": text, "name": text, "default_target": text, "vars": ["$ref": "#/$defs/vars"],
        "targets": [
          "type": "object",
          "additionalProperties": [
            "type": ["object", "null"],
            "properties": [
              "connection": text, "prefix": text, "deploy_role": text, "read_role": text,
              "variables": ["type": "object"],
              "ledger": [
                "type": "object", "properties": ["account": text, "role": text, "key": text], "required": ["account"],
                "additionalProperties": false,
              ],
            ], "additionalProperties": false,
          ],
        ],
        "defaults": ["type": "object", "properties": .object(defaults)],
        "schemas": [
          "type": "object", "propertyNames": ["enum": names],
          "additionalProperties": ["type": "integer", "minimum": 1],
        ],
        "providers": ["type": "object", "additionalProperties": ["type": "object"]],
        "ignore": [
          "type": "array",
          "items": [
            "anyOf": [
              text,
              [
                "type": "object",
                "properties": ["type": text, "name": text, "owner": text, "schema": text, "database": text],
                "additionalProperties": false,
              ],
            ]
          ],
        ],
        "max_drops": ["anyOf": [["type": "integer", "minimum": 0], ["type": "string", "pattern": "^[0-9]+%$"]]],
        "exclusive": [
          "type": "array",
          "items": [
            "anyOf": [
              text,
              [
                "type": "object", "properties": ["type": text, "in": text], "required": ["type"],
                "additionalProperties": false,
              ],
            ]
          ],
        ],
        "isolation": [
          "anyOf": [
            ["enum": ["untrusted", "always"]],
            [
              "type": "object",
              "properties": [
                "mode": ["enum": ["untrusted", "always"]],
                "timeout": ["type": "integer", "minimum": 1, "maximum": 3600],
                "memory": ["type": "integer", "minimum": 128, "maximum": 65536],
              ],
              "additionalProperties": false,
            ],
          ]
        ],
        "plugin_dirs": ["type": "array", "items": text],
        "plugins": [
          "type": "object",
          "additionalProperties": [
            "anyOf": [
              ["type": ["string", "null"], "description": "The versions that will do, as in ~> 1.2."],
              ["type": "object", "properties": ["version": text], "additionalProperties": false],
            ]
          ],
        ],
      ],
      "additionalProperties": false,
      "$defs": [
        "template": ExpressionSchema.template(functions), "secret": secret, "variable": variable, "vars": vars,
      ],
    ]
  }

  // MARK: - Common parts

  private static let secret: Value = [
    "type": "string", "description": "A secret: !secret env:NAME or !secret file:PATH.",
  ]
  private static let lifecycle: Value = [
    "type": "object",
    "properties": [
      "prevent_destroy": [
        "type": "boolean", "description": "A plan that would drop or replace the resource is refused.",
      ],
      "ignore_changes": [
        "type": ["array", "string"], "items": ["type": "string"],
        "description": "Attributes whose differences are left alone, or all.",
      ],
      "on_release": [
        "enum": ["unset", "keep"], "description": "What becomes of an attribute that leaves the configuration.",
      ],
    ], "additionalProperties": false,
  ]
  private static let variable: Value = [
    "type": "object",
    "properties": [
      "name": ["type": "string"], "description": ["type": "string"], "sensitive": ["type": "boolean"], "default": true,
      "type": ["enum": .list(VariableDeclaration.Kind.allCases.map { .string($0.rawValue) })],
    ], "required": ["name"], "additionalProperties": false,
  ]
  private static let vars: Value = [
    "anyOf": [
      ["type": "array", "items": ["anyOf": [["type": "string"], ["$ref": "#/$defs/variable"]]]], ["type": "object"],
      ["type": "null"],
    ],
    "description": "Variables: a list of {name, type, default, sensitive}, or a map of names to defaults.",
  ]

  private static let metaKeys: [Value.Field] = [
    .init(
      "for_each",
      described(
        ["type": ["string", "array", "object"]],
        "Makes one resource of each element: a list, a map, or an expression such as var.x.")),
    .init("where", described(["type": ["string", "boolean"]], "Beside for_each: the condition an element must meet.")),
    .init("lifecycle", ["$ref": "#/$defs/lifecycle"]),
    .init("renamed_from", described(["type": "string"], "The name it had before.")),
    .init(
      "depends_on",
      described(
        ["type": ["string", "array"], "items": ["type": "string"]], "Resources that come first, as TYPE.NAME.")),
    .init(
      "moved",
      [
        "type": "array",
        "items": [
          "type": "object", "properties": ["from": ["type": "string"], "to": ["type": "string"]],
          "required": ["from", "to"], "additionalProperties": false,
        ],
      ]),
  ]

  // MARK: - Types

  private static func described(_ schema: Value, _ text: String) -> Value {
    guard !text.isEmpty, case .object(let fields) = schema else { return schema }
    return .object(fields + [.init("description", .string(text))])
  }

  /// What may stand under the type's keys at the top.
  private static func blocks(_ type: TypeSchema) -> [(key: String, schema: Value)] {
    var keys: [(key: String, options: [Value])] = []
    for form in type.forms {
      let key: String
      var options: [Value]
      switch form {
      case .plural(let plural):
        key = plural
        options = elementBlock(type)
      case .pairs(let pairs, _, _):
        key = pairs
        options = [["type": "object"]]
      case .nested: continue
      }
      if let at = keys.firstIndex(where: { $0.key == key }) {
        keys[at].options += options.filter { !keys[at].options.contains($0) }
      } else {
        options.append(["type": "null"])
        keys.append((key, options))
      }
    }
    return keys.map { ($0.key, ["anyOf": .list($0.options)]) }
  }

  private static func elementBlock(_ type: TypeSchema) -> [Value] {
    let reference: Value = ["$ref": .string("#/$defs/type.\(type.type)")]
    return [
      ["type": "array", "items": ["anyOf": [["type": "string"], reference]]],
      ["type": "object", "additionalProperties": ["anyOf": [reference, ["type": "null"]]]],
      ["$ref": "#/$defs/template"],
    ]
  }

  private static func element(_ type: TypeSchema, _ children: [(key: String, type: TypeSchema)]) -> Value {
    var properties = attributes(type)
    if !type.expands {
      for child in children {
        properties.append(.init(child.key, ["anyOf": .list(elementBlock(child.type) + [["type": "null"]])]))
      }
    }
    for field in metaKeys where !properties.contains(where: { $0.key == field.key }) {
      // What stands for others has no name in the account, and only that has parts that are renamed.
      if field.key == (type.isComposite ? "renamed_from" : "moved") { continue }
      properties.append(field)
    }
    var result: [Value.Field] = [
      .init("type", "object"), .init("properties", .object(properties)),
      // A provider's own forms know more keys than its attributes.
      .init("additionalProperties", .bool(type.expands)),
    ]
    if !type.doc.isEmpty { result.append(.init("description", .string(type.doc))) }
    return .object(result)
  }

  private static func attributes(_ type: TypeSchema) -> [Value.Field] {
    var properties: [Value.Field] = []
    for attribute in type.attributes {
      let schema = self.attribute(attribute, others: type.expands ? Self.otherForms(attribute.kind) : [])
      for key in [attribute.name] + attribute.aliases where !properties.contains(where: { $0.key == key }) {
        properties.append(.init(key, schema))
      }
    }
    return properties
  }

  /// How a value may be written besides, where the provider turns what is written into the canonical form: a word for a
  /// record (a name), a list for one name (of each).
  private static func otherForms(_ kind: AttributeKind) -> [Value] {
    let scalar: Value = ["type": ["string", "number", "boolean"]]
    switch kind {
    case .record: return [scalar]
    case .text, .identifier, .name, .reference, .objectReference, .enumeration:
      return [["type": "array", "items": scalar]]
    case .boolean, .integer, .number, .list, .set, .map, .sql, .any: return []
    }
  }

  private static func attribute(_ attribute: AttributeSchema, others: [Value] = []) -> Value {
    var options = self.options(attribute.kind) + others
    if attribute.isSensitive { options.append(["$ref": "#/$defs/secret"]) }
    if !attribute.isRequired { options.append(["type": "null"]) }
    var fields: [Value.Field] = [.init("anyOf", .list(options + [["$ref": "#/$defs/template"]]))]
    if !attribute.doc.isEmpty { fields.append(.init("description", .string(attribute.doc))) }
    if let value = attribute.defaultValue, !attribute.isSensitive { fields.append(.init("default", value)) }
    return .object(fields)
  }

  /// What a kind takes, one schema per way of writing it.
  private static func options(_ kind: AttributeKind) -> [Value] {
    switch kind {
    case .boolean: return [["type": "boolean"], ["enum": ["true", "false"]]]
    case .integer(let minimum, let maximum):
      var fields: [Value.Field] = [.init("type", "integer")]
      if let minimum { fields.append(.init("minimum", .int(minimum))) }
      if let maximum { fields.append(.init("maximum", .int(maximum))) }
      return [.object(fields), ["type": "string", "pattern": "^-?[0-9]+$"]]
    case .number: return [["type": "number"], ["type": "string", "pattern": "^[-+]?[0-9.]"]]
    case .text, .identifier, .name, .reference, .objectReference, .sql:
      return [["type": ["string", "number", "boolean"]]]
    case .enumeration(let values, let aliases):
      // Listed for completion; other cases of the same word are fine too.
      return [
        ["enum": .list(values.map(Value.string) + aliases.keys.sorted().map(Value.string))],
        ["type": "string", "pattern": .string(Self.anyCase(values + aliases.keys.sorted()))],
      ]
    case .list(let kind), .set(let kind):
      let items = options(kind)
      return [["type": "array", "items": ["anyOf": .list(items + [["$ref": "#/$defs/template"]])]]] + items
    case .map(let kind, _):
      return [
        [
          "type": "object",
          "additionalProperties": ["anyOf": .list(options(kind) + [["$ref": "#/$defs/template"], ["type": "null"]])],
        ]
      ]
    case .record(let attributes):
      var properties: [Value.Field] = []
      for attribute in attributes {
        for key in [attribute.name] + attribute.aliases { properties.append(.init(key, self.attribute(attribute))) }
      }
      return [["type": "object", "properties": .object(properties), "additionalProperties": false]]
    case .any: return [true]
    }
  }

  /// A pattern for words in any case, with `-`, `_` or spaces in between.
  private static func anyCase(_ words: [String]) -> String {
    let folded = Set(words.map { $0.filter { $0.isLetter || $0.isNumber }.uppercased() }).sorted()
    let alternatives = folded.map { word in
      word.map { $0.isLetter ? "[\($0)\($0.lowercased())]" : String($0) }.joined(separator: "[-_ ]*")
    }
    return "^(\(alternatives.joined(separator: "|")))$"
  }
}
