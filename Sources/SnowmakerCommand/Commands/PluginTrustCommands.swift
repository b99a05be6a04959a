import PluginHost
import SnowmakerModel

/// `snowmaker plugin keygen`, `sign` and `trust`: signatures of plugins.
enum PluginTrustCommands {
  static let all: [CommandDescription] = [keygen, sign, trust]

  private static let keygen = CommandDescription(
    path: ["plugin", "keygen"], summary: "Make a key to sign plugins with (Ed25519).",
    discussion: "The private key is written to FILE, for its owner alone; whoever has it can sign. The public key is "
      + "printed, for 'snowmaker plugin trust'.",
    positionals: [.init(name: "FILE", doc: "A new file for the private key.", isRequired: true)],
    examples: [.init(command: "snowmaker plugin keygen ~/.config/snowmaker/signing-key", doc: "Once per team.")]
  ) { arguments in
    guarded(arguments) { () throws(LockFile.Failure) in
      let key = try SigningKey.generate()
      try key.write(arguments.positionals[0])
      Terminal.out("\(key.publicKey)\n")
      Terminal.error("The key \(key.publicKey.id) is in \(arguments.positionals[0]). Keep it secret.\n")
    }
  }

  private static let sign = CommandDescription(
    path: ["plugin", "sign"], summary: "Sign a plugin's file; the signature is put beside it.",
    positionals: [.init(name: "FILE", doc: "The plugin, libsnowmaker-NAME.so.", isRequired: true)],
    options: [.value("--key", "FILE", "The private key, from 'snowmaker plugin keygen'.")],
    examples: [
      .init(command: "snowmaker plugin sign libsnowmaker-masking.so --key signing-key", doc: "Before it is handed out.")
    ]
  ) { arguments in
    guard let key = arguments.value("--key") else {
      Terminal.error("snowmaker plugin sign: --key FILE is needed\n")
      return .usage
    }
    return guarded(arguments) { () throws(LockFile.Failure) in
      let signed = try PluginSigning.sign(arguments.positionals[0], with: SigningKey.read(key))
      Terminal.out("\(signed.path) is written, by the key \(signed.signature.key).\n")
    }
  }

  private static let trust = CommandDescription(
    path: ["plugin", "trust"], summary: "Trust plugins that a key has signed.",
    discussion:
      "The key is added to your trust file (~/.config/snowmaker/trust). With the line 'require signatures' in it, "
      + "plugins that are not bundled must be signed by a key in it.",
    positionals: [
      .init(name: "KEY", doc: "The public key, as 'ed25519 HEX' in quotes.", isRequired: true),
      .init(name: "OWNER", doc: "Whose it is, for messages.", isRequired: true),
    ],
    examples: [.init(command: "snowmaker plugin trust 'ed25519 3b6a27bc…' 'platform team'", doc: "Once per key.")]
  ) { arguments in
    guard let key = PublicKey(arguments.positionals[0]) else {
      Terminal.error("snowmaker plugin trust: KEY is 'ed25519' and 64 hexadecimal digits, in quotes\n")
      return .usage
    }
    return guarded(arguments) { () throws(LockFile.Failure) in
      let isNew = try TrustFile.add(key, owner: arguments.positionals[1])
      Terminal.out("The key \(key.id) is \(isNew ? "trusted from now on" : "trusted already").\n")
    }
  }

  private static func guarded(
    _ arguments: ParsedArguments, _ body: () throws(LockFile.Failure) -> Void
  ) -> ExitStatus {
    do throws(LockFile.Failure) {
      try body()
      return .success
    } catch {
      return Reporter(arguments).fail(Diagnostic.error(error.description, code: "signature"))
    }
  }
}
