// swift-tools-version:6.2
import PackageDescription

let package = Package(
  name: "team-workspace",
  products: [.library(name: "snowmaker-team-workspace", type: .dynamic, targets: ["TeamWorkspaces"])],
  dependencies: [.package(path: "../../../SDK")],
  targets: [
    .target(
      name: "TeamWorkspaces", dependencies: [.product(name: "SnowmakerSDK", package: "SDK")],
      linkerSettings: [
        .unsafeFlags([
          "-Xlinker", "--version-script=\(Context.packageDirectory)/exports.map",
          "-Xlinker", "-z", "-Xlinker", "nodelete", "-Xlinker", "-z", "-Xlinker", "defs",
        ])
      ]),
    .testTarget(
      name: "TeamWorkspacesTests", dependencies: ["TeamWorkspaces", .product(name: "SnowmakerTesting", package: "SDK")]),
  ],
  swiftLanguageModes: [.v6]
)
