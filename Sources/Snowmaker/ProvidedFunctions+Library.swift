import Configuration
import PluginHost

extension ProvidedFunctions {
  /// The functions of the loaded plugins, for expressions.
  init(_ library: FunctionLibrary) {
    self.init(library.schemas.map { Provider($0.provider, $0.functions) }) { provider, name, arguments in
      guard let result = library.call(provider, name, arguments) else {
        return .failure(Failure("there is no such function"))
      }
      return result.mapError { Failure($0.message, detail: $0.detail, argument: $0.argument) }
    }
  }
}
