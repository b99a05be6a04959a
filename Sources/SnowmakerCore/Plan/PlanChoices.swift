public import SnowmakerModel

/// What a user said that shaped a plan. A saved plan remembers it, because it is held against a plan made the same way.
public struct PlanChoices: Hashable, Sendable {
  /// Only these resources are planned, as written; empty: all.
  public var only: [String] = []
  /// Adopted resources that leave the configuration are dropped, not released.
  public var dropAdopted = false
  /// What could not be seen is taken as absent.
  public var assumeAbsent = false
  /// Sensitive values are sent again although they did not change.
  public var resendSecrets = false

  /// Everything as the project says.
  public init() {}

  /// The options of `plan` that stand for the choices, as a user writes them.
  public var arguments: [String] {
    only.map { "--only \($0)" } + (dropAdopted ? ["--drop-adopted"] : [])
      + (assumeAbsent ? ["--assume-absent"] : []) + (resendSecrets ? ["--resend-secrets"] : [])
  }
}

extension PlanChoices: DocumentCodable {
  /// The choices in a document; what is not in it was not said.
  public init(document: Value) {
    only = document["only"].strings
    dropAdopted = document["drop_adopted"].bool ?? false
    assumeAbsent = document["assume_absent"].bool ?? false
    resendSecrets = document["resend_secrets"].bool ?? false
  }

  /// The choices as a document; what was not said is not in it.
  public var document: Value {
    var builder = DocumentBuilder()
    builder.set("only", only)
    builder.set(flag: "drop_adopted", dropAdopted)
    builder.set(flag: "assume_absent", assumeAbsent)
    builder.set(flag: "resend_secrets", resendSecrets)
    return builder.document
  }
}
