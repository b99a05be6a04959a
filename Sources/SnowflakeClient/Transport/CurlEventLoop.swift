import CCurl
import Glibc

/// The thread that drives libcurl's multi handle. Requests come in through a locked queue; everything libcurl owns is
/// touched by that thread alone, save for the wake-up call, which libcurl allows from anywhere.
final class CurlEventLoop: Sendable {
  private enum Phase { case reserved, cancelled, running }

  private enum Command {
    case add(CurlTransfer)
    case cancel(UInt64)
  }

  /// Unchecked: the pointer is passed to libcurl only under the lock that `stop` takes before freeing it.
  private struct MultiHandle: @unchecked Sendable { let pointer: UnsafeMutableRawPointer }

  private struct State {
    var nextID: UInt64 = 1
    var phases: [UInt64: Phase] = [:]
    var queue: [Command] = []
    var multi: MultiHandle?
    var stopping = false
  }

  private let state = Locked(State())
  private let maximumConnections: Int

  init(maximumConnections: Int) { self.maximumConnections = maximumConnections }

  /// Announces a request, so that a cancellation that overtakes it is not lost.
  func reserve() -> UInt64 {
    state.withLock { state in
      let id = state.nextID
      state.nextID += 1
      state.phases[id] = .reserved
      return id
    }
  }

  /// Hands a transfer over. Its continuation is resumed exactly once, whatever happens.
  func add(_ transfer: CurlTransfer) {
    enum Verdict { case queued, cancelled, failed(TransportError) }
    let verdict = state.withLock { state -> Verdict in
      if state.phases[transfer.id] == .cancelled {
        state.phases[transfer.id] = nil
        return .cancelled
      }
      if let problem = startIfNeeded(&state) {
        state.phases[transfer.id] = nil
        return .failed(problem)
      }
      state.phases[transfer.id] = .running
      state.queue.append(.add(transfer))
      wake(state)
      return .queued
    }
    switch verdict {
    case .queued: break
    case .cancelled: transfer.continuation.resume(returning: .failure(.cancelled))
    case .failed(let problem): transfer.continuation.resume(returning: .failure(problem))
    }
  }

  /// Ends a request early; its continuation gets `.cancelled` unless it is finished already.
  func cancel(_ id: UInt64) {
    state.withLock { state in
      switch state.phases[id] {
      case .reserved: state.phases[id] = .cancelled
      case .running:
        state.queue.append(.cancel(id))
        wake(state)
      case .cancelled, nil: break
      }
    }
  }

  /// Ends the thread; what is under way is cancelled.
  func stop() {
    state.withLock { state in
      state.stopping = true
      wake(state)
    }
  }

  private func wake(_ state: State) {
    if let multi = state.multi { ccurl_multi_wakeup(multi.pointer) }
  }

  private func startIfNeeded(_ state: inout State) -> TransportError? {
    if state.stopping { return .unavailable("the transport is closed") }
    if state.multi != nil { return nil }
    guard ccurl_available() == 1 else {
      return .unavailable("libcurl cannot be used: \(String(cString: ccurl_unavailable_reason()))")
    }
    guard let multi = ccurl_multi_init() else { return .unavailable("libcurl gives no multi handle (out of memory)") }
    ccurl_multi_setopt_long(multi, CURLMOPT_MAXCONNECTS, maximumConnections)
    ccurl_multi_setopt_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, maximumConnections)
    state.multi = MultiHandle(pointer: multi)
    guard let code = startThread() else { return nil }
    ccurl_multi_cleanup(multi)
    state.multi = nil
    return .unavailable("no thread for network traffic: \(String(cString: strerror(code)))")
  }

  /// Starts the event thread with all signals blocked, so that they reach the program's own threads. Returns the
  /// system's error code when that fails.
  private func startThread() -> Int32? {
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    var thread = pthread_t()
    let context = Unmanaged.passRetained(self)
    let code = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<CurlEventLoop>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, context.toOpaque())
    guard code == 0 else {
      context.release()
      return code
    }
    pthread_detach(thread)
    return nil
  }

  private func run() {
    guard let multi = state.withLock({ $0.multi?.pointer }) else { return }
    var active: [UInt64: CurlTransfer] = [:]
    while true {
      let (commands, stopping) = state.withLock { state -> ([Command], Bool) in
        let commands = state.queue
        state.queue.removeAll(keepingCapacity: true)
        return (commands, state.stopping)
      }
      for command in commands { carryOut(command, multi, &active) }
      if stopping { break }
      var running: Int32 = 0
      let code = ccurl_multi_perform(multi, &running)
      guard code == CURLM_OK else {
        fail(all: &active, multi, .other(code: Int(code.rawValue), detail: "libcurl's multi interface failed"))
        continue
      }
      collect(multi, &active)
      endIdle(multi, &active)
      ccurl_multi_poll(multi, active.isEmpty ? 60_000 : Self.watch(active), nil)
    }
    fail(all: &active, multi, .cancelled)
    let left = state.withLock { state -> [Command] in
      state.multi = nil
      defer { state.queue.removeAll() }
      return state.queue
    }
    for case .add(let transfer) in left { finish(transfer, .failure(.cancelled)) }
    ccurl_multi_cleanup(multi)
  }

  private func carryOut(
    _ command: Command, _ multi: UnsafeMutableRawPointer, _ active: inout [UInt64: CurlTransfer]
  ) {
    switch command {
    case .add(let transfer):
      guard let easy = transfer.prepare() else {
        finish(transfer, .failure(.other(code: -1, detail: "libcurl gives no handle (out of memory)")))
        return
      }
      let code = ccurl_multi_add_handle(multi, easy)
      guard code == CURLM_OK else {
        finish(transfer, .failure(.other(code: Int(code.rawValue), detail: "libcurl refused the request")))
        return
      }
      active[transfer.id] = transfer
    case .cancel(let id):
      guard let transfer = active.removeValue(forKey: id) else { return }
      if let easy = transfer.easy { ccurl_multi_remove_handle(multi, easy) }
      finish(transfer, .failure(.cancelled))
    }
  }

  private func collect(_ multi: UnsafeMutableRawPointer, _ active: inout [UInt64: CurlTransfer]) {
    var easy: UnsafeMutableRawPointer?
    var code = CURLE_OK
    while ccurl_multi_next_done(multi, &easy, &code) == 1 {
      guard let easy else { continue }
      var context: UnsafeMutableRawPointer?
      ccurl_easy_getinfo_pointer(easy, CURLINFO_PRIVATE, &context)
      guard let context else { continue }
      let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
      active[transfer.id] = nil
      ccurl_multi_remove_handle(multi, easy)
      finish(transfer, transfer.outcome(code))
    }
  }

  /// How long to wait, in milliseconds, before silence is looked for again: half a second, less for shorter limits.
  private static func watch(_ active: [UInt64: CurlTransfer]) -> Int32 {
    let shortest = active.values.map { min($0.request.timeouts.firstByte, $0.request.timeouts.idle).milliseconds }.min()
    return Int32(max(10, min(500, (shortest ?? 500) / 4)))
  }

  private func endIdle(_ multi: UnsafeMutableRawPointer, _ active: inout [UInt64: CurlTransfer]) {
    let now = ContinuousClock.now
    for transfer in active.values {
      guard let problem = transfer.idleProblem(now: now) else { continue }
      active[transfer.id] = nil
      if let easy = transfer.easy { ccurl_multi_remove_handle(multi, easy) }
      finish(transfer, .failure(problem))
    }
  }

  private func fail(
    all active: inout [UInt64: CurlTransfer], _ multi: UnsafeMutableRawPointer, _ error: TransportError
  ) {
    for transfer in active.values {
      if let easy = transfer.easy { ccurl_multi_remove_handle(multi, easy) }
      finish(transfer, .failure(error))
    }
    active.removeAll()
  }

  private func finish(_ transfer: CurlTransfer, _ outcome: CurlTransfer.Outcome) {
    state.withLock { $0.phases[transfer.id] = nil }
    transfer.dispose()
    transfer.continuation.resume(returning: outcome)
  }
}
