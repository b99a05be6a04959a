import Configuration
import PluginHost
import SnowmakerModel

/// What functions yield while a line is completed.
///
/// Snowmaker's own are called, because names are made with them. Other plugins do not run because somebody pressed a key:
/// values stand in for their results.
enum CompletionFunctions {
  /// What stands in for the results of functions that are not called.
  enum StandIn {
    /// None: an attribute that is nothing but a call counts as left out. A text with a call in it is an error.
    case null
    /// Two different values of the function's type: what is the same with both does not depend on the result.
    case one, other

    fileprivate func value(of kind: FunctionKind) -> Value {
      let value: Value =
        switch (kind.scalar, self) {
        case (_, .null): .null
        case (.integer, _): .int(self == .one ? 1 : 2)
        case (.float, _): .double(self == .one ? 1 : 2)
        case (.boolean, _): .bool(self == .one)
        case (.text, _): .string(self == .one ? "a" : "b")
        }
      return kind.shape == .list && self != .null ? .list([value]) : value
    }
  }

  /// Loaded when a configuration calls one of their functions, which takes some milliseconds.
  private static let bundled = PluginRegistry.load(
    from: PluginSearchPath(PluginSearchPath.standard().folders.filter { $0.origin == .bundled }), log: { _ in })

  /// The functions of `catalog`.
  static func provided(by catalog: PluginCatalog, standIn: StandIn) -> ProvidedFunctions {
    let own = Set(catalog.entries.filter(isOwn).map { FunctionLibrary.provider($0.name) })
    let kinds = Dictionary(
      catalog.functions.map {
        ($0.provider, Dictionary($0.functions.map { ($0.name, $0.result) }) { first, _ in first })
      }
    ) { first, _ in first }
    return ProvidedFunctions(catalog.functions.map { .init($0.provider, $0.functions) }) { provider, name, arguments in
      if own.contains(provider), let result = bundled.functions.call(provider, name, arguments) {
        return result.mapError { .init($0.message, detail: $0.detail, argument: $0.argument) }
      }
      return .success(kinds[provider]?[name].map(standIn.value) ?? .null)
    }
  }

  /// Whether functions of `catalog` are not called.
  static func needsStandIns(_ catalog: PluginCatalog) -> Bool {
    catalog.entries.contains { !$0.manifest.functions.isEmpty && !isOwn($0) }
  }

  private static func isOwn(_ entry: PluginCatalog.Entry) -> Bool { entry.file.origin == .bundled }
}
