// swift-tools-version:6.2
import PackageDescription

let package = Package(
  name: "guard-rails",
  products: [.library(name: "snowmaker-guard-rails", type: .dynamic, targets: ["GuardRails"])],
  dependencies: [.package(path: "../../../SDK")],
  targets: [
    .target(
      name: "GuardRails", dependencies: [.product(name: "SnowmakerSDK", package: "SDK")],
      linkerSettings: [
        .unsafeFlags([
          "-Xlinker", "--version-script=\(Context.packageDirectory)/exports.map",
          "-Xlinker", "-z", "-Xlinker", "nodelete", "-Xlinker", "-z", "-Xlinker", "defs",
        ])
      ]),
    .testTarget(
      name: "GuardRailsTests", dependencies: ["GuardRails", .product(name: "SnowmakerTesting", package: "SDK")]),
  ],
  swiftLanguageModes: [.v6]
)
