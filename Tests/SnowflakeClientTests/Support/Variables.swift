import Glibc

/// Environment variables for one test. What AWS' tools find on this machine stays out of it.
struct Variables: ~Copyable {
  private let names: [String]

  init(_ values: [String: String]) {
    var all = ["AWS_CONFIG_FILE": "/nonexistent/config", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent/credentials"]
    all.merge(values) { _, given in given }
    names = Array(all.keys)
    for (name, value) in all { setenv(name, value, 1) }
  }

  deinit { for name in names { unsetenv(name) } }
}
