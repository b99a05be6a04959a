import CSnowmaker
import SnowmakerSDK

/// Where files are, and how they are read.
struct StagesPlugin: Plugin {
  static let name = "stages"
  static let version = "0.1.0"
  static let doc = "Internal and external stages, and file formats."
  let types: [any ObjectType] = [Stage(), FileFormat()]
}

/// The host's way in.
@c(snowmaker_stages_entry)
public func entry(_ host: UnsafePointer<snowmaker_peer_v1>?) -> UnsafePointer<snowmaker_peer_v1>? {
  StagesPlugin.open(host)
}
