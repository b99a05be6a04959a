import SnowmakerModel

/// What the host tells a worker to load, and how.
struct WorkerHello {
  /// The plugin's name.
  var name: String
  /// The plugin's file as the user knows it, for messages.
  var shownPath: String
  /// The plugin's file without symbolic links.
  var path: String
  /// Which file that was when it was admitted.
  var identity: FileIdentity
  /// What to give up; nil to give up nothing, for a plugin that is only tried before it is loaded into the host.
  var sandbox: Sandbox.Rules?
  /// Bytes that one answer may have.
  var largestAnswer: Int

  init(_ ticket: Admission.Ticket, sandbox: Sandbox.Rules?, largestAnswer: Int) {
    name = ticket.file.name
    shownPath = ticket.file.path
    path = ticket.resolvedPath
    identity = ticket.identity
    self.sandbox = sandbox
    self.largestAnswer = largestAnswer
  }

  var bytes: [UInt8] {
    var fields: [Value.Field] = [
      .init("version", .int(RelayFrame.version)), .init("name", .string(name)), .init("shown", .string(shownPath)),
      .init("path", .string(path)), .init("identity", .list(identity.numbers.map(Value.int))),
      .init("largest", .int(Int64(largestAnswer))),
    ]
    if let sandbox {
      fields.append(
        .init(
          "sandbox",
          [
            "readable": .list(sandbox.readable.map(Value.string)), "memory": .int(Int64(sandbox.memory)),
            "network": .bool(sandbox.network),
          ]))
    }
    return CBOR.encode(.object(fields))
  }

  /// Reads what `bytes` wrote. Throws when it is of another version.
  init(_ bytes: UnsafeRawBufferPointer) throws(PluginRefusal.Reason) {
    guard let document = try? CBOR.decode(bytes), document["version"].int == RelayFrame.version,
      let name = document["name"].string, let shown = document["shown"].string, let path = document["path"].string,
      let identity = FileIdentity(numbers: document["identity"].list.compactMap(\.int)),
      let largest = document["largest"].int
    else { throw .notIsolated("the worker is of another version of snowmaker") }
    self.name = name
    self.shownPath = shown
    self.path = path
    self.identity = identity
    largestAnswer = Int(largest)
    if let rules = document.find("sandbox") {
      sandbox = Sandbox.Rules(
        plugin: path, readable: rules["readable"].strings, memory: Int(rules["memory"].int ?? 0),
        network: rules["network"].bool ?? false)
    }
  }
}

extension FileIdentity {
  fileprivate var numbers: [Int64] {
    [
      Int64(bitPattern: UInt64(device)), Int64(bitPattern: UInt64(inode)), Int64(size), Int64(changedSeconds),
      Int64(changedNanoseconds),
    ]
  }

  fileprivate init?(numbers: [Int64]) {
    guard numbers.count == 5 else { return nil }
    device = UInt(UInt64(bitPattern: numbers[0]))
    inode = UInt(UInt64(bitPattern: numbers[1]))
    size = Int(numbers[2])
    changedSeconds = Int(numbers[3])
    changedNanoseconds = Int(numbers[4])
  }
}

/// What a worker says of the plugin that it has loaded.
struct WorkerReady {
  var isSerial: Bool

  init(isSerial: Bool) { self.isSerial = isSerial }

  var bytes: [UInt8] { CBOR.encode(["serial": .bool(isSerial)]) }

  /// Reads what `bytes` wrote; nil when it is something else.
  init?(_ bytes: [UInt8]) {
    guard let document = try? CBOR.decode(bytes), let isSerial = document["serial"].bool else { return nil }
    self.isSerial = isSerial
  }
}

/// Why a worker has not loaded the plugin: the reasons that arise while a library is loaded.
struct WorkerRefusal {
  var reason: PluginRefusal.Reason

  init(_ reason: PluginRefusal.Reason) { self.reason = reason }

  var bytes: [UInt8] {
    let document: Value
    switch reason {
    case .notLoadable(let why): document = ["reason": "not-loadable", "why": .string(why)]
    case .noEntry(let expected, let exported):
      document = ["reason": "no-entry", "expected": .string(expected), "exported": .list(exported.map(Value.string))]
    case .declined: document = ["reason": "declined"]
    case .peerWithoutCall: document = ["reason": "no-call"]
    case .wrongABI(let abi): document = ["reason": "abi", "abi": .int(Int64(abi))]
    case .changed: document = ["reason": "changed"]
    case .notIsolated(let why): document = ["reason": "not-isolated", "why": .string(why)]
    default: document = ["reason": "not-isolated", "why": "the worker does not say why"]
    }
    return CBOR.encode(document)
  }

  /// Reads what `bytes` wrote; nil when it is something else.
  init?(_ bytes: [UInt8]) {
    guard let document = try? CBOR.decode(bytes) else { return nil }
    switch document["reason"].string {
    case "not-loadable": reason = .notLoadable(document["why"].string ?? "")
    case "no-entry":
      reason = .noEntry(expected: document["expected"].string ?? "", exported: document["exported"].strings)
    case "declined": reason = .declined([])
    case "no-call": reason = .peerWithoutCall
    case "abi": reason = .wrongABI(UInt32(clamping: document["abi"].int ?? 0))
    case "changed": reason = .changed
    case "not-isolated": reason = .notIsolated(document["why"].string ?? "")
    default: return nil
    }
  }
}
