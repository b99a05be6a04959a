/// Of several files with one name, the one to use.
struct PluginChoice {
  /// The ones that are not used although they must not be there.
  private(set) var refusals: [PluginRefusal] = []
  /// What the user should know.
  private(set) var notes: [String] = []

  /// One file per name: one given by `--plugin-dir` goes before all others, with a note; any other second one is refused.
  mutating func chosen(from files: [PluginFile]) -> [PluginFile] {
    var chosen: [PluginFile] = []
    for file in files {
      guard let first = chosen.first(where: { $0.name == file.name }) else {
        chosen.append(file)
        continue
      }
      if first.origin == .option, file.origin != .option {
        notes.append("plugin '\(file.name)' is taken from \(first.path) (--plugin-dir) instead of \(file.path)")
      } else {
        refusals.append(PluginRefusal(file, .duplicate(of: first.path)))
      }
    }
    return chosen
  }
}
