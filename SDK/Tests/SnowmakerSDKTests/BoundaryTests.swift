import CSnowmaker
import SnowmakerModel
import Testing

@testable import SnowmakerSDK

/// The C side of a plugin, called as a host calls it.
@Suite struct BoundaryTests {
  private static let manifest = Manifest(name: "sample", version: "1.0.0", types: [])

  private static func handle(_ method: PluginMethod, _ request: Value) throws(PluginFailure) -> Value {
    switch method {
    case .plan: return ["echo": request]
    case .validate:
      throw .failed([.error("no such size", path: ["size"]), .warning("old spelling")])
    case .expand: throw .malformed(DocumentError("request", "'type' must be text, found null"))
    case .read: throw .cancelled
    case .check: throw .panic("index 3 of 2")
    default: throw .unsupported
    }
  }

  /// A host that collects what plugins log.
  private final class Host {
    var lines: [Value] = []
    var peer = snowmaker_peer_v1()

    init() {
      peer = snowmaker_peer_v1(
        abi: SNOWMAKER_ABI, flags: 0, ctx: Unmanaged.passUnretained(self).toOpaque(),
        call: { context, method, request, _ in
          guard method == PluginMethod.log.rawValue, let context else { return Int32(SNOWMAKER_UNSUPPORTED) }
          let bytes = UnsafeRawBufferPointer(start: request.ptr, count: request.len)
          Unmanaged<Host>.fromOpaque(context).takeUnretainedValue().lines.append((try? CBOR.decode(bytes)) ?? nil)
          return Int32(SNOWMAKER_OK)
        }, extension: { _, _ in nil })
    }
  }

  private func open(isSerial: Bool = false) throws -> UnsafePointer<snowmaker_peer_v1> {
    let host = UnsafeMutablePointer<snowmaker_peer_v1>.allocate(capacity: 1)  // outlives the plugin: never freed
    host.initialize(to: Unmanaged.passRetained(Host()).takeUnretainedValue().peer)
    let peer = PluginEntry.open(host, isSerial: isSerial, manifest: { Self.manifest }, handle: Self.handle)
    return try #require(peer)
  }

  private struct Answer {
    var status: Int
    var bytes: [UInt8]
    var cbor: Value { get throws { try CBOR.decode(bytes) } }
    var json: Value { get throws { try JSON.decode(bytes) } }
  }

  private final class Sink {
    var bytes: [UInt8] = []
    var stops = false
  }

  private func call(_ method: UInt32, _ request: [UInt8], stopping: Bool = false) throws -> Answer {
    let peer = try open()
    let sink = Sink()
    sink.stops = stopping
    var reply = snowmaker_reply_v1(ctx: Unmanaged.passUnretained(sink).toOpaque()) { context, _, body in
      guard let context else { return 1 }
      let sink = Unmanaged<Sink>.fromOpaque(context).takeUnretainedValue()
      sink.bytes += UnsafeBufferPointer(start: body.ptr, count: body.len)
      return sink.stops ? 1 : 0
    }
    let status = request.withUnsafeBufferPointer {
      peer.pointee.call(
        peer.pointee.ctx, method, snowmaker_bytes_v1(ptr: $0.baseAddress, len: $0.count), &reply)
    }
    return Answer(status: Int(status), bytes: sink.bytes)
  }

  private func call(_ method: PluginMethod, _ request: [UInt8] = [], stopping: Bool = false) throws -> Answer {
    try call(method.rawValue, request, stopping: stopping)
  }

  @Test func describesItself() throws {
    let answer = try call(.describe)
    #expect(answer.status == SNOWMAKER_OK)
    #expect(try Manifest(document: answer.cbor) == Self.manifest)
    #expect(try Manifest(document: call(.describe, Array("{}".utf8)).json) == Self.manifest)
  }

  @Test func answersInTheEncodingOfTheQuestion() throws {
    let cbor = try call(.plan, CBOR.encode(["a": 1]))
    #expect(cbor.status == SNOWMAKER_OK)
    #expect(try cbor.cbor == ["echo": ["a": 1]])
    let json = try call(.plan, Array(#" {"a": 1, "b": {"$unknown": true}}"#.utf8))
    #expect(json.status == SNOWMAKER_OK)
    #expect(try json.json == ["echo": ["a": 1, "b": .unknown]])
  }

  @Test func takesARequestOfNoBytesAsAnEmptyMap() throws {
    #expect(try call(.plan).cbor == ["echo": [:]])
  }

  @Test func mapsFailuresToStatuses() throws {
    let failed = try call(.validate)
    #expect(failed.status == SNOWMAKER_FAILED)
    #expect(
      try failed.cbor.decodeList("diagnostics", as: Diagnostic.self) == [
        .error("no such size", path: ["size"]), .warning("old spelling"),
      ])
    let malformed = try call(.expand)
    #expect(malformed.status == SNOWMAKER_MALFORMED)
    #expect(
      try malformed.cbor["diagnostics"].list.first?["summary"]
        == "the request could not be read: request: 'type' must be text, found null")
    #expect(try call(.read).status == SNOWMAKER_CANCELLED)
    #expect(try call(.read).bytes.isEmpty)
    let panic = try call(.check)
    #expect(panic.status == SNOWMAKER_PANIC)
    #expect(try panic.cbor["diagnostics"].list.first?["summary"] == "bug in the plugin: index 3 of 2")
    #expect(try call(.function).status == SNOWMAKER_UNSUPPORTED)
  }

  @Test(arguments: [0, 2, 15, 63 + 1, 65, 1000, .max] as [UInt32])
  func doesNotKnowOtherMethods(method: UInt32) throws {
    let answer = try call(method, [])
    #expect(answer.status == SNOWMAKER_UNSUPPORTED)
    #expect(answer.bytes.isEmpty)
  }

  @Test func refusesWhatItCannotRead() throws {
    let cbor = try call(.plan, [0xa1, 0x61])
    #expect(cbor.status == SNOWMAKER_MALFORMED)
    #expect(try cbor.cbor["diagnostics"].list.first?["code"] == "malformed-request")
    let json = try call(.plan, Array("{\"a\":".utf8))
    #expect(json.status == SNOWMAKER_MALFORMED)
    #expect(
      try json.json["diagnostics"].list.first?["summary"]
        == "the request could not be read: JSON: the document ends too early at byte 5")
  }

  @Test func saysThatItWasToldToStop() throws {
    #expect(try call(.plan, stopping: true).status == SNOWMAKER_CANCELLED)
    #expect(try call(.validate, stopping: true).status == SNOWMAKER_CANCELLED)
  }

  @Test func shutsDown() throws { #expect(try call(.shutdown).status == SNOWMAKER_OK) }

  @Test func refusesAHostOfAnotherABI() throws {
    var host = snowmaker_peer_v1()
    host.abi = 2
    #expect(PluginEntry.open(&host, manifest: { Self.manifest }, handle: Self.handle) == nil)
    #expect(PluginEntry.open(nil, manifest: { Self.manifest }, handle: Self.handle) == nil)
  }

  @Test func saysWhetherItIsSerial() throws {
    #expect(try open().pointee.flags == 0)
    #expect(try open(isSerial: true).pointee.flags == SNOWMAKER_SERIAL)
    #expect(try open().pointee.abi == SNOWMAKER_ABI)
    #expect(try open().pointee.extension(open().pointee.ctx, SNOWMAKER_FUNCTIONS) == nil)
  }

  @Test func logsToTheHost() throws {
    _ = try open()
    #expect(HostLog.write(.warning, "odd"))
  }

  @Test func notesTheRuntimeItWasCompiledFor() throws {
    #expect(snowmakerNote.0 == 0x0052_4b4d_574f_4e53)
    #expect(snowmakerNote.1 == SNOWMAKER_ABI)
    #expect(snowmakerNote.2 == SwiftRuntime.number)
  }

  @Test func methodsMirrorTheHeader() throws {
    let header = [
      SNOWMAKER_DESCRIBE, SNOWMAKER_VALIDATE, SNOWMAKER_EXPAND, SNOWMAKER_READ, SNOWMAKER_PLAN, SNOWMAKER_CHECK,
      SNOWMAKER_UPGRADE, SNOWMAKER_FUNCTION, SNOWMAKER_APPLY, SNOWMAKER_SHUTDOWN, SNOWMAKER_LOG, SNOWMAKER_QUERY,
      SNOWMAKER_PROGRESS,
    ]
    #expect(PluginMethod.allCases.map { Int($0.rawValue) } == header)
  }
}
