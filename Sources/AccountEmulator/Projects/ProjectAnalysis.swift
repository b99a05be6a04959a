import SnowmakerModel

/// What ANALYZE finds in the sources of a project: every statement of every file, and what is wrong with it.
///
/// Source: the `snow` CLI's `reporters/analyze.py`, which reads `files`, `definitions` and `issues`; what stands in an
/// issue and in a definition is assumed, and so is that problems are issues here and no failures.
struct ProjectAnalysis {
  /// The definitions that can be read.
  private(set) var definitions: [ProjectDefinition] = []
  /// The files that can be rendered.
  private(set) var rendered: [ProjectFiles.Rendered] = []
  private(set) var issueCount = 0
  private var files: [Value] = []

  var document: Value { ["files": .list(files), "issues": .list([])] }

  /// Looks through the files. Throws when the manifest cannot be read.
  init(
    _ sources: ProjectFiles, _ deployment: ProjectDeployment, _ registry: KindRegistry
  ) throws(StatementFailure) {
    let (renderer, paths) = try sources.renderer(
      deployment.configuration, deployment.variables, deployment.environment)
    for path in paths {
      var issues: [Value] = []
      var found: [Value] = []
      do throws(TemplateFailure) {
        let file = ProjectFiles.Rendered(path: path, text: try renderer.render(sources.texts[path] ?? ""))
        rendered.append(file)
        do throws(StatementFailure) {
          let definitions = try ProjectDefinition.definitions(of: file, registry)
          self.definitions += definitions
          found = definitions.map(Self.definition)
        } catch { issues.append(Self.issue(error.message)) }
      } catch { issues.append(Self.issue(ProjectFiles.failure(error, in: path).message)) }
      issueCount += issues.count
      files.append(["source_path": .string(path), "definitions": .list(found), "issues": .list(issues)])
    }
  }

  static func issue(_ message: String) -> Value { ["severity": "ERROR", "message": .string(message)] }

  private static func definition(_ definition: ProjectDefinition) -> Value {
    var fields = [Value.Field("line", .int(Int64(definition.line)))]
    switch definition.subject {
    case .object(let create):
      let key = ObjectKey(kind: create.kind.sqlName, name: create.name.sql)
      fields += [.init("type", "DEFINE"), .init("object_id", ProjectChanges.identity(key))]
    case .grant(let text): fields += [.init("type", "GRANT"), .init("statement", .string(text))]
    }
    return .object(fields + [.init("issues", .list([]))])
  }
}
