import SnowmakerModel
import Testing

@testable import Configuration

@Suite struct ConfigurationSchemaTests {
  @Test func everyTypeAndKeyIsThere() {
    let schema = ConfigurationSchema.jsonSchema(types: Fixtures.types)
    #expect(schema["$schema"] == "https://json-schema.org/draft/2020-12/schema")
    for type in Fixtures.types {
      #expect(schema["properties"].find(type.plural) != nil)
      let element = schema["$defs"]["type.\(type.type)"]
      for attribute in type.attributes { #expect(element["properties"].find(attribute.name) != nil) }
      let none = type.isComposite ? "renamed_from" : "moved"
      for key in MetaKeys.all { #expect((element["properties"].find(key) == nil) == (key == none)) }
    }
    #expect(schema["$defs"]["type.database"]["properties"].find("schemas") != nil)
    #expect(schema["$defs"]["type.engine"]["properties"].find("size") != nil)
    let size = JSON.string(schema["$defs"]["type.engine"]["properties"]["engine_size"])
    #expect(size.contains("\"XSMALL\"") && size.contains("#/$defs/template"))
  }

  @Test func referencesPointToDefinitionsThatExist() {
    func references(_ value: Value) -> [String] {
      switch value {
      case .object(let fields): fields.flatMap { $0.key == "$ref" ? [$0.value.string ?? ""] : references($0.value) }
      case .list(let elements): elements.flatMap(references)
      default: []
      }
    }
    for schema in [
      ConfigurationSchema.jsonSchema(types: Fixtures.types), ConfigurationSchema.projectSchema(types: Fixtures.types),
    ] {
      for reference in references(schema) {
        #expect(schema["$defs"].find(String(reference.dropFirst("#/$defs/".count))) != nil, "\(reference)")
      }
    }
  }

  @Test func theProjectFilesKeysAreAllThere() {
    let schema = ConfigurationSchema.projectSchema(types: Fixtures.types)
    #expect(schema["properties"].fields.map(\.key).sorted() == ProjectReader.keys)
    #expect(
      schema["properties"]["targets"]["additionalProperties"]["properties"].fields.map(\.key).sorted()
        == ProjectReader.targetKeys)
  }
}
