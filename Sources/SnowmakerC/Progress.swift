import Execution
import SnowmakerCore
import SnowmakerModel
import Synchronization

/// Tells the caller of progress, one event at a time whatever thread it comes from.
final class Progress: Sendable {
  private let target: EventTarget
  private let sending = Mutex(())

  init(_ target: EventTarget) { self.target = target }

  func message(_ text: String) { send(["event": "progress", "message": .string(text)]) }

  func show(_ event: ApplyEvent, of plan: Plan) { send(event.document(of: plan)) }

  private func send(_ event: Value) { sending.withLock { _ in target.send(event) } }
}
