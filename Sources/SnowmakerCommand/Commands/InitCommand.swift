import Configuration
import PluginHost
import Snowmaker
import SnowmakerModel

/// `snowmaker init`: writes down which plugins a project uses.
enum InitCommand {
  static let description = CommandDescription(
    path: ["init"], summary: "Write snowmaker.lock: exactly which plugins the project uses.",
    discussion:
      "Plan and apply refuse a plugin that is not the one in the lock file. Commit the file. Bundled plugins are "
      + "only locked when plugins: in snowmaker.yaml names them; those of --plugin-dir never.",
    positionals: [CommonOptions.path],
    options: CommonOptions.plugins + [
      .flag("--upgrade", "Take plugins that differ from what is locked, and take out those that are gone.")
    ],
    examples: [
      .init(command: "snowmaker init", doc: "After a plugin was added, or on a new kind of machine."),
      .init(command: "snowmaker init --upgrade", doc: "After a plugin was replaced by a newer one."),
    ], run: run)

  private static func run(_ arguments: ParsedArguments) async -> ExitStatus {
    let reporter = Reporter(arguments)
    let (project, problems) = Project.read(at: arguments.positionals.first ?? ".")
    let (trust, mistrust) = PluginTrust.of(project, needsLock: false)
    let catalog = PluginCatalog.read(
      from: project.pluginSearchPath(options: arguments.all("--plugin-dir")),
      allowsInsecure: arguments.has("--allow-insecure-plugins"), trust: trust,
      isolation: CommonOptions.isolation(arguments, project))
    let options = catalog.entries.filter { $0.file.origin == .option }.map(\.name)
    reporter.report(problems + mistrust + catalog.problems.map { .error($0, code: "plugin") })
    reporter.report(catalog.notes.map { Diagnostic(.note, $0) })
    if !options.isEmpty {
      reporter.report([
        Diagnostic(.note, "not locked, because --plugin-dir has them: \(options.joined(separator: ", "))")
      ])
    }
    guard !(problems + mistrust).contains(where: { $0.severity == .error }), catalog.problems.isEmpty else {
      return .failure
    }
    let locked = catalog.entries.filter { entry in
      entry.file.origin != .option && (entry.file.origin != .bundled || project.plugins[entry.name] != nil)
    }
    let update = LockUpdate(
      trust.lock,
      found: locked.map {
        .init(name: $0.name, version: $0.manifest.version, sha256: $0.sha256, signer: $0.signer?.key.id)
      }, requirements: trust.requirements, upgrades: arguments.has("--upgrade"))
    return write(update, old: trust.lock, in: project.folder, reporter)
  }

  private static func write(
    _ update: LockUpdate, old: LockFile?, in folder: String, _ reporter: Reporter
  ) -> ExitStatus {
    reporter.report(update.problems.map { .error($0, code: "plugin") })
    guard update.problems.isEmpty else {
      Terminal.error("\(LockFile.fileName) stays as it is.\n")
      return .failure
    }
    for change in update.changes { Terminal.out("\(change)\n") }
    if update.lock == old || old == nil && update.lock.entries.isEmpty {
      Terminal.out(
        update.lock.entries.isEmpty
          ? "Nothing to lock: the project uses bundled plugins only.\n" : "\(LockFile.fileName) is up to date.\n")
      return .success
    }
    do throws(LockFile.Failure) { try update.lock.write(in: folder) } catch {
      return reporter.fail(Diagnostic.error(error.description, code: "lock-file"))
    }
    Terminal.out("\(LockFile.fileName) is written; commit it.\n")
    return .success
  }
}
