import Testing

@testable import PluginHost

/// The plugins that are built with the host lie beside the executable, here beside the test program.
@Suite struct BundledPluginsTests {
  private static let folder = PluginSearchPath.standard(environment: { _ in nil }).folders.first {
    $0.origin == .bundled
  }

  @Test(
    .enabled(
      if: Workshop.sanitizer != "thread",
      "ThreadSanitizer's runtime in the test program lacks what Swift libraries want"))
  func loadSideBySide() throws {
    let registry = PluginRegistry.load(from: PluginSearchPath([try #require(Self.folder)]))
    #expect(registry.problems.isEmpty)
    #expect(!registry.plugins.isEmpty)
    for plugin in registry.plugins {
      #expect(!plugin.manifest.version.isEmpty)
      for type in plugin.manifest.types {
        #expect(registry.owner(ofType: type.type)?.name == plugin.name)
        #expect(!type.doc.isEmpty, "\(type.type)")
      }
      for function in plugin.functions {
        let schema = function.schema
        #expect(function.isTyped && !schema.doc.isEmpty && !schema.examples.isEmpty, "\(schema.name)")
        #expect(schema.parameters.allSatisfy { !$0.doc.isEmpty }, "\(schema.name)")
        for example in schema.examples {
          #expect(try function.call(example.arguments) == example.result, "\(schema.name)(\(example.arguments))")
        }
      }
    }
  }
}
