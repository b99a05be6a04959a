/// What a project's lock file says of a plugin's file.
public enum LockStanding: String, Hashable, Sendable {
  /// It is the file that was locked.
  case locked
  /// It is another file than the one that was locked, or was locked for another platform: plan and apply refuse it.
  case different
  /// It is not in the lock file, and must be: plan and apply refuse it.
  case missing
  /// It need not be locked: it is bundled, or given by `--plugin-dir`.
  case exempt
}
