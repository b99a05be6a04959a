// swift-tools-version:6.2
import PackageDescription

let package = Package(
  name: "acme-monitors",
  // The product's name decides the file's: libsnowmaker-acme-monitors.so.
  products: [.library(name: "snowmaker-acme-monitors", type: .dynamic, targets: ["AcmeMonitors"])],
  dependencies: [.package(path: "../..")],
  targets: [
    .target(
      name: "AcmeMonitors", dependencies: [.product(name: "SnowmakerSDK", package: "SDK")],
      linkerSettings: [
        // Only the entry is exported, the library stays mapped for good, undefined symbols fail here and not at loading.
        .unsafeFlags([
          "-Xlinker", "--version-script=\(Context.packageDirectory)/exports.map",
          "-Xlinker", "-z", "-Xlinker", "nodelete", "-Xlinker", "-z", "-Xlinker", "defs",
        ])
      ]),
    .testTarget(
      name: "AcmeMonitorsTests",
      dependencies: ["AcmeMonitors", .product(name: "SnowmakerTesting", package: "SDK")],
      exclude: ["Golden"]),
  ],
  swiftLanguageModes: [.v6]
)
