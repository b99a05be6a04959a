import CCrypto
import Glibc

/// A secret as a file may hold it: encrypted by AES-256-GCM under a key that lies elsewhere.
///
/// As text: `v1:scrypt:15:8:1:SALT:NONCE:BYTES` or `v1:keyfile:NONCE:BYTES`, all but the numbers in base64. The name of
/// the connection and of the setting are sealed with it, so that a value cannot be moved to another place.
struct SealedSecret: Sendable {
  /// What opens a secret.
  enum Key: Sendable {
    case passphrase(Secret)
    /// 32 bytes or more, as a file holds them.
    case file([UInt8])
  }

  private enum Derivation: Equatable { case scrypt(exponent: Int, r: Int, p: Int, salt: [UInt8]), file }

  private let derivation: Derivation
  private let nonce: [UInt8]
  private let bytes: [UInt8]

  /// Whether a passphrase opens it; a key file does otherwise.
  var needsPassphrase: Bool { derivation != .file }

  /// Reads the text form. Throws when it is damaged.
  init(_ text: String) throws(ConnectionProblem) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    let damaged = ConnectionProblem("an encrypted value is damaged", hint: "add the connection again")
    if parts.count == 8, parts[0] == "v1", parts[1] == "scrypt", let exponent = Int(parts[2]), let r = Int(parts[3]),
      let p = Int(parts[4]), (10...20).contains(exponent), (1...32).contains(r), (1...16).contains(p),
      let salt = Base64.decode(parts[5]), let nonce = Base64.decode(parts[6]), let bytes = Base64.decode(parts[7])
    {
      derivation = .scrypt(exponent: exponent, r: r, p: p, salt: salt)
      self.nonce = nonce
      self.bytes = bytes
    } else if parts.count == 4, parts[0] == "v1", parts[1] == "keyfile", let nonce = Base64.decode(parts[2]),
      let bytes = Base64.decode(parts[3])
    {
      derivation = .file
      self.nonce = nonce
      self.bytes = bytes
    } else {
      throw damaged
    }
    guard nonce.count == Int(CCRYPTO_GCM_NONCE_SIZE), bytes.count >= Int(CCRYPTO_GCM_TAG_SIZE) else { throw damaged }
  }

  /// Encrypts a secret; gives its text form. Throws when libcrypto cannot be used.
  static func seal(
    _ secret: Secret, with key: Key, connection: String, setting: ConnectionKey
  ) throws(ConnectionProblem) -> String {
    let nonce = try random(Int(CCRYPTO_GCM_NONCE_SIZE))
    let derivation: Derivation
    var head: String
    switch key {
    case .passphrase:
      let salt = try random(16)
      derivation = .scrypt(exponent: 15, r: 8, p: 1, salt: salt)
      head = "v1:scrypt:15:8:1:\(Base64.encode(salt))"
    case .file:
      derivation = .file
      head = "v1:keyfile"
    }
    var derived = try derive(key, derivation)
    defer { derived.withUnsafeMutableBytes { ccrypto_wipe($0.baseAddress, $0.count) } }
    let plain = Array(secret.reveal().utf8)
    let context = Self.context(connection, setting)
    var out = [UInt8](repeating: 0, count: plain.count + Int(CCRYPTO_GCM_TAG_SIZE))
    try check(ccrypto_aes256gcm_seal(derived, nonce, context, context.count, plain, plain.count, &out))
    head += ":\(Base64.encode(nonce)):\(Base64.encode(out))"
    return head
  }

  /// Decrypts. Throws when the key is not the right one or the text was changed.
  func open(with key: Key, connection: String, setting: ConnectionKey) throws(ConnectionProblem) -> Secret {
    var derived = try Self.derive(key, derivation)
    defer { derived.withUnsafeMutableBytes { ccrypto_wipe($0.baseAddress, $0.count) } }
    let context = Self.context(connection, setting)
    var out = [UInt8](repeating: 0, count: bytes.count - Int(CCRYPTO_GCM_TAG_SIZE))
    let status = ccrypto_aes256gcm_open(derived, nonce, context, context.count, bytes, bytes.count, &out)
    if status == Int32(CCRYPTO_BAD_PASSPHRASE) {
      throw ConnectionProblem(
        "the \(needsPassphrase ? "passphrase" : "key file") does not open the encrypted \(setting.rawValue) of "
          + "connection \"\(connection)\", or the value was changed or moved")
    }
    try Self.check(status)
    defer { out.withUnsafeMutableBytes { ccrypto_wipe($0.baseAddress, $0.count) } }
    return Secret(String(decoding: out, as: UTF8.self))
  }

  private static func derive(_ key: Key, _ derivation: Derivation) throws(ConnectionProblem) -> [UInt8] {
    var out = [UInt8](repeating: 0, count: Int(CCRYPTO_GCM_KEY_SIZE))
    switch (key, derivation) {
    case (.passphrase(let secret), .scrypt(let exponent, let r, let p, let salt)):
      let phrase = Array(secret.reveal().utf8)
      try check(
        ccrypto_scrypt(
          phrase, phrase.count, salt, salt.count, 1 << UInt64(exponent), UInt32(r), UInt32(p), &out, out.count))
    case (.file(let content), .file):
      guard content.count >= 32 else {
        throw ConnectionProblem("the key file holds fewer than 32 bytes", hint: "make one: openssl rand -out FILE 32")
      }
      try check(ccrypto_sha256(content, content.count, &out))
    case (.passphrase, .file): throw ConnectionProblem("a key file is needed, not a passphrase")
    case (.file, .scrypt): throw ConnectionProblem("a passphrase is needed, not a key file")
    }
    return out
  }

  private static func context(_ connection: String, _ setting: ConnectionKey) -> [UInt8] {
    Array("snowmaker sealed\0\(connection)\0\(setting.rawValue)".utf8)
  }

  private static func random(_ count: Int) throws(ConnectionProblem) -> [UInt8] {
    var out = [UInt8](repeating: 0, count: count)
    try check(ccrypto_random(&out, count))
    return out
  }

  private static func check(_ status: Int32) throws(ConnectionProblem) {
    guard status != Int32(CCRYPTO_OK) else { return }
    throw ConnectionProblem(
      "a secret cannot be encrypted or decrypted: \(String(cString: ccrypto_status_text(status)))")
  }
}

/// Where the key to encrypted settings comes from.
public struct SealingKeySource: Sendable {
  /// Asks the user for a passphrase; nil when nobody can be asked.
  public var ask: @Sendable (_ question: String) -> String?

  /// By default the question is asked on the terminal, unseen.
  public init(ask: @escaping @Sendable (_ question: String) -> String? = { Self.askOnTerminal($0) }) { self.ask = ask }

  /// The key: what `$SNOWMAKER_KEY_FILE` names, `$SNOWMAKER_PASSPHRASE`, or what the user types.
  func key(
    needsPassphrase: Bool?, variables: [String: String], home: String?, question: String
  ) throws(ConnectionProblem) -> SealedSecret.Key {
    if needsPassphrase != true, let path = variables["SNOWMAKER_KEY_FILE"], !path.isEmpty {
      let expanded = ConnectionFiles.expand(path, home)
      let content = try FileSystem.read(expanded)
      if let warning = FileSystem.permissionWarning(expanded) { throw ConnectionProblem(warning) }
      return .file(content)
    }
    if needsPassphrase == false {
      throw ConnectionProblem(
        "the key file of an encrypted value is not known", hint: "set SNOWMAKER_KEY_FILE to its path")
    }
    if let phrase = variables["SNOWMAKER_PASSPHRASE"], !phrase.isEmpty { return .passphrase(Secret(phrase)) }
    if let phrase = ask(question), !phrase.isEmpty { return .passphrase(Secret(phrase)) }
    throw ConnectionProblem(
      "the passphrase of an encrypted value is not known", hint: "set SNOWMAKER_PASSPHRASE, or run this on a terminal")
  }

  /// Asks a question on the terminal without showing what is typed. Nil without a terminal.
  public static func askOnTerminal(_ question: String) -> String? {
    let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC)
    guard terminal >= 0 else { return nil }
    defer { close(terminal) }
    var before = termios()
    guard tcgetattr(terminal, &before) == 0 else { return nil }
    var silent = before
    silent.c_lflag &= ~tcflag_t(ECHO)
    tcsetattr(terminal, TCSAFLUSH, &silent)
    defer { tcsetattr(terminal, TCSAFLUSH, &before) }
    let text = Array("\(question): ".utf8)
    guard write(terminal, text, text.count) > 0 else { return nil }
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while read(terminal, &byte, 1) == 1, byte != 0x0A, line.count < 4096 { line.append(byte) }
    byte = 0x0A
    _ = write(terminal, &byte, 1)
    return String(decoding: line, as: UTF8.self)
  }
}
