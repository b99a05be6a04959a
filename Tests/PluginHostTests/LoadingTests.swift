import Glibc
import SnowmakerModel
import Testing

@testable import PluginHost

/// What is refused while a plugin is loaded and asked what it is.
@Suite(.needsCompiler) struct LoadingTests {
  private let workshop: Workshop

  init() throws { workshop = try Workshop() }

  private func refusal(_ path: String) throws -> String? { try workshop.refusal(path) }

  private func refusal(describing manifest: String) throws -> String? {
    try refusal(workshop.build("fixture", describing: manifest))
  }

  private let fixture = "plugin 'fixture' (DIR/libsnowmaker-fixture.so): "

  @Test func describesAGoodPlugin() throws {
    let plugin = try workshop.load(workshop.build("fixture"))
    #expect(plugin.manifest == Manifest(name: "fixture", version: "1.0.0", types: []))
    #expect(plugin.name == "fixture")
    #expect(!plugin.isSerial)
    #expect(plugin.tolerated == nil)
  }

  @Test func refusesWhatHasNoEntry() throws {
    let macros = ["NOTE": "\"SNOWMKR\"", "ABI": "1", "SWIFT": "0"]
    #expect(
      try refusal(workshop.build("x", from: "plain.c", defining: macros))
        == "plugin 'x' (DIR/libsnowmaker-x.so): exports no function snowmaker_x_entry")
  }

  @Test func refusesARenamedFile() throws {
    let path = try workshop.build("renamed", defining: ["NAME": "network_policies"])
    #expect(
      try refusal(path) == "plugin 'renamed' (DIR/libsnowmaker-renamed.so): exports no function "
        + "snowmaker_renamed_entry, but snowmaker_network_policies_entry; was the file renamed from "
        + "libsnowmaker-network-policies.so?")
  }

  @Test func refusesAPeerOfAnotherABI() throws {
    #expect(
      try refusal(workshop.build("fixture", defining: ["PEER_ABI": "7"]))
        == fixture + "speaks ABI 7, this host speaks ABI 1; rebuild it with this snowmaker's SDK")
  }

  @Test func refusesAPeerThatCannotBeCalled() throws {
    #expect(
      try refusal(workshop.build("fixture", defining: ["WITHOUT_CALL": ""]))
        == fixture + "its entry returned a peer without a call function")
  }

  @Test func passesOnWhyAPluginRefuses() throws {
    #expect(
      try refusal(workshop.build("fixture", defining: ["REFUSES": ""]))
        == fixture + "refused to start, without saying why")
    let saying = #"say("{\"level\":\"error\",\"message\":\"no licence\"}")"#
    #expect(
      try refusal(workshop.build("licensed", defining: ["NAME": "licensed", "REFUSES": "", "IN_ENTRY": saying]))
        == "plugin 'licensed' (DIR/libsnowmaker-licensed.so): refused to start: no licence")
  }

  @Test func saysWhatTheLoaderSays() throws {
    let macros = ["NOTE": "\"SNOWMKR\"", "ABI": "1", "SWIFT": "0", "NEEDS": "missing_function"]
    #expect(
      try refusal(workshop.build("x", from: "plain.c", defining: macros))
        == "plugin 'x' (DIR/libsnowmaker-x.so): cannot be loaded: undefined symbol: missing_function "
        + "(link the library that has it into the plugin)")
    let swift = macros.merging(["NEEDS": "swift_missing"]) { $1 }
    #expect(
      try refusal(workshop.build("y", from: "plain.c", defining: swift))
        == "plugin 'y' (DIR/libsnowmaker-y.so): cannot be loaded: undefined symbol: swift_missing "
        + "(was it built for another Swift runtime?)")
  }

  @Test func namesAMissingLibrary() throws {
    try workshop.build("", from: "plain.c", options: ["-shared", "-fPIC", "-Wl,-soname,libgone.so"], file: "gone.so")
    let macros = ["NOTE": "\"SNOWMKR\"", "ABI": "1", "SWIFT": "0"]
    let path = try workshop.build(
      "x", from: "plain.c", defining: macros,
      options: ["-shared", "-fPIC", "-Wl,--no-as-needed", "\(workshop.folder)/gone.so"])
    #expect(
      try refusal(path) == "plugin 'x' (DIR/libsnowmaker-x.so): cannot be loaded: libgone.so: "
        + "cannot open shared object file: No such file or directory (the plugin needs this library; install it)")
  }

  @Test func doesNotWaitForeverForAManifest() throws {
    let path = try workshop.build("fixture", defining: ["IN_DESCRIBE": "for (;;) pause()"])
    #expect(
      try workshop.refusal(path, loader: PluginLoader(sink: { _ in }, patience: 1))
        == fixture + "did not answer DESCRIBE within 1 second")
  }

  // MARK: What it says of itself

  @Test(arguments: [
    ("garbage", "JSON: unexpected byte 0x67 at byte 0"), ("[]", "expected a map, found list"),
    ("{}", "manifest: 'protocol' must be text, found null"),
    ("{\"name\":", "JSON: the document ends too early at byte 8"),
    (#"{"name":"fixture","protocol":"1.0"}"#, "manifest: 'version' must be text, found null"),
    (
      #"{"name":"fixture","version":"1","protocol":"1.0","types":[{"type":"t","plural":"ts"}]}"#,
      "type 't': 'identity' is missing"
    ),
    (
      #"{"name":"fixture","version":"1","protocol":"1.0","types":[{"type":"t","plural":"ts","identity":["name"],"#
        + #""attributes":[{"name":"name","kind":"identifer"}]}]}"#,
      "type 't': attribute 'name': attribute kind: there is no kind 'identifer'"
    ),
  ]) func refusesNonsense(manifest: String, problem: String) throws {
    #expect(try refusal(describing: manifest) == fixture + "its answer to DESCRIBE makes no sense: \(problem)")
  }

  @Test func refusesBytesThatAreNoDocument() throws {
    let path = try workshop.build("fixture", defining: ["MANIFEST": #""\xbf\x61""#])
    #expect(
      try refusal(path) == fixture
        + "its answer to DESCRIBE makes no sense: CBOR: unsupported(head: 191)")
  }

  @Test func refusesAnotherName() throws {
    #expect(
      try refusal(describing: #"{"name":"warehouses","version":"1","protocol":"1.0"}"#)
        == fixture + "calls itself 'warehouses'; was the file renamed from libsnowmaker-warehouses.so?")
  }

  @Test func refusesAnotherProtocol() throws {
    #expect(
      try refusal(describing: #"{"protocol":"2.3","something":"else"}"#)
        == fixture + "speaks protocol 2.3, this host speaks 1.0; rebuild it with this snowmaker's SDK")
    #expect(
      try refusal(workshop.build("later", describing: #"{"name":"later","version":"1","protocol":"1.9"}"#)) == nil)
  }

  @Test func passesOnWhyDescribeFailed() throws {
    let manifest = #"{"diagnostics":[{"summary":"no types","detail":"TYPES is empty"},{"summary":"bye"}]}"#
    let path = try workshop.build(
      "fixture", defining: ["STATUS": "SNOWMAKER_FAILED", "MANIFEST": Workshop.literal(manifest)])
    #expect(try refusal(path) == fixture + "DESCRIBE: failed: no types (TYPES is empty); bye")
  }

  @Test(arguments: [
    ("SNOWMAKER_UNSUPPORTED", "the plugin does not support it"), ("SNOWMAKER_CANCELLED", "cancelled"),
    ("42", "the answer makes no sense: unknown status 42"),
  ]) func refusesOtherStatuses(status: String, problem: String) throws {
    #expect(
      try refusal(workshop.build("fixture", defining: ["STATUS": status])) == fixture + "DESCRIBE: \(problem)")
  }

  @Test(arguments: [
    (#"{"type":"t","plural":"ts","identity":["name"]}"#, "type 't': its identity has 'name', which is no attribute"),
    (
      #"{"type":"t","plural":"ts","identity":[],"attributes":[{"name":"a","kind":"text"},"#
        + #"{"name":"b","kind":"text","aliases":["a"]}]}"#, "type 't': 'a' means two attributes"
    ),
    (
      #"{"type":"t","plural":"ts","identity":[]},{"type":"t","plural":"ts","identity":[]}"#,
      "it brings the type 't' twice"
    ),
    (#"{"type":"","plural":"","identity":[]}"#, "type '': its name is empty"),
  ]) func refusesContradictions(type: String, problem: String) throws {
    #expect(
      try refusal(workshop.build("fixture", types: [type]))
        == fixture + "its answer to DESCRIBE contradicts itself: \(problem)")
  }
}
