/// What an emulated account calls itself. Written down when the account is created; later openings take what was written.
public struct AccountSettings: Sendable, Equatable {
  /// The organization's name, in capitals.
  public var organization = "SNOWMAKER"
  /// The account's name, in capitals.
  public var name = "EMULATOR"
  /// The account's locator.
  public var locator = "SM00001"
  /// The region as CURRENT_REGION() answers it.
  public var region = "AWS_US_WEST_2"
  /// `STANDARD`, `ENTERPRISE` or `BUSINESS_CRITICAL`.
  public var edition = "ENTERPRISE"
  /// What CURRENT_VERSION() answers.
  public var version = "9.38.0"

  /// The usual settings.
  public init() {}

  var stored: [(String, String)] {
    [
      ("organization", organization), ("name", name), ("locator", locator), ("region", region), ("edition", edition),
    ]
  }
}
