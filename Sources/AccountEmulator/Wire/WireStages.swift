import CCrypto
import Glibc
import SnowmakerModel
import Synchronization

/// The files on internal stages: in a folder, one subfolder per stage.
final class WireStages: Sendable {
  /// How a client gets at files.
  enum Access: Sendable {
    /// It shares this machine's file system.
    case folder
    /// By HTTP from here: `http://127.0.0.1:8085`.
    case address(String)
  }

  /// A file on a stage.
  struct File: Sendable {
    /// Relative to the stage, with slashes.
    var path: String
    var size: Int
    /// Seconds since 1970.
    var modified: Int
  }

  private struct State: Sendable {
    var root: String?
    var isTemporary = false
    /// What clients noted beside files, by full path.
    var metadata: [String: [String: String]] = [:]
  }

  private let state: Mutex<State>
  /// What addresses carry: whoever has one may use it, as with the service's presigned ones.
  private let secret = WireRandom.hex(bytes: 16)

  init(folder: String?) { state = Mutex(State(root: folder)) }

  /// Removes the folder when it was a temporary one.
  func removeTemporary() {
    let root = state.withLock { state -> String? in
      defer { if state.isTemporary { state.root = nil } }
      return state.isTemporary ? state.root : nil
    }
    if let root { Self.removeTree(root) }
  }

  /// How a client is told to bring files. Version 5 of the Python connector refuses folders.
  func access(_ request: HTTPRequest) -> Access {
    let name = request.userAgent ?? ""
    guard name.hasPrefix("PythonConnector/"), let host = request.host,
      let major = Int(name.dropFirst("PythonConnector/".count).prefix { $0.isNumber }), major >= 5
    else { return .folder }
    return .address("\(request.scheme)://\(host)/stage-files")
  }

  // MARK: Folders

  /// The name of a stage's folder.
  static func folder(_ stage: LocatedStage) -> String { String(AccessTokens.digest(stage.key).prefix(40)) }

  /// Where a stage's files are; made when it is not there.
  func path(_ stage: LocatedStage) throws(StatementFailure) -> String {
    let root = state.withLock { state -> String? in
      if let root = state.root {
        mkdir(root, 0o700)
        return root
      }
      var template = Array("/tmp/snowmaker-stages-XXXXXX".utf8CString)
      guard mkdtemp(&template) != nil else { return nil }
      let root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
      state.root = root
      state.isTemporary = true
      return root
    }
    guard let root else { throw Self.failure("make a folder for stages") }
    let path = root + "/" + Self.folder(stage)
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw Self.failure("make \(path)") }
    return path
  }

  private static func failure(_ what: String) -> StatementFailure {
    .broken("cannot \(what): \(String(cString: strerror(errno)))")
  }

  /// The files beneath a folder, by path.
  static func files(in folder: String) -> [File] {
    var found: [File] = []
    func walk(_ folder: String, _ prefix: String) {
      guard let directory = opendir(folder) else { return }
      defer { closedir(directory) }
      while let entry = readdir(directory) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
          String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name == "." || name == ".." { continue }
        var status = stat()
        guard lstat(folder + "/" + name, &status) == 0 else { continue }
        if status.st_mode & S_IFMT == S_IFDIR {
          walk(folder + "/" + name, prefix + name + "/")
        } else if status.st_mode & S_IFMT == S_IFREG {
          found.append(File(path: prefix + name, size: Int(status.st_size), modified: status.st_mtim.tv_sec))
        }
      }
    }
    walk(folder, "")
    return found.sorted { $0.path < $1.path }
  }

  /// The files of a stage with what is in them; none when the stage has no folder.
  func contents(of stage: LocatedStage) -> [(path: String, content: [UInt8])] {
    guard let folder = try? path(stage) else { return [] }
    return Self.files(in: folder).compactMap { file in Self.read(folder + "/" + file.path).map { (file.path, $0) } }
  }

  private static func removeTree(_ folder: String) {
    for file in files(in: folder) { unlink(folder + "/" + file.path) }
    guard let directory = opendir(folder) else { return }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    closedir(directory)
    for name in names { removeTree(folder + "/" + name) }
    rmdir(folder)
  }

  /// Makes the folders that a file in `folder` needs.
  static func makeFolders(for path: String, in folder: String) {
    var made = folder
    for part in path.split(separator: "/").dropLast() {
      made += "/" + part
      mkdir(made, 0o700)
    }
  }

  static func read(_ path: String) -> [UInt8]? {
    guard let file = fopen(path, "re") else { return nil }
    defer { fclose(file) }
    var content: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      content += buffer[..<count]
      if count < buffer.count { return ferror(file) == 0 ? content : nil }
    }
  }

  /// Writes a file on a stage; false when that fails or the path leaves the stage.
  func write(_ content: [UInt8], to path: String, on stage: LocatedStage) -> Bool {
    guard !path.isEmpty, !path.split(separator: "/").contains(".."), !path.contains("\0"),
      let folder = try? self.path(stage)
    else { return false }
    Self.makeFolders(for: path, in: folder)
    return Self.write(content, to: folder + "/" + path)
  }

  /// Under another name first: nobody reads half a file.
  private static func write(_ content: [UInt8], to path: String) -> Bool {
    let unfinished = path + ".part-" + WireRandom.hex(bytes: 6)
    guard let output = fopen(unfinished, "we") else { return false }
    let written = fwrite(content, 1, content.count, output)
    guard fclose(output) == 0, written == content.count, rename(unfinished, path) == 0 else {
      unlink(unfinished)
      return false
    }
    return true
  }

  static func md5(_ bytes: [UInt8]) -> String {
    var out = [UInt8](repeating: 0, count: 16)
    return ccrypto_md5(bytes, bytes.count, &out) == CCRYPTO_OK ? Hex.encode(out) : ""
  }

  // MARK: HTTP

  /// The header that says which version of a file may be replaced: 0 is none.
  static let condition = "x-goog-if-generation-match"

  /// The address under which a client may put or get a file.
  func address(_ base: String, _ stage: LocatedStage, _ path: String) -> String {
    let allowed = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/".utf8)
    var escaped = ""
    for byte in path.utf8 {
      if allowed.contains(byte) {
        escaped.unicodeScalars.append(UnicodeScalar(byte))
      } else {
        escaped += "%" + Hex.encode([byte]).uppercased()
      }
    }
    // Version 5 of the Python connector looks whether the headers it is going to send are signed, as Google asks.
    let signed = ["host", WireStages.condition] + HTTPListener.metadataNames
    return "\(base)/\(secret)/\(Self.folder(stage))/\(escaped)?X-Goog-SignedHeaders="
      + signed.joined(separator: "%3B")
  }

  /// PUT, GET and HEAD of /stage-files/{secret}/{stage}/{path}.
  func serve(_ request: HTTPRequest, parts: [String]) -> HTTPReply {
    let failure = { (status: UInt32) in HTTPReply(status: status, contentType: "text/plain", body: []) }
    guard parts.count > 2, parts[0] == secret else { return failure(403) }
    let file = parts.dropFirst(2).joined(separator: "/")
    guard let root = state.withLock({ $0.root }), parts[1].utf8.allSatisfy({ $0 != UInt8(ascii: ".") }), !file.isEmpty,
      !parts.contains(".."), !file.contains("\0")
    else { return failure(404) }
    let folder = root + "/" + parts[1]
    let path = folder + "/" + file
    switch request.method {
    case "PUT":
      if request.generationMatch == "0", Glibc.access(path, F_OK) == 0 { return failure(412) }
      Self.makeFolders(for: file, in: folder)
      guard Glibc.access(folder, W_OK) == 0 else { return failure(404) }
      guard Self.write(request.body, to: path) else { return failure(507) }
      state.withLock { $0.metadata[path] = request.fileMetadata }
      var reply = failure(200)
      reply.headers["ETag"] = "\"\(Self.md5(request.body))\""
      return reply
    case "GET", "HEAD":
      guard let content = Self.read(path) else { return failure(404) }
      var reply = HTTPReply(contentType: "application/octet-stream", body: content)
      reply.headers = state.withLock { $0.metadata[path] ?? [:] }
      reply.headers["ETag"] = "\"\(Self.md5(content))\""
      return reply
    default: return failure(405)
    }
  }
}
