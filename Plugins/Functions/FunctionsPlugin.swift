import CSnowmaker
import SnowmakerSDK

/// Functions that configurations want: costs, names, networks, schedules.
struct FunctionsPlugin: Plugin {
  static let name = "functions"
  static let version = "0.1.0"
  static let doc = "Functions for configuration: costs, names, networks, schedules. It brings no types."
  let functions: [Function] = [
    .creditsPerHour, .identifierNormalise, .identifierQuote, .nameTemplate, .cidrContains, .cidrOverlaps,
    .cidrHostCount,
    .cidrNormalise, .cronSchedule, .cronNext,
  ]
}

/// The host's way in.
@c(snowmaker_functions_entry)
public func entry(_ host: UnsafePointer<snowmaker_peer_v1>?) -> UnsafePointer<snowmaker_peer_v1>? {
  FunctionsPlugin.open(host)
}
