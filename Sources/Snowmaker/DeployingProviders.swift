import Execution
import SnowmakerCore
import SnowmakerModel

/// The plugins during a deployment: CHECK also hears which address the account sees this client at, which is asked for
/// only when there is something to check.
struct DeployingProviders: Providers {
  let plugins: PluginProviders
  let clientAddress: @Sendable () async -> String?

  var types: [String: TypeSchema] { plugins.types }

  func validate(
    _ resources: [DeclaredResource], type: String, context: RequestContext
  ) async throws(Diagnostic) -> [[Diagnostic]] {
    try await plugins.validate(resources, type: type, context: context)
  }

  func read(_ request: ReadRequest) async throws(Diagnostic) -> ReadReply { try await plugins.read(request) }

  func plan(_ request: PlanRequest) async throws(Diagnostic) -> [Change] { try await plugins.plan(request) }

  func check(_ request: CheckRequest) async throws(Diagnostic) -> [Diagnostic] {
    var request = request
    request.context.clientAddress = await clientAddress()
    return try await plugins.check(request)
  }
}
