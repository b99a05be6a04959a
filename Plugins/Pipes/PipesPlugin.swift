import CSnowmaker
import SnowmakerSDK

/// Snowpipe.
struct PipesPlugin: Plugin {
  static let name = "pipes"
  static let version = "0.1.0"
  static let doc = "Pipes, which load files from stages as they arrive."
  let types: [any ObjectType] = [Pipe()]
}

/// The host's way in.
@c(snowmaker_pipes_entry)
public func entry(_ host: UnsafePointer<snowmaker_peer_v1>?) -> UnsafePointer<snowmaker_peer_v1>? {
  PipesPlugin.open(host)
}
