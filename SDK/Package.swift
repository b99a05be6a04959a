// swift-tools-version:6.2
import PackageDescription

let package = Package(
  name: "SDK",
  products: [
    .library(name: "CSnowmaker", targets: ["CSnowmaker"]),
    .library(name: "SnowmakerModel", targets: ["SnowmakerModel"]),
    .library(name: "SnowmakerSDK", targets: ["SnowmakerSDK"]),
    .library(name: "SnowmakerTesting", targets: ["SnowmakerTesting"]),
  ],
  targets: [
    .target(name: "CSnowmaker"),
    .target(name: "SnowmakerModel"),
    .target(name: "SnowmakerSDK", dependencies: ["CSnowmaker", "SnowmakerModel"]),
    .target(name: "SnowmakerTesting", dependencies: ["SnowmakerSDK"]),
    .testTarget(name: "SnowmakerModelTests", dependencies: ["SnowmakerModel"], exclude: ["Golden"]),
    .testTarget(name: "SnowmakerSDKTests", dependencies: ["SnowmakerSDK"]),
  ],
  swiftLanguageModes: [.v6]
)
