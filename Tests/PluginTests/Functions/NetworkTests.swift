import SnowmakerSDK
import Testing

@testable import Functions

extension Network {
  /// Reads a text of Swift's, as the host hands it over.
  fileprivate init(_ text: String, of parameter: String) throws(FunctionFailure) {
    var text = text
    self = try text.withUTF8 { bytes in
      let text = FunctionText(ptr: bytes.baseAddress, len: bytes.count)
      return Result { () throws(FunctionFailure) in try Network(text, of: parameter) }
    }.get()
  }
}

@Suite struct NetworkTests {
  private func text(_ network: String) -> String? { (try? Network(network, of: "n"))?.text }

  @Test(arguments: [
    ("10.1.2.3/8", "10.0.0.0/8"), ("192.0.2.7", "192.0.2.7/32"), ("0.0.0.0/0", "0.0.0.0/0"),
    ("255.255.255.255/1", "128.0.0.0/1"), ("10.0.0.1/31", "10.0.0.0/31"), ("::", "::/128"), ("::/0", "::/0"),
    ("::1", "::1/128"), ("2001:DB8::/32", "2001:db8::/32"), ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1/128"),
    ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1/128"), ("1:0:2:0:3:0:4:0", "1:0:2:0:3:0:4:0/128"),
    ("::ffff:192.0.2.128", "::ffff:c000:280/128"), ("fe80::1:2:3/64", "fe80::/64"), ("1::", "1::/128"),
    ("2001:db8:ffff:ffff::/33", "2001:db8:8000::/33"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0/128"),
    ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304/128"), ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8/128"),
    ("FFFF:ffff:FFFF:ffff:FFFF:ffff:FFFF:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"),
  ]) func normalises(network: String, expected: String) { #expect(text(network) == expected) }

  @Test(arguments: [
    "", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0/8", "10.0.0.0.0", "256.0.0.1",
    "01.2.3.4",
    "1.2.3.4 ", "a.b.c.d", "10.0.0.0/8/8", "10..0.0", ":", ":::", "1::2::3", "12345::", "g::", "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "1:2:3:4:5:6:7:1.2.3.4", "1:2:3:4:5:6:1.2.3", "::1.2.3.4:5",
    "1234.1.1.1::", "::/129", "::1%eth0", "::1.2.3", "1.2.3.4::", "+1::", "1:", ":1",
  ]) func refuses(network: String) { #expect(text(network) == nil) }

  @Test(arguments: [
    ("10.0.0.0/8", "10.255.255.255", true), ("10.0.0.0/8", "10.1.0.0/16", true), ("10.1.0.0/16", "10.0.0.0/8", false),
    ("10.0.0.0/8", "11.0.0.0", false), ("0.0.0.0/0", "255.255.255.255", true), ("::/0", "10.0.0.0/8", false),
    ("0.0.0.0/0", "::/0", false), ("2001:db8::/32", "2001:db8:ffff::/48", true), ("10.0.0.0/32", "10.0.0.0", true),
    ("10.0.0.5/8", "10.9.9.9", true),
  ]) func contains(network: String, other: String, expected: Bool) throws {
    #expect(try Network(network, of: "n").contains(Network(other, of: "o")) == expected)
  }

  @Test(
    arguments: [
      ("10.0.0.0/24", 254), ("10.0.0.0/30", 2), ("10.0.0.0/31", 2), ("10.0.0.0/32", 1), ("0.0.0.0/0", 4_294_967_294),
      ("::/66", 4_611_686_018_427_387_904), ("::/127", 2), ("::1", 1),
    ] as [(String, Int64)]) func countsHosts(network: String, expected: Int64) throws
  {
    #expect(try Network(network, of: "n").hostCount == expected)
  }

  @Test func saysWhenACountIsTooLarge() throws {
    #expect(try Network("::/65", of: "n").hostCount == nil)
    #expect(try Network("::/0", of: "n").hostCount == nil)
  }
}
