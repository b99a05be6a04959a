public import PluginHost
public import SnowmakerModel

/// Does what SQL does not reach: hands an operation of a plan to the plugin that planned it.
public protocol OperationRunner: Sendable {
  /// Has the plugin of the resource's type do the operation, in which secrets are resolved.
  ///
  /// Throws when it had no effect, or when that is not known; the error's kind says which.
  func apply(
    _ operation: Value, of address: Address, services: ApplyServices
  ) async throws(StatementError) -> StatementAnswer
}

extension PluginProviders: OperationRunner {
  /// Has the plugin of the resource's type do the operation. Throws as the protocol says.
  public func apply(
    _ operation: Value, of address: Address, services: ApplyServices
  ) async throws(StatementError) -> StatementAnswer {
    let plugin: LoadedPlugin
    do throws(Diagnostic) { plugin = try owner(of: address.type) } catch {
      throw StatementError(.notSent, message: error.summary)
    }
    let request: Value = [
      "context": context(RequestContext(), plugin).document, "type": .string(address.type),
      "identity": .list(address.identity.map(Value.string)), "operation": operation,
    ]
    switch await plugin.apply(request, services: services) {
    case .success: return StatementAnswer(roundTrips: 0)
    case .failure(let error): throw StatementError(Self.kind(error), message: error.description)
    }
  }

  /// What is known of the effect of a failed operation.
  private static func kind(_ error: PluginError) -> StatementError.Kind {
    switch error.reason {
    case .failed, .unsupported, .malformed: .failed
    case .unusable, .notStarted, .disabled: .notSent
    default: .unanswered
    }
  }
}
