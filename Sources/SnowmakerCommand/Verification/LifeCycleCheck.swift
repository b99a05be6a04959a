import PluginHost
import Snowmaker
import SnowmakerModel

/// A type's life on the embedded emulator: created, changed, unset and dropped, and after each step a new plan finds
/// nothing to do.
enum LifeCycleCheck {
  static let prefix = "life-cycle:"

  typealias Ending = VerificationCheck.Ending

  /// The check of the type called `name`.
  static func check(ofType name: String) -> VerificationCheck {
    VerificationCheck(
      prefix + name, .lifeCycle, "\(name) settles: create, change, unset, drop, each followed by an empty plan",
      seconds: 300,
      run: { subject throws(Ending) in
        guard let type = try subject.manifest().types.first(where: { $0.type == name }) else {
          throw .failed("the manifest has no type '\(name)'")
        }
        if type.applies {
          throw .skipped("SQL does not reach it; test it with SnowmakerTesting and a service of your own")
        }
        try play(type, subject)
      })
  }

  /// The check of this name; nil when it is none of a type's life.
  static func check(named name: String) -> VerificationCheck? {
    name.hasPrefix(prefix) ? check(ofType: String(name.dropFirst(prefix.count))) : nil
  }

  private static func play(_ type: TypeSchema, _ subject: VerificationSubject) throws(Ending) {
    guard type.examples.isEmpty else {
      for (number, example) in type.examples.enumerated() {
        subject.note("example \(number + 1)")
        try play(Life(example, of: type), of: type, subject, isMadeUp: false)
      }
      return
    }
    if type.forms.isEmpty { throw .skipped("configuration has no form for it; what is expanded to it is played") }
    let bundled = Workspace.plugins().types
    let types = Dictionary((bundled + [type]).map { ($0.type, $0) }) { _, last in last }
    var complaint = "a required attribute, or something it refers to, has no value that can be made up"
    if let life = Life(madeUpFor: type, types: types, isFull: true) {
      subject.note("all attributes")
      do throws(Ending) { return try play(life, of: type, subject, isMadeUp: true) } catch {
        guard case .skipped(let why) = error.verdict else { throw error }
        complaint = why
      }
    }
    if let life = Life(madeUpFor: type, types: types, isFull: false) {
      subject.note("required attributes")
      do throws(Ending) { try play(life, of: type, subject, isMadeUp: true) } catch {
        guard case .skipped = error.verdict else { throw error }
        throw .warning("it cannot be played with made-up values: \(complaint); give the type an example")
      }
      throw .warning("only its required attributes were played, made-up values of others are refused: \(complaint)")
    }
    throw .warning("it cannot be played with made-up values: \(complaint); give the type an example")
  }

  /// Plays a life. Throws `skipped` when made-up values are refused before anything is sent.
  private static func play(
    _ life: Life, of type: TypeSchema, _ subject: VerificationSubject, isMadeUp: Bool
  ) throws(Ending) {
    guard let place = Rehearsal(plugin: subject.file.path) else { throw .failed("there is no temporary folder") }
    subject.note("what it needs")
    try step(place, "base", life.base, "what it needs", mayRefuse: isMadeUp)
    for stage in life.stages {
      subject.note(stage.name)
      do throws(Ending) {
        try step(place, "life", stage.configuration, stage.name, mayRefuse: isMadeUp)
      } catch {
        // Values that were made up once may not become others that were made up.
        guard case .skipped = error.verdict, stage.name != life.stages.first?.name else { throw error }
      }
    }
    subject.note("dropped")
    try step(place, "life", nil, "dropped", mayRefuse: false)
  }

  /// What the emulator answers to statements that it knows and does not play.
  private static let unplayed = "Unsupported feature '"

  private static func step(
    _ place: Rehearsal, _ file: String, _ configuration: Value?, _ stage: String, mayRefuse: Bool
  ) throws(Ending) {
    guard place.write(file, configuration) else { throw .failed("a file of the project cannot be written") }
    let drops = ["--max-drops", "1000", "--allow-drop"]
    let plan = place.run("plan", drops)
    guard plan.status == 0 else {
      if mayRefuse { throw .skipped(plan.complaint) }
      throw .failed("\(stage): plan: \(plan.complaint)")
    }
    let apply = place.run("apply", drops + ["--yes"])
    guard apply.status == 0 else {
      if apply.output.contains(unplayed) {
        throw .warning("\(stage): the account emulator does not play it: \(apply.complaint)")
      }
      // The account does not like values that were made up: others may do.
      if mayRefuse { throw .skipped(apply.complaint) }
      throw .failed("\(stage): apply: \(apply.complaint)")
    }
    let again = place.run("plan", drops + ["--detailed-exitcode"])
    guard again.status == 0 else {
      throw .failed(
        "\(stage): a new plan is not empty: \(again.output.split(separator: "\n").prefix(4).joined(separator: " / "))")
    }
  }
}
