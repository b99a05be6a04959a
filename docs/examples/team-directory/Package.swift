// swift-tools-version:6.2
import PackageDescription

let package = Package(
  name: "team-directory",
  products: [.library(name: "snowmaker-team-directory", type: .dynamic, targets: ["TeamDirectory"])],
  dependencies: [.package(path: "../../../SDK")],
  targets: [
    .target(
      name: "TeamDirectory", dependencies: [.product(name: "SnowmakerSDK", package: "SDK")],
      linkerSettings: [
        .unsafeFlags([
          "-Xlinker", "--version-script=\(Context.packageDirectory)/exports.map",
          "-Xlinker", "-z", "-Xlinker", "nodelete", "-Xlinker", "-z", "-Xlinker", "defs",
        ])
      ]),
    .testTarget(
      name: "TeamDirectoryTests", dependencies: ["TeamDirectory", .product(name: "SnowmakerTesting", package: "SDK")]),
  ],
  swiftLanguageModes: [.v6]
)
