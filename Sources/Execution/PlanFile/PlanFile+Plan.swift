public import SnowmakerCore
public import SnowmakerModel

extension PlanFile {
  /// Writes the plan, whole or not at all, readable by its owner only. Returns the digest (SHA-256, hex) that names it.
  ///
  /// Throws when the plan has errors, and when the file cannot be written.
  @discardableResult
  public static func write(_ plan: Plan, to path: String) throws(Diagnostic) -> String {
    if let problem = plan.diagnostics.first(where: { $0.severity == .error }) {
      throw .error(
        "a plan with errors is not saved: \(problem.summary)", detail: problem.detail, code: "plan-has-errors",
        position: problem.position)
    }
    return try write(document: plan.document, to: path)
  }

  /// The plan in the file and its digest. Throws as `read(_:)` does, and when the document is no plan.
  public static func readPlan(_ path: String) throws(Diagnostic) -> (plan: Plan, digest: String) {
    let file = try read(path)
    do throws(DocumentError) { return (try Plan(document: file.document), file.digest) } catch {
      throw .error(
        "the plan file \(path) cannot be used: \(error.description)", detail: "Make a new plan.",
        code: "plan-file-damaged")
    }
  }

  /// SHA-256 (hex) of what is declared, the same on every machine: secrets are references in it, never values. Throws
  /// when libcrypto cannot be used.
  public static func digest(ofConfiguration declared: Value) throws(Diagnostic) -> String {
    try Crypto.sha256(CBOR.encode(declared.sortedByKey))
  }

  /// The digest (SHA-256, hex) that names the plan, the same as of its file. Throws when libcrypto cannot be used.
  public static func digest(_ plan: Plan) throws(Diagnostic) -> String {
    try Crypto.sha256(CBOR.encode(plan.document))
  }
}
