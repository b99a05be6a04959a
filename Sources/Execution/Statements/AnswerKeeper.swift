import Glibc
import SnowmakerModel

/// Puts what an account tells only once, a token's secret, into a file that its owner alone may read.
struct AnswerKeeper: Sendable {
  /// Where relative paths start.
  let directory: String

  /// Whether every value can be kept once its statement was answered. Throws an error that names all that cannot; a file
  /// that is there is overwritten only when it is one that nobody else may read and that holds one word, as those written here.
  func check(_ kept: [KeptAnswer]) throws(Diagnostic) {
    var problems: [String] = []
    var seen: Set<String> = []
    for answer in kept {
      if !seen.insert(path(of: answer)).inserted {
        problems.append("\(answer.file) would be written twice")
      } else if let problem = problem(answer) {
        problems.append("\(answer.file): \(problem)")
      }
    }
    guard !problems.isEmpty else { return }
    throw .error(
      "a secret that the account tells once could not be written: \(problems.joined(separator: "; "))",
      detail: "Nothing was sent. Name another file, or see to the folder and its rights.", code: "cannot-keep-secret")
  }

  private func problem(_ answer: KeptAnswer) -> String? {
    let path = path(of: answer)
    let folder = Files.parent(of: path)
    var info = stat()
    guard stat(folder, &info) == 0 else { return "the folder \(folder): \(FileError(errno).reason)" }
    guard info.st_mode & S_IFMT == S_IFDIR else { return "\(folder) is no folder" }
    guard access(folder, W_OK | X_OK) == 0 else { return "the folder \(folder): \(FileError(errno).reason)" }
    guard lstat(path, &info) == 0 else { return errno == ENOENT ? nil : FileError(errno).reason }
    guard info.st_mode & S_IFMT == S_IFREG else { return "it is there and no plain file" }
    guard info.st_uid == geteuid(), info.st_mode & 0o077 == 0 else {
      return "it is there and others may read it, so that it is no file of secrets; move it away"
    }
    // Another private file, a key or a list of keys, is not lost to a mistaken path.
    guard let held = try? Files.read(path, limit: 4096), !held.dropLast().contains(where: { $0 <= 0x20 }) else {
      return "it is there and holds something else than one secret; move it away"
    }
    return nil
  }

  /// Writes the value, and says why it could not; nil when it is safe on the disk.
  func keep(_ answer: KeptAnswer, of result: StatementAnswer) -> String? {
    guard let column = result.columns.firstIndex(of: answer.column), let row = result.rows.first, column < row.count,
      let value = row[column].string
    else { return "the account answered no \(answer.column)" }
    do throws(FileError) { try Files.replace(path(of: answer), with: Array(value.utf8) + [0x0a]) } catch {
      return "\(answer.file) could not be written: \(error.reason)"
    }
    return nil
  }

  private func path(of answer: KeptAnswer) -> String {
    answer.file.hasPrefix("/") ? answer.file : directory + "/" + answer.file
  }
}
