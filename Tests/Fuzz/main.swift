import Glibc

/// What the command line asks for.
struct FuzzArguments {
  var target = ""
  var inputs = 100_000
  var seed: UInt64 = 1
  var from = 0
  var record = "/tmp/snowmaker-fuzz-\(getpid())"

  init(_ words: [String]) throws(FuzzFailure) {
    var rest = words[...]
    while let word = rest.popFirst() {
      guard word.hasPrefix("--") else {
        target = word
        continue
      }
      guard let value = rest.popFirst() else { throw FuzzFailure(description: "\(word) needs a value") }
      switch (word, UInt64(value)) {
      case ("--inputs", let number?): inputs = Int(clamping: number)
      case ("--seed", let number?): seed = number
      case ("--from", let number?): from = Int(clamping: number)
      case ("--record", _): record = value
      default: throw FuzzFailure(description: "\(word) \(value) is not understood")
      }
    }
  }
}

do {
  let arguments = try FuzzArguments(Array(CommandLine.arguments.dropFirst()))
  if arguments.target == "last" {
    // What a crashed run was trying.
    guard let (index, bytes) = Recorder.last(in: arguments.record) else {
      throw FuzzFailure(description: "\(arguments.record) holds no input")
    }
    say("input \(index): \(Campaign.shown(bytes))")
    exit(0)
  }
  let campaign = Campaign(
    inputs: arguments.inputs, seed: arguments.seed, from: arguments.from,
    recorder: try Recorder(path: arguments.record))
  let findings: Int
  switch arguments.target {
  case "sql": findings = try campaign.run("sql", SQLTarget())
  case "http": findings = try campaign.run("http", HTTPTarget())
  case "document": findings = try campaign.run("document", DocumentTarget())
  case "answer": findings = try campaign.run("answer", ClientAnswerTarget())
  case "cell": findings = try campaign.run("cell", CellTarget())
  case "configuration": findings = try campaign.run("configuration", ConfigurationTarget())
  default:
    throw FuzzFailure(
      description: "usage: Fuzz sql|http|document|answer|cell|configuration [--inputs N] [--seed N] [--from N] "
        + "[--record FILE]")
  }
  unlink(arguments.record)
  exit(findings == 0 ? 0 : 1)
} catch {
  say("fuzz: \(error)")
  exit(2)
}
