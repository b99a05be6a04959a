// Deploys a project from a Swift program: EmbeddingExample PROJECT [CONNECTION]
//
// In a package of your own: .package(path: "…/snowmaker"), and .product(name: "Snowmaker", package: "snowmaker").

import Snowmaker
import SnowmakerCore
import SnowmakerModel

func deploy(_ path: String, connection name: String) async throws(Diagnostic) -> Bool {
  let workspace = Workspace(Workspace.Options(path: path))
  let problems = await workspace.validate()
  for problem in problems { print("\(problem.severity): \(problem.summary)") }
  guard !problems.contains(where: { $0.severity == .error }) else { return false }

  let connection = try await AccountConnection.open(.init(for: workspace, name: name))
  do throws(Diagnostic) {
    let settled = try await apply(Deployment(workspace, connection))
    await connection.close()
    return settled
  } catch {
    await connection.close()
    throw error
  }
}

/// Plans, shows, applies, and sees that nothing is left.
func apply(_ deployment: Deployment) async throws(Diagnostic) -> Bool {
  let plan = try await deployment.plan()
  let types = Dictionary(
    deployment.workspace.registry.types.map { ($0.type, $0) }, uniquingKeysWith: { first, _ in first })
  print(PlanTextRenderer(types: types).render(plan))
  guard !plan.hasErrors else { return false }
  let result = try await deployment.applyReviewed(plan) { event in
    if case .finished(let step, _, let seconds) = event {
      print("\(Int(seconds * 1000)) ms  \(plan.steps[step].statement.sql)")
    }
  }
  guard result.isSuccess else { return false }
  return try await deployment.plan().isEmpty
}

let arguments = CommandLine.arguments
guard arguments.count > 1 else { fatalError("usage: EmbeddingExample PROJECT [CONNECTION]") }
do {
  let settled = try await deploy(arguments[1], connection: arguments.count > 2 ? arguments[2] : "emulator")
  print(settled ? "a new plan: nothing to do" : "something is left to do")
} catch {
  print("\(error.summary) \(error.detail)")
}
