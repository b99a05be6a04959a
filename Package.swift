// swift-tools-version:6.2
import PackageDescription

let sdk: (String) -> Target.Dependency = { .product(name: $0, package: "SDK") }

/// A sanitizer's runtime lies in the executable, where the link step of a library cannot see it (.ci/sanitize).
let symbolCheck = Context.environment["SNOWMAKER_SANITIZE"] == nil ? ["-Xlinker", "-z", "-Xlinker", "defs"] : []

/// simdjson takes part in the benchmark of JSON readers when it is asked for (libsimdjson-dev).
let comparesSimdJSON = Context.environment["SNOWMAKER_SIMDJSON"] != nil

/// One shared library per folder under Plugins: it exports only its entry point, fails on undefined symbols at link
/// time, and stays mapped for good (unloading a Swift library is not safe).
func plugin(_ target: String, _ name: String) -> (product: Product, target: Target) {
  (
    .library(name: "snowmaker-\(name)", type: .dynamic, targets: [target]),
    .target(
      name: target, dependencies: [sdk("SnowmakerSDK")], path: "Plugins/\(target)",
      linkerSettings: [
        .unsafeFlags(
          [
            "-Xlinker", "--version-script=\(Context.packageDirectory)/Plugins/exports.map",
            "-Xlinker", "-z", "-Xlinker", "nodelete",
          ] + symbolCheck)
      ])
  )
}

let plugins = [
  plugin("Databases", "databases"),
  plugin("Warehouses", "warehouses"),
  plugin("RBAC", "rbac"),
  plugin("Stages", "stages"),
  plugin("Pipes", "pipes"),
  plugin("NetworkPolicies", "network-policies"),
  plugin("Account", "account"),
  plugin("Functions", "functions"),
]

let package = Package(
  name: "snowmaker",
  products: [
    .executable(name: "snowmaker", targets: ["SnowmakerCommand"]),
    .executable(name: "snowmaker-plugin-worker", targets: ["PluginWorker"]),
    .library(name: "Snowmaker", targets: ["Snowmaker"]),
    .library(name: "SnowflakeClient", targets: ["SnowflakeClient"]),
    // Installed as libsnowmaker.so: a product may not be named like the executable.
    .library(name: "SnowmakerC", type: .dynamic, targets: ["SnowmakerC"]),
  ] + plugins.map(\.product),
  dependencies: [.package(path: "SDK")],
  targets: [
    // System libraries. CCurl, CCrypto, CMicroHTTPD and CSandbox load theirs on first use, so that a command that needs none
    // of them starts as fast as an empty program.
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CFFI", pkgConfig: "libffi", providers: [.apt(["libffi-dev"])]),
    .target(name: "CCurl"),
    .target(name: "CCrypto"),
    .target(name: "CHostSupport"),
    .target(name: "CMicroHTTPD"),
    .target(name: "CSandbox"),
    .target(
      name: "CTOML", cxxSettings: [.unsafeFlags(["-std=c++17", "-fno-exceptions"], .when(configuration: .debug))]),

    .target(name: "AccountModel", dependencies: [sdk("SnowmakerModel")]),
    .target(name: "SnowmakerCore", dependencies: ["AccountModel", sdk("SnowmakerModel")]),
    .target(
      name: "PluginHost",
      dependencies: ["CCrypto", "CFFI", "CHostSupport", "CSandbox", sdk("SnowmakerModel"), sdk("CSnowmaker")]),
    .executableTarget(name: "PluginWorker", dependencies: ["PluginHost"]),
    .target(name: "Configuration", dependencies: ["CYAML", sdk("SnowmakerModel")]),
    .target(name: "SnowflakeClient", dependencies: ["CCurl", "CCrypto", "CTOML"]),
    .target(
      name: "Execution",
      dependencies: [
        "AccountModel", "CCrypto", "CSQLite", "PluginHost", "SnowflakeClient", "SnowmakerCore", sdk("SnowmakerModel"),
      ]),
    .target(
      name: "AccountEmulator",
      dependencies: ["AccountModel", "CCrypto", "CMicroHTTPD", "CSQLite", "Configuration", sdk("SnowmakerModel")]),
    .target(
      name: "Snowmaker",
      dependencies: [
        "AccountEmulator", "Configuration", "Execution", "PluginHost", "SnowflakeClient", "SnowmakerCore",
        sdk("SnowmakerModel"),
      ]),
    .systemLibrary(name: "CSnowmakerEmbed"),
    .target(
      name: "SnowmakerC",
      dependencies: [
        "Configuration", "CSnowmakerEmbed", "Execution", "PluginHost", "SnowflakeClient", "Snowmaker", "SnowmakerCore",
        sdk("SnowmakerModel"),
      ],
      exclude: ["exports.map"],
      linkerSettings: [
        .unsafeFlags(
          [
            "-Xlinker", "--version-script=\(Context.packageDirectory)/Sources/SnowmakerC/exports.map",
            "-Xlinker", "-soname", "-Xlinker", "libsnowmaker.so.1", "-Xlinker", "-z", "-Xlinker", "nodelete",
          ] + symbolCheck)
      ]),
    .executableTarget(
      name: "SnowmakerCommand",
      dependencies: [
        "AccountEmulator", "CHostSupport", "Configuration", "Execution", "PluginHost", "SnowflakeClient", "Snowmaker",
        "SnowmakerCore",
        sdk("SnowmakerModel"),
      ]),

    .executableTarget(
      name: "EmbeddingExample", dependencies: ["Snowmaker", "SnowmakerCore", sdk("SnowmakerModel")],
      path: "docs/examples/embedding/swift"),

    .executableTarget(name: "QueryExample", dependencies: ["SnowflakeClient"], path: "docs/examples/query-library"),

    .target(name: "Programs", path: "Tests/Programs"),
    .testTarget(name: "AccountModelTests", dependencies: ["AccountModel"]),
    .testTarget(name: "SnowmakerCoreTests", dependencies: ["SnowmakerCore"]),
    .testTarget(name: "PluginHostTests", dependencies: ["PluginHost", "PluginWorker", "Programs"]),
    .testTarget(name: "ConfigurationTests", dependencies: ["Configuration"]),
    .testTarget(name: "SnowflakeClientTests", dependencies: ["SnowflakeClient", "AccountEmulator"]),
    .testTarget(name: "ExecutionTests", dependencies: ["Execution"]),
    .target(name: "EmulatedTypes", dependencies: [sdk("SnowmakerModel")], path: "Tests/EmulatedTypes"),
    .testTarget(name: "AccountEmulatorTests", dependencies: ["AccountEmulator", "EmulatedTypes"]),
    .testTarget(name: "PluginTests", dependencies: ["PluginHost"] + plugins.map { .target(name: $0.target.name) }),
    .testTarget(name: "CommandTests", dependencies: ["CCrypto", "SnowmakerCommand", "Snowmaker"]),
    .executableTarget(
      name: "Benchmarks",
      dependencies: [
        "Configuration", "Execution", "PluginHost", "Programs", "SnowflakeClient", "Snowmaker", "SnowmakerCore",
        sdk("SnowmakerModel"),
      ],
      path: "Tests/Benchmarks"),
    .executableTarget(
      name: "ResultBenchmarks", dependencies: ["SnowflakeClient"] + (comparesSimdJSON ? ["CSimdJSON"] : []),
      path: "Tests/ResultBenchmarks", swiftSettings: comparesSimdJSON ? [.define("SNOWMAKER_SIMDJSON")] : []),
    .executableTarget(
      name: "Fuzz",
      dependencies: ["AccountEmulator", "Configuration", "EmulatedTypes", "SnowflakeClient", sdk("SnowmakerModel")],
      path: "Tests/Fuzz"),
  ] + plugins.map(\.target)
    + (comparesSimdJSON
      ? [
        .target(
          name: "CSimdJSON", cxxSettings: [.unsafeFlags(["-std=c++17"])], linkerSettings: [.linkedLibrary("simdjson")])
      ] : []),
  swiftLanguageModes: [.v6]
)

// Under a sanitizer only the suites that are asked for are built, with what they need.
if let suites = Context.environment["SNOWMAKER_SANITIZE"] {
  var wanted = suites.split(separator: " ").map { String($0.prefix { $0 != "." && $0 != "/" }) }
  // Tests of the host start the worker and look at the bundled plugins, which lie beside the test program.
  let needsPlugins = wanted.contains("PluginHostTests")
  if needsPlugins { wanted += plugins.map(\.target.name) }
  var needed: Set<String> = []
  while let name = wanted.popLast() {
    guard needed.insert(name).inserted, let target = package.targets.first(where: { $0.name == name }) else { continue }
    for case .byNameItem(let dependency, _) in target.dependencies { wanted.append(dependency) }
    for case .targetItem(let dependency, _) in target.dependencies { wanted.append(dependency) }
  }
  package.targets = package.targets.filter { needed.contains($0.name) }
  package.products =
    needsPlugins
    ? plugins.map(\.product) + [.executable(name: "snowmaker-plugin-worker", targets: ["PluginWorker"])] : []
}
