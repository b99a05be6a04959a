import Configuration
import SnowmakerModel

/// The files of a DCM project: `manifest.yml`, `sources/definitions/…`, `sources/macros/…`.
///
/// Source: <https://docs.snowflake.com/en/user-guide/dcm-projects/dcm-projects-files>.
struct ProjectFiles {
  /// Texts by path within the project.
  var texts: [String: String]

  /// What a file of definitions says after rendering.
  struct Rendered {
    var path: String
    var text: String
  }

  /// Renders the definitions with a configuration's values, over the manifest's defaults, and variables over both.
  ///
  /// Throws when the manifest is missing or wrong, when the configuration is not in it, or when a template fails.
  func rendered(
    configuration: String?, variables: [(name: String, value: Value)], environment: [String: String] = [:]
  ) throws(StatementFailure) -> [Rendered] {
    let (renderer, paths) = try renderer(configuration, variables, environment)
    var result: [Rendered] = []
    for path in paths {
      do throws(TemplateFailure) {
        result.append(Rendered(path: path, text: try renderer.render(texts[path] ?? "")))
      } catch { throw Self.failure(error, in: path) }
    }
    return result
  }

  /// The names that the manifest declares under a key of `templating`: `env_vars` or `env_secrets`.
  ///
  /// Source: the `snow` CLI's `models.py`: each is a map of one name, whose value is reserved (`- REGION:`).
  func declared(_ key: String) throws(StatementFailure) -> [String] {
    var names: [String] = []
    for entry in try manifest()["templating"][key].list {
      guard entry.fields.count == 1 else {
        throw Self.failure("manifest.yml: an entry of templating.\(key) must be a name with a colon, as '- REGION:'")
      }
      names.append(entry.fields[0].key)
    }
    return names
  }

  /// What renders the files of definitions, and their paths.
  func renderer(
    _ configuration: String?, _ variables: [(name: String, value: Value)], _ environment: [String: String]
  ) throws(StatementFailure) -> (TemplateRenderer, [String]) {
    var values: [String: Value] = [:]
    let templating = try manifest()["templating"]
    for field in templating["defaults"].fields { values[field.key] = field.value }
    if let configuration {
      guard
        let chosen = templating["configurations"].fields.first(where: {
          $0.key.uppercased() == configuration.uppercased()
        })
      else {
        throw Self.failure("the manifest has no templating configuration '\(configuration)'")
      }
      for field in chosen.value.fields { values[field.key] = field.value }
    }
    for variable in variables { values[variable.name] = variable.value }
    var renderer = TemplateRenderer(values: values)
    for key in ["env_vars", "env_secrets"] {
      let method = key == "env_vars" ? "env_var" : "env_secret"
      for name in try declared(key) { renderer.environment[method, default: [:]][name] = environment[name] }
    }
    for path in texts.keys.sorted() where path.hasPrefix("sources/macros/") {
      do throws(TemplateFailure) { try renderer.define(texts[path] ?? "") } catch {
        throw Self.failure(error, in: path)
      }
    }
    let paths = texts.keys.filter { $0.hasPrefix("sources/definitions/") && $0.lowercased().hasSuffix(".sql") }.sorted()
    guard !paths.isEmpty else { throw Self.failure("there is no .sql file in sources/definitions") }
    return (renderer, paths)
  }

  private func manifest() throws(StatementFailure) -> Value {
    guard let text = texts["manifest.yml"] ?? texts["manifest.yaml"] else {
      throw Self.failure("manifest.yml is missing")
    }
    let manifest: Value
    do throws(Diagnostic) { manifest = try YAMLText.value(text, named: "manifest.yml") } catch {
      throw Self.failure("manifest.yml: \(error.summary)")
    }
    guard manifest["manifest_version"].int == 2 else {
      throw Self.failure("manifest.yml: manifest_version must be 2")
    }
    guard manifest["type"].string?.uppercased() == "DCM_PROJECT" else {
      throw Self.failure("manifest.yml: type must be DCM_PROJECT")
    }
    return manifest
  }

  /// What a project cannot be executed for. Code and texts are the emulator's own.
  static func failure(_ text: String) -> StatementFailure {
    StatementFailure(code: "001003", sqlState: "42000", message: "DCM project: \(text).")
  }

  static func failure(_ failure: TemplateFailure, in path: String) -> StatementFailure {
    Self.failure("\(path), line \(failure.line): \(failure.message)")
  }
}
