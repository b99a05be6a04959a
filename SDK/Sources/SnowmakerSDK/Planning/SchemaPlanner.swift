public import SnowmakerModel

/// Plans a resource as its schema says.
public struct SchemaPlanner: Sendable {
  public let schema: TypeSchema
  public init(_ schema: TypeSchema) { self.schema = schema }
  /// Compares what is declared with what was observed, and renders the SQL that makes them equal.
  public func plan(_ item: PlanItem) throws(Diagnostic) -> Change { Change(.none) }
}
