public import CSnowmaker
public import SnowmakerModel

/// The way into a plugin, so that its exported function is three lines:
///
/// ```swift
/// @c(snowmaker_warehouses_entry)
/// public func entry(_ host: UnsafePointer<snowmaker_peer_v1>?) -> UnsafePointer<snowmaker_peer_v1>? {
///   PluginEntry.open(host, manifest: { manifest }, handle: { method, request throws(PluginFailure) in … })
/// }
/// ```
public enum PluginEntry {
  /// Answers the host's entry call with the plugin's peer, which lives until the process ends; nil, which refuses to
  /// start, when the host speaks another ABI.
  ///
  /// - Parameters:
  ///   - host: what the host handed to the entry.
  ///   - isSerial: whether the host must never call while another call is running.
  ///   - manifest: the answer to DESCRIBE.
  ///   - functions: what the plugin offers to configuration; the manifest describes the same ones.
  ///   - handle: answers every other method (SHUTDOWN and FUNCTION excepted), on any thread and several at a time unless `isSerial`.
  public static func open(
    _ host: UnsafePointer<snowmaker_peer_v1>?, isSerial: Bool = false,
    manifest: @Sendable @escaping () -> Manifest, functions: [Function] = [],
    handle: @Sendable @escaping (PluginMethod, Value) throws(PluginFailure) -> Value
  ) -> UnsafePointer<snowmaker_peer_v1>? {
    guard let host, host.pointee.abi == SNOWMAKER_ABI else { return nil }
    HostLog.connect(to: host)
    if let problem = functions.lazy.compactMap(\.problem).first {
      HostLog.write(.error, problem)
      return nil
    }
    return PluginRuntime(manifest: manifest, functions: FunctionExports(functions), handle: handle).makePeer(
      isSerial: isSerial)
  }
}
