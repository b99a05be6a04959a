import Glibc

/// Who could change a plugin's code besides the user who runs it.
///
/// The file and its folder must belong to the user or to root (for bundled plugins also to whoever owns the running
/// executable, who could change that too), and must be writable neither by everyone nor by a group other than the
/// user's own primary group. A sticky folder such as /tmp counts as writable by everyone. The same goes for every folder
/// above, of plugins that are not bundled; there a sticky one is fine.
struct FileTrust {
  let origin: PluginOrigin
  var user = geteuid()
  var group = getegid()

  init(origin: PluginOrigin) { self.origin = origin }

  /// What is wrong with the file or its folder, nil when nothing is.
  func insecurity(of file: OpenFile) -> PluginRefusal.Insecurity? {
    if let insecurity = insecurity(file.status, folder: nil) { return insecurity }
    var status = stat()
    guard stat(file.folder, &status) == 0 else { return nil }  // opening the file in it would have failed
    if let insecurity = insecurity(status, folder: file.folder) { return insecurity }
    // What comes with the executable is as safe as that is.
    return origin == .bundled ? nil : insecurityAbove(file.folder, status)
  }

  /// What is wrong with a folder above: whoever can write there can put another folder in the place of the one below,
  /// unless it is sticky, and the one below belongs to the user or root.
  private func insecurityAbove(_ folder: String, _ status: stat) -> PluginRefusal.Insecurity? {
    var below = status
    var path = folder
    while let slash = path.lastIndex(of: "/"), path != "/" {
      path = slash == path.startIndex ? "/" : String(path[..<slash])
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      let isSticky = UInt32(status.st_mode) & 0o1000 != 0 && (status.st_uid == 0 || status.st_uid == user)
      if !isSticky || below.st_uid != 0 && below.st_uid != user {
        if let insecurity = insecurity(status, folder: path) { return insecurity }
      }
      below = status
    }
    return nil
  }

  private func insecurity(_ status: stat, folder: String?) -> PluginRefusal.Insecurity? {
    let mode = UInt32(status.st_mode) & 0o7777
    guard status.st_uid == 0 || status.st_uid == user || isOwnerOfExecutable(status.st_uid) else {
      return .foreignOwner(user: UInt32(status.st_uid), folder: folder)
    }
    if mode & 0o002 != 0 { return .writableByEveryone(mode: mode, folder: folder) }
    if mode & 0o020 != 0, status.st_gid != group {
      return .writableByGroup(mode: mode, group: UInt32(status.st_gid), folder: folder)
    }
    return nil
  }

  private func isOwnerOfExecutable(_ owner: uid_t) -> Bool {
    guard origin == .bundled else { return false }
    var status = stat()
    return stat("/proc/self/exe", &status) == 0 && status.st_uid == owner
  }
}
