/// The version of everything that is built from this package, the SDK excepted.
public enum SnowmakerVersion {
  /// As in `snowmaker --version`.
  public static let text = "0.1.0"
}
