// swift-tools-version:6.2
import PackageDescription

let package = Package(
  name: "resource-monitors",
  products: [.library(name: "snowmaker-resource-monitors", type: .dynamic, targets: ["ResourceMonitors"])],
  dependencies: [.package(path: "../../../SDK")],
  targets: [
    .target(
      name: "ResourceMonitors", dependencies: [.product(name: "SnowmakerSDK", package: "SDK")],
      linkerSettings: [
        .unsafeFlags([
          "-Xlinker", "--version-script=\(Context.packageDirectory)/exports.map",
          "-Xlinker", "-z", "-Xlinker", "nodelete", "-Xlinker", "-z", "-Xlinker", "defs",
        ])
      ]),
    .testTarget(name: "ResourceMonitorsTests", dependencies: ["ResourceMonitors"]),
  ],
  swiftLanguageModes: [.v6]
)
