import CSnowmaker
import SnowmakerModel

/// Answers FUNCTION in a worker for the functions that the plugin has in its table: the host's message, called through
/// libffi here.
struct WorkerFunctions {
  /// Asks whether the table and the manifest agree; no function.
  static let comparison: Value = ["$compare": true]

  private let table: Result<FunctionTable, PluginRefusal.Reason>

  /// Compares the plugin's table with what it says of itself.
  ///
  /// - Parameter description: its answer to DESCRIBE; nil where it was not asked yet, as in the second worker of a plugin.
  init(_ library: PluginLibrary, description: [UInt8]?, largest: Int) {
    do throws(PluginRefusal.Reason) {
      let document: Value
      if let description {
        document = try Self.document(description)
      } else {
        document = try Self.ask(library, largest)
      }
      let manifest = try Self.manifest(document)
      table = .success(
        try FunctionTable(
          of: library.peer, manifest, label: library.label,
          // The worker makes one call after the other.
          serial: nil))
    } catch {
      table = .failure(error)
    }
  }

  /// The answer; nil when the plugin itself must be asked.
  func answer(_ request: UnsafeRawBufferPointer) -> (status: snowmaker_status, bytes: [UInt8])? {
    let functions: FunctionTable
    switch table {
    case .failure(.inconsistent(let problem)): return Self.failure(.error(problem))
    case .failure: return nil  // the host was answered the same to its own DESCRIBE
    case .success(let table): functions = table
    }
    guard let document = try? AnyDocument.decode(request) else { return nil }
    if document == Self.comparison { return (snowmaker_status(SNOWMAKER_UNSUPPORTED), []) }
    switch functions.answer(document) {
    case nil: return nil
    case .success(let answer): return (snowmaker_status(SNOWMAKER_OK), CBOR.encode(answer))
    case .failure(let error):
      // The place of the argument: the host knows its name as well.
      return Self.failure(.error(error.message, detail: error.detail, path: error.argument.map { ["\($0)"] } ?? []))
    }
  }

  private static func failure(_ diagnostic: Diagnostic) -> (status: snowmaker_status, bytes: [UInt8]) {
    (snowmaker_status(SNOWMAKER_FAILED), CBOR.encode(["diagnostics": [diagnostic.document]]))
  }

  private static func manifest(_ document: Value) throws(PluginRefusal.Reason) -> Manifest {
    do throws(DocumentError) { return try Manifest(document: document) } catch {
      throw .unreadableManifest(error.description)
    }
  }

  private static func document(_ bytes: [UInt8]) throws(PluginRefusal.Reason) -> Value {
    do throws(AnyDocument.Failure) { return try bytes.withUnsafeBytes(AnyDocument.result).get() } catch {
      throw .unreadableManifest("\(error)")
    }
  }

  private static func ask(_ library: PluginLibrary, _ largest: Int) throws(PluginRefusal.Reason) -> Value {
    let transport = InProcessTransport(library, largest: largest)
    let answer = CBOR.withEncoded(PluginLoader.describeRequest) { request in
      try? transport.exchange(RelayCall(method: PluginMethod.describe.rawValue, request: request))
    }
    guard let answer, answer.status == SNOWMAKER_OK, let document = try? answer.document.get() else {
      throw .peerWithoutCall
    }
    return document
  }
}
