import Glibc
public import SnowmakerModel

/// Checks a plugin, every check in a process of its own: what crashes, hangs or exits ends its own check only.
///
/// The program calls `answer` first thing in `main`, because the processes are itself, started again.
public struct PluginVerifier: Sendable {
  /// What became of one check.
  public struct Result: Sendable {
    /// The check.
    public let check: VerificationCheck
    /// How it ended.
    public let verdict: Verdict
    /// How long it took.
    public let seconds: Double
  }

  private static let argument = "--verify-plugin"
  /// The descriptor on which a child reports.
  private static let reportDescriptor: Int32 = 3

  private let file: PluginFile
  private let seed: UInt64

  /// A verifier of the plugin at `path`; nil when its name is not a plugin's.
  public init?(path: String, seed: UInt64) {
    let absolute = realpath(path, nil).map { text in
      defer { free(text) }
      return String(cString: text)
    }
    guard let file = PluginFile(path: absolute ?? path, origin: .option) else { return nil }
    self.file = file
    self.seed = seed
  }

  /// The plugin's file, its path absolute.
  public var path: String { file.path }
  /// The plugin's name, from the file's.
  public var name: String { file.name }

  /// What every plugin is checked for without an account: library, protocol and contract.
  public static let checks: [VerificationCheck] = LibraryChecks.all + ProtocolChecks.all + ContractChecks.all

  // MARK: - In the parent

  /// What the plugin says of itself, asked in a process of its own; nil when it says nothing that can be read.
  public func manifest() -> Manifest? {
    guard let child = CheckProcess([Self.argument, Self.describing, file.path, "0"]) else { return nil }
    guard case .exited(0) = child.wait(seconds: 10), let document = Report(child.report).manifest else { return nil }
    return try? Manifest(document: document)
  }

  private static let describing = "describe"

  /// Runs the check in a process of its own and waits for it.
  public func run(_ check: VerificationCheck) -> Result {
    let start = Clock.nanoseconds()
    let verdict = verdict(of: check)
    return Result(check: check, verdict: verdict, seconds: Double(Clock.nanoseconds() - start) / 1e9)
  }

  private func verdict(of check: VerificationCheck) -> Verdict {
    guard let child = CheckProcess([Self.argument, check.name, file.path, String(seed)]) else {
      return .failed("no process can be started to run the check: \(String(cString: strerror(errno)))")
    }
    let ending = child.wait(seconds: check.seconds)
    let report = Report(child.report)
    switch ending {
    case .timedOut:
      return .crashed("no end after \(counted(check.seconds, "second")), killed\(report.during)")
    case .signal(let signal):
      return .crashed("killed by signal \(signal) (\(String(cString: strsignal(signal))))\(report.during)")
    case .exited(let code):
      guard let verdict = report.verdict else {
        return .crashed("it ended the process with status \(code)\(report.during)")
      }
      if case .success = verdict, check.watchesOutput, !child.output.isEmpty {
        let text = String(decoding: child.output.prefix(60), as: UTF8.self).filter { !$0.isNewline }
        return .failed("it wrote \(counted(child.output.count, "byte")) to standard output: \(text)")
      }
      return verdict
    }
  }

  // MARK: - In the child

  /// When the program was started for a check: runs it and ends the process. Otherwise does nothing.
  ///
  /// - Parameter find: the check of a name, beyond those of this module.
  public static func answer(_ arguments: [String], find: (String) -> VerificationCheck?) {
    guard arguments.count == 5, arguments[1] == argument else { return }
    guard let file = PluginFile(path: arguments[3], origin: .option), let seed = UInt64(arguments[4]) else { _exit(64) }
    limitResources()
    let subject = VerificationSubject(file: file, seed: seed, note: { Report.write(doing: $0, to: reportDescriptor) })
    if arguments[2] == describing {
      guard let manifest = try? subject.manifest() else { _exit(1) }
      Report.write(manifest, to: reportDescriptor)
      _exit(0)
    }
    guard let check = checks.first(where: { $0.name == arguments[2] }) ?? find(arguments[2]) else { _exit(64) }
    let verdict: Verdict
    do throws(VerificationCheck.Ending) {
      try check.run(subject)
      verdict = .success
    } catch { verdict = error.verdict }
    fflush(nil)
    Report.write(verdict, to: reportDescriptor)
    _exit(0)
  }

  /// No core files, no flood that fills the disk.
  private static func limitResources() {
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    var most = rlimit(rlim_cur: 256 << 20, rlim_max: 256 << 20)
    setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &most)
  }
}

extension VerificationCheck {
  /// Whether anything on standard output during the check is a failure.
  var watchesOutput: Bool { name == LibraryChecks.noOutput }
}

/// What a child reports: a line per thing it does, and at last the verdict.
private struct Report {
  var doing = ""
  var verdict: Verdict?
  var manifest: Value?

  init(_ bytes: [UInt8]) {
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      guard let document = try? JSON.decode(Array(line)) else { continue }
      if let text = document["doing"].string { doing = text }
      if let found = document.find("manifest") { manifest = found }
      if let status = document["status"].string {
        verdict = Verdict(status: status, message: document["message"].string ?? "")
      }
    }
  }

  var during: String { doing.isEmpty ? "" : " during \(doing)" }

  static func write(doing: String, to descriptor: Int32) { write(["doing": .string(doing)], to: descriptor) }

  static func write(_ manifest: Manifest, to descriptor: Int32) {
    write(["manifest": manifest.document], to: descriptor)
  }

  static func write(_ verdict: Verdict, to descriptor: Int32) {
    write(["status": .string(verdict.status), "message": .string(verdict.message)], to: descriptor)
  }

  private static func write(_ document: Value, to descriptor: Int32) {
    let bytes = JSON.encode(document) + [UInt8(ascii: "\n")]
    bytes.withUnsafeBufferPointer { bytes in
      var sent = 0
      while sent < bytes.count {
        let count = Glibc.write(descriptor, bytes.baseAddress.map { $0 + sent }, bytes.count - sent)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return }  // the parent notices a missing verdict
        sent += count
      }
    }
  }
}
