import Glibc
import SnowmakerModel

extension LibraryChecks {
  @Sendable static func leavesProcessAlone(_ subject: VerificationSubject) throws(VerificationCheck.Ending) {
    let before = ProcessState()
    let plugin = try subject.load()
    for request in SampleRequests(manifest: try plugin.manifest()).all {
      _ = plugin.call(request.method, request.document)
    }
    if let change = before.difference(to: ProcessState()) { throw .failed(change) }
  }
}

/// What of a process belongs to the program, and no plugin may change.
private struct ProcessState {
  private var folder: String
  private var environment: [String]
  private var locale: String
  private var handlers: [UInt]
  private var mask: mode_t

  init() {
    let current = getcwd(nil, 0)
    folder = current.map { String(cString: $0) } ?? ""
    free(current)
    environment = []
    var entry = environ
    while let text = entry.pointee {
      environment.append(String(cString: text))
      entry += 1
    }
    environment.sort()
    locale = setlocale(LC_ALL, nil).map { String(cString: $0) } ?? ""
    handlers = (1..<32).map { number in
      var action = sigaction()
      guard sigaction(Int32(number), nil, &action) == 0 else { return 0 }
      return withUnsafeBytes(of: &action) { $0.loadUnaligned(as: UInt.self) }  // the handler comes first
    }
    mask = umask(0)
    umask(mask)
  }

  func difference(to other: ProcessState) -> String? {
    if folder != other.folder { return "it changed the working directory from \(folder) to \(other.folder)" }
    if environment != other.environment {
      let names = Set(environment).symmetricDifference(other.environment).map { $0.prefix { $0 != "=" } }
      return "it changed the environment: \(Set(names).sorted().joined(separator: ", "))"
    }
    if locale != other.locale { return "it changed the locale from \(locale) to \(other.locale)" }
    if let number = handlers.indices.first(where: { handlers[$0] != other.handlers[$0] }) {
      return "it changed what happens on signal \(number + 1) (\(String(cString: strsignal(Int32(number + 1)))))"
    }
    if mask != other.mask { return "it changed the umask" }
    return nil
  }
}
