import PluginHost
import SnowflakeClient
import Snowmaker
import SnowmakerModel

/// A single session for the commands that need one.
struct SessionOpening: Sendable {
  let session: Session
  private let emulator: AccountConnection?

  /// Logs in as the arguments say. Throws what keeps that from working.
  static func open(_ arguments: ParsedArguments) async throws(Diagnostic) -> SessionOpening {
    var overrides: [ConnectionKey: String] = [:]
    let options: [(String, ConnectionKey)] = [
      ("--role", .role), ("--warehouse", .warehouse), ("--database", .database), ("--schema", .schema),
    ]
    for (option, key) in options where arguments.value(option) != nil { overrides[key] = arguments.value(option) }
    var session = SessionOptions()
    session.queryTag = "snowmaker/\(CommandLineTool.version):query"
    if arguments.value("--connection") == AccountConnection.emulatorName {
      let types = PluginCatalog.read().types
      let emulator = try await AccountConnection.open(
        AccountConnection.Options(name: AccountConnection.emulatorName, overrides: overrides, types: types, lanes: 1))
      var parameters = emulator.parameters
      for (key, value) in overrides { parameters.set(key, value, from: .override("--\(key.rawValue)")) }
      do throws(ClientError) {
        return SessionOpening(session: try await Session.open(parameters, options: session), emulator: emulator)
      } catch {
        await emulator.close()
        throw .error(String(describing: error), code: "connection")
      }
    }
    let parameters = try resolve(arguments, overrides)
    do throws(ClientError) {
      return SessionOpening(session: try await Session.open(parameters, options: session), emulator: nil)
    } catch {
      throw .error(String(describing: error), code: "connection")
    }
  }

  /// The connection that the arguments name. Throws when there is none or its files cannot be understood.
  static func resolve(
    _ arguments: ParsedArguments, _ overrides: [ConnectionKey: String] = [:]
  ) throws(Diagnostic) -> ConnectionParameters {
    do throws(ConnectionProblem) {
      return try ConnectionResolver(readingEnvironmentFile: true).resolve(
        name: arguments.value("--connection"), overrides: overrides)
    } catch {
      throw diagnostic(error)
    }
  }

  /// A problem with a connection as a diagnostic.
  static func diagnostic(_ problem: ConnectionProblem) -> Diagnostic {
    .error(
      problem.message, detail: problem.hint ?? "", code: "connection",
      position: problem.file.map { SourcePosition(file: $0, line: problem.line ?? 1, column: 1) })
  }

  /// Logs out.
  func close() async {
    await session.close()
    await emulator?.close()
  }
}
