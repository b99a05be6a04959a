/// The profiles in the files of AWS' own tools: `~/.aws/config` (`$AWS_CONFIG_FILE`), with sections `[default]` and
/// `[profile NAME]`, and `~/.aws/credentials` (`$AWS_SHARED_CREDENTIALS_FILE`), with sections `[NAME]`, whose values come
/// first ("Configuration and credential file settings", AWS CLI user guide).
struct AWSProfiles {
  /// One profile: its settings, names in lower case.
  typealias Profile = [String: String]

  private var profiles: [String: Profile] = [:]
  /// The files that were read.
  private(set) var files: [String] = []

  /// Reads the files that exist. Throws a `ConnectionProblem` with file and line when one cannot be understood.
  init(variable: (String) -> String? = Metadata.variable) throws(ConnectionProblem) {
    let home = variable("HOME")
    for (name, usual, isConfiguration) in [
      ("AWS_CONFIG_FILE", "~/.aws/config", true), ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials", false),
    ] {
      let path = ConnectionFiles.expand(variable(name) ?? usual, home)
      guard FileSystem.status(path)?.isFolder == false else { continue }
      files.append(path)
      let text = String(decoding: try FileSystem.read(path), as: UTF8.self)
      for (section, settings) in try Self.sections(text, file: path) {
        guard let name = isConfiguration ? Self.profileName(section) : section else { continue }
        // Keys belong together: those of one file are not mixed with those of the other.
        if settings["aws_access_key_id"] != nil {
          for key in Self.keys { profiles[name]?[key] = nil }
        }
        profiles[name, default: [:]].merge(settings) { _, later in later }
      }
    }
  }

  private static let keys = [
    "aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_security_token",
  ]

  /// The profile of that name.
  subscript(name: String) -> Profile? { profiles[name] }

  /// The profiles' names, sorted.
  var names: [String] { profiles.keys.sorted() }

  /// The profile that a section of the configuration stands for; nil for other sections.
  private static func profileName(_ section: String) -> String? {
    if section == "default" { return section }
    guard section.hasPrefix("profile"), let space = section.firstIndex(where: { $0 == " " || $0 == "\t" }) else {
      return nil
    }
    var name = trimmingSpace(section[space...])
    for mark in ["\"", "'"] where name.count >= 2 && name.hasPrefix(mark) && name.hasSuffix(mark) {
      name = name.dropFirst().dropLast()
    }
    return name.isEmpty ? nil : String(name)
  }

  /// Sections in the form that Python's `configparser` reads, which AWS' tools go by: `key = value` or `key: value`, lines
  /// that begin with `#` or `;` are comments, lines that are indented belong to the value above. Such values hold settings
  /// of one service, which nobody needs here.
  private static func sections(
    _ text: String, file: String
  ) throws(ConnectionProblem) -> [(name: String, settings: Profile)] {
    var sections: [(name: String, settings: Profile)] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let content = trimmingSpace(line)
      guard let first = content.first, first != "#", first != ";" else { continue }
      if first == "[" {
        guard let end = content.lastIndex(of: "]") else {
          throw ConnectionProblem("a section's name does not end with ]", file: file, line: index + 1)
        }
        sections.append((String(trimmingSpace(content[content.index(after: content.startIndex)..<end])), [:]))
        continue
      }
      if line.first == " " || line.first == "\t" { continue }
      guard let mark = content.firstIndex(where: { $0 == "=" || $0 == ":" }), !sections.isEmpty else {
        throw ConnectionProblem(
          sections.isEmpty ? "a setting stands before the first [section]" : "neither [section] nor key = value",
          file: file, line: index + 1)
      }
      let key = trimmingSpace(content[..<mark]).lowercased()
      sections[sections.count - 1].settings[key] = String(trimmingSpace(content[content.index(after: mark)...]))
    }
    return sections
  }
}
