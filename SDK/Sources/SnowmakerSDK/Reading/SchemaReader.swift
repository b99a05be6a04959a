public import SnowmakerModel

/// Reads a type as its schema's read groups say: bulk statements once, per-object ones only where they matter.
public struct SchemaReader<T: ObjectType>: Sendable {
  let type: T
  public init(_ type: T) { self.type = type }
  /// Answers one round.
  public func read(_ request: ReadRequest) throws(Diagnostic) -> ReadReply { ReadReply() }
}
