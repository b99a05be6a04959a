// swift-tools-version:6.2
import PackageDescription

let package = Package(
  name: "greetings",
  products: [.library(name: "snowmaker-greetings", type: .dynamic, targets: ["Greetings"])],
  dependencies: [.package(path: "../../../SDK")],
  targets: [
    .target(
      name: "Greetings", dependencies: [.product(name: "SnowmakerSDK", package: "SDK")],
      linkerSettings: [
        .unsafeFlags([
          "-Xlinker", "--version-script=\(Context.packageDirectory)/exports.map",
          "-Xlinker", "-z", "-Xlinker", "nodelete", "-Xlinker", "-z", "-Xlinker", "defs",
        ])
      ]),
    .testTarget(
      name: "GreetingsTests", dependencies: ["Greetings", .product(name: "SnowmakerTesting", package: "SDK")]),
  ],
  swiftLanguageModes: [.v6]
)
