import Glibc
import SnowmakerModel

/// A folder of `SDK/Templates`, to be written under another name. The templates are projects called acme-monitors; that name,
/// in its several spellings, becomes the new one. Those that `make` builds share the folder `make`.
struct ProjectTemplate {
  private let source: String
  private let sdk: String
  private let language: String
  private let spellings: [(old: String, new: String)]

  /// The template for a language.
  init(sdk: String, language: String, name: String) {
    self.sdk = sdk
    self.language = language
    source = "\(sdk)/Templates/\(language)"
    let words = name.split(separator: "-").map(String.init)
    let module = words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    spellings = [
      ("acme-monitors", name), ("acme_monitors", words.joined(separator: "_")), ("AcmeMonitors", module),
      // The template depends on the SDK that it is in.
      (#".package(path: "../..")"#, ".package(path: \(JSON.string(.string(sdk))))"),
    ]
  }

  /// Writes the project. Throws when the folder is there already, or something cannot be read or written.
  func write(to folder: String) throws(Diagnostic) {
    guard mkdir(folder, 0o755) == 0 else {
      if errno == EEXIST {
        throw .error("'\(folder)' is there already", detail: "Choose another name, or --dir.", code: "folder-exists")
      }
      throw Self.failure(folder)
    }
    try copy(source, to: folder)
    if language != "swift" { try copy("\(sdk)/Templates/make", to: folder) }
    guard language == "c" else { return }
    let header = "snowmaker_plugin.h"
    try put(try text(of: "\(sdk)/Sources/CSnowmaker/include/\(header)"), at: "\(folder)/\(header)")
  }

  private func copy(_ source: String, to target: String) throws(Diagnostic) {
    for name in try names(in: source) {
      let from = "\(source)/\(name)"
      let to = "\(target)/\(renamed(name))"
      var status = stat()
      guard lstat(from, &status) == 0 else { throw Self.failure(from) }
      switch status.st_mode & S_IFMT {
      case S_IFDIR:
        guard mkdir(to, 0o755) == 0 else { throw Self.failure(to) }
        try copy(from, to: to)
      case S_IFREG where !name.hasSuffix(".so"): try put(renamed(try text(of: from)), at: to)
      default: break  // what building the template in place has left
      }
    }
  }

  private func renamed(_ text: String) -> String {
    spellings.reduce(text) { text, spelling in text.replacing(spelling.old, with: spelling.new) }
  }

  /// The entries of a folder that belong to the template, sorted.
  private func names(in folder: String) throws(Diagnostic) -> [String] {
    guard let stream = opendir(folder) else { throw Self.failure(folder) }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if !name.hasPrefix("."), name != "Package.resolved" { names.append(name) }
    }
    return names.sorted()
  }

  private func text(of path: String) throws(Diagnostic) -> String {
    guard let file = fopen(path, "re") else { throw Self.failure(path) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 8192)
    while case let count = fread(&piece, 1, piece.count, file), count > 0 { bytes += piece[..<count] }
    guard ferror(file) == 0 else { throw Self.failure(path) }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func put(_ text: String, at path: String) throws(Diagnostic) {
    guard let file = fopen(path, "wxe") else { throw Self.failure(path) }
    let written = fputs(text, file)
    guard fclose(file) == 0, written >= 0 else { throw Self.failure(path) }
  }

  private static func failure(_ path: String) -> Diagnostic {
    .error("'\(path)': \(String(cString: strerror(errno)))", code: "file")
  }
}
