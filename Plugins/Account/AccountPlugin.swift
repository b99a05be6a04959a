import CSnowmaker
import SnowmakerSDK

/// Settings of the account itself.
struct AccountPlugin: Plugin {
  static let name = "account"
  static let version = "0.1.0"
  static let doc = "Account parameters, and the policies of the account."
  let types: [any ObjectType] = [AccountParameter(), AccountPolicy()]
}

/// The host's way in.
@c(snowmaker_account_entry)
public func entry(_ host: UnsafePointer<snowmaker_peer_v1>?) -> UnsafePointer<snowmaker_peer_v1>? {
  AccountPlugin.open(host)
}
