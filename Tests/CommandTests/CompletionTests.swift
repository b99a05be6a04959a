import Glibc
import Testing

/// Completion, in the shells themselves where they are installed.
@Suite struct CompletionTests {
  private func place() throws -> Workplace {
    let place = try Workplace([
      "snowmaker.yaml": "targets: {dev: , prod: }\n", "w.yml": "warehouses: [{name: loading}, {name: reporting}]\n",
      "r.yml": Self.callingFunctions,
    ])
    try place.write("bin/x", nil)
    mkdir(place.folder + "/bin", 0o700)
    symlink(RunningTool.executable, place.folder + "/bin/snowmaker")
    return place
  }

  /// A call in an attribute, and a name that is nothing but a call.
  private static let callingFunctions = """
    roles:
      - {name: auditor, comment: "sees {{ functions::cidr_host_count('10.0.0.0/24') }} hosts"}
      - {name: "{{ functions::name_template('{1}_READ', ['raw data']) }}"}
      - {name: "x_{{ functions::name_template('{1}', ['y']) }}"}

    """

  /// Lines and what must be among their completions, what must not.
  static let cases: [(line: String, expected: [String], unexpected: [String])] = [
    ("snowmaker pl", ["plan", "plugin"], ["apply"]),
    ("snowmaker plugin ", ["list", "show", "sign"], ["plan"]),
    ("snowmaker plan --for", ["--format"], ["--only"]),
    ("snowmaker plan --format ", ["json", "markdown", "sql", "text"], []),
    ("snowmaker plan --target ", ["dev", "prod"], ["json"]),
    ("snowmaker plan --only ware", ["warehouse"], ["role"]),
    ("snowmaker plan --connection emu", ["emulator"], []),
    ("snowmaker plugin show functions::cidr_h", ["functions::cidr_host_count"], []),
    ("snowmaker plugin show dat", ["database", "databases"], ["warehouse"]),
    ("snowmaker completion ", ["bash", "fish", "zsh"], []),
    ("snowmaker plan --only warehouse:R", ["warehouse:REPORTING"], ["warehouse:LOADING"]),
    ("snowmaker connection show ", [], ["emulator"]), ("snowmaker emulator --show-limit ", ["cut", "fail"], []),
    ("snowmaker ledger show warehouse:L", ["warehouse:LOADING"], ["w.yml"]),
    ("snowmaker plan --only role:", ["role:AUDITOR", "role:RAW_DATA_READ", "role:X_Y"], []),
  ]

  private func check(_ shell: String, _ answers: (String) async throws -> [String]) async throws {
    for (line, expected, unexpected) in Self.cases {
      let found = try await answers(line)
      for word in expected { #expect(found.contains(word), "\(shell): '\(line)' gives \(found)") }
      for word in unexpected { #expect(!found.contains(word), "\(shell): '\(line)' gives \(found)") }
    }
  }

  @Test func bashCompletes() async throws {
    let place = try place()
    try place.write(
      "complete.bash",
      """
      source <(snowmaker completion bash)
      COMP_LINE=$1 COMP_POINT=${#1}
      # The words as readline cuts them, at ':' and '=' too.
      read -r -a plain <<<"${1//:/ : }"
      COMP_WORDS=("${plain[@]}")
      [[ $1 == *" " ]] && COMP_WORDS+=("")
      COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
      complete -p snowmaker >/dev/null || exit 1
      _snowmaker
      printf '%s\\n' "${COMPREPLY[@]}"
      """)
    try await check("bash") { line in
      let ending = try await shell(place, ["bash", "--norc", "complete.bash", line])
      // What stands before the last ':' is there already.
      let start = line.split(separator: " ", omittingEmptySubsequences: false).last ?? ""
      let kept = start.lastIndex(of: ":").map { start[...$0] } ?? ""
      return ending.split(separator: "\n").map { String(kept) + String($0) }
    }
  }

  @Test(.enabled(if: access("/usr/bin/fish", X_OK) == 0, "fish is not installed")) func fishCompletes() async throws {
    let place = try place()
    try await check("fish") { line in
      let ending = try await shell(
        place, ["fish", "--no-config", "-c", "snowmaker completion fish | source; complete -C '\(line)'"])
      return ending.split(separator: "\n").map { String($0.split(separator: "\t")[0]) }
    }
  }

  @Test(.enabled(if: access("/usr/bin/zsh", X_OK) == 0, "zsh is not installed")) func zshCompletes() async throws {
    let place = try place()
    // A real line editor in a terminal of its own; compadd says what it is given.
    try place.write(
      "complete.zsh",
      """
      zmodload zsh/zpty
      zpty -b z zsh -f -i
      zpty -w z "PS1=; PATH=$PATH; autoload -Uz compinit; compinit -u -D; source <(snowmaker completion zsh)"
      zpty -w z 'compadd() { if (( ${@[(I)--]} )); then local -a found; builtin compadd -O found "$@" 2>/dev/null; print -rl -- "<<${^found[@]}>>"; fi; builtin compadd "$@" }'
      zpty -w z "bindkey '^I' complete-word; print -r ready''now"
      local text
      while zpty -r z text; do [[ $text == *readynow* ]] && break; done
      zpty -w -n z "$1"$'\\t'
      integer quiet=0
      while (( quiet < 60 )); do
        if zpty -rt z text; then print -rn -- "$text"; [[ $text == *'>>'* ]] && quiet=45; else (( quiet++ )); sleep 0.05; fi
      done
      zpty -d z
      """)
    try await check("zsh") { line in
      let ending = try await shell(place, ["zsh", "-f", "complete.zsh", line])
      return ending.components(between: "<<", and: ">>")
    }
  }

  /// A plugin from elsewhere does not run because somebody presses a key: what its functions name is left out.
  @Test func functionsOfOthersAreNotCalled() async throws {
    let place = try place()
    mkdir(place.folder + "/plugins", 0o700)
    let bundled = RunningTool.executable.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" }
    let copied = system("cp '\(bundled)/libsnowmaker-functions.so' '\(place.folder)/plugins/'")
    try #require(copied == 0)
    let ending = try await place.run(
      "__complete", "fish", "snowmaker", "plan", "--plugin-dir", place.folder + "/plugins", "--only", "role:")
    #expect(ending.out == "role:AUDITOR\n", Comment(rawValue: ending.all))
  }

  /// What the shell prints.
  private func shell(_ place: Workplace, _ words: [String]) async throws -> String {
    place.set("PATH", place.folder + "/bin:/usr/bin:/bin")
    let quoted = words.map { "'" + $0.replacing("'", with: "'\\''") + "'" }.joined(separator: " ")
    let output = place.folder + "/output"
    let command =
      "cd '\(place.folder)' && env -i HOME='\(place.root)/home' PATH='\(place.folder)/bin:/usr/bin:/bin' LANG=C.UTF-8 "
      + "TERM=dumb \(quoted) >'\(output)' 2>/dev/null </dev/null"
    _ = system(command)
    return Files.read(output) ?? ""
  }
}

extension String {
  /// What stands between two marks, each time.
  fileprivate func components(between start: String, and end: String) -> [String] {
    var found: [String] = []
    var rest = self[...]
    while let opening = rest.firstRange(of: start), let closing = rest[opening.upperBound...].firstRange(of: end) {
      found.append(String(rest[opening.upperBound..<closing.lowerBound]))
      rest = rest[closing.upperBound...]
    }
    return found
  }
}
