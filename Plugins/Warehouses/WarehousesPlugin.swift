import CSnowmaker
import SnowmakerSDK

/// Virtual warehouses.
struct WarehousesPlugin: Plugin {
  static let name = "warehouses"
  static let version = "0.1.0"
  static let doc = "Virtual warehouses and their parameters."
  let types: [any ObjectType] = [Warehouse()]
}

/// The host's way in.
@c(snowmaker_warehouses_entry)
public func entry(_ host: UnsafePointer<snowmaker_peer_v1>?) -> UnsafePointer<snowmaker_peer_v1>? {
  WarehousesPlugin.open(host)
}
