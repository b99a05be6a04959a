import CSandbox
import CSnowmaker
import Glibc
import SnowmakerModel

/// One child process with a plugin in it, as the host sees it.
///
/// Unchecked: one thread uses it at a time; the pool hands it on with its lock held.
final class WorkerProcess: @unchecked Sendable {
  private let child: pid_t
  /// This end of the socket; does not block.
  private let socket: Int32
  /// Where it reads what the worker prints; does not block.
  private let printing: Int32
  private let limits: PluginLimits
  private let log: PluginLogService
  private var output: PrintedOutput
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
  /// What of the buffer is filled and not yet taken.
  private var filled = 0..<0
  private var isReaped = false
  private var linesLogged = 0

  /// Lines that a plugin may log in one call; what goes beyond is dropped.
  private static let mostLines = 1_000

  /// Starts a worker. Throws why that is not possible.
  init(_ executable: WorkerExecutable, _ limits: PluginLimits, _ log: PluginLogService) throws(PluginError.Reason) {
    self.limits = limits
    self.log = log
    output = PrintedOutput(limit: limits.output << 10) { log.printed($0) }
    let pair = try DescriptorPair.socket()
    let pipe: DescriptorPair
    do throws(PluginError.Reason) { pipe = try DescriptorPair.pipe() } catch {
      pair.closeBoth()
      throw error
    }
    let started = Self.spawn(executable, channel: pair.child, output: pipe.child)
    close(pair.child)
    close(pipe.child)
    socket = pair.host
    printing = pipe.host
    child = started
    guard started > 0 else {
      isReaped = true
      throw .notStarted("\(executable.path): \(String(cString: strerror(-started)))")
    }
  }

  deinit {
    end()
    close(socket)
    close(printing)
    buffer.deallocate()
  }

  /// The spawning thread must live as long as the host does: a worker dies with the thread that started it.
  private static let spawner = PluginThreads(width: 1)

  private static func spawn(_ executable: WorkerExecutable, channel: Int32, output: Int32) -> pid_t {
    let errand = Handover<pid_t>()
    spawner.run {
      let arguments = CStrings(["snowmaker", PluginWorker.argument, "\(getpid())"])
      let environment = CStrings([
        "SWIFT_BACKTRACE=enable=no", "PATH=/usr/bin:/bin",
        "LD_LIBRARY_PATH=\(PluginSearchPath.variable("LD_LIBRARY_PATH") ?? "")",
      ])
      let child = arguments.withPointers { arguments in
        environment.withPointers { environment in
          csandbox_spawn(executable.path, arguments.baseAddress, environment.baseAddress, channel, output)
        }
      }
      errand.give(child)
    }
    return errand.wait()
  }

  // MARK: - Asking

  /// Sends a frame and waits for the frame that ends what it began. Logs, prints and questions in between are dealt
  /// with.
  ///
  /// Throws when the worker is of no use any more; its process has ended then.
  func exchange(
    _ frame: RelayFrame, _ body: UnsafeRawBufferPointer, nanoseconds: UInt64, services: HostServices? = nil
  ) throws(WorkerFailure) -> (end: RelayFrame, body: [UInt8]) {
    linesLogged = 0
    let deadline = Deadline(nanoseconds)
    defer {
      output.endCall()
      let left = linesLogged - Self.mostLines
      if left > 0 { log.printed("(\(counted(left, "line")) more, not shown)") }
    }
    do throws(WorkerFailure) {
      try send(frame, body, deadline)
      let end = try receiveEnd(of: frame.kind, deadline, services)
      // Printed before the answer was sent, but nobody may have looked since: one reading can bring several frames.
      drainOutput()
      return end
    } catch {
      throw settle(error)
    }
  }

  /// Ends the process of a failed worker and finds out what was behind the failure.
  private func settle(_ failure: WorkerFailure) -> WorkerFailure {
    let death = end(patiently: failure == Self.lost)
    drainOutput()
    guard failure == Self.lost else { return failure }
    return death.map { .died($0) } ?? .garbage("closed its connection")
  }

  /// Stands for the end of the connection until it is known how the process ended.
  private static let lost = WorkerFailure.garbage("")

  private func receiveEnd(
    of begun: RelayFrame.Kind, _ deadline: Deadline, _ services: HostServices?
  ) throws(WorkerFailure) -> (end: RelayFrame, body: [UInt8]) {
    var piece: [UInt8]?
    while true {
      let frame = try receiveHeader(deadline)
      guard frame.length <= max(limits.answer << 20, buffer.count) else {
        throw .garbage("announced an answer of \(frame.length) bytes")
      }
      let body = try receive(frame.length, deadline)
      switch frame.kind {
      case .piece: piece = body
      case .log:
        linesLogged += 1
        if linesLogged <= Self.mostLines { _ = body.withUnsafeBytes { log.log($0) } }
      case .hostCall:
        let answer =
          services.map { services in
            body.withUnsafeBytes { services(UInt32(bitPattern: frame.code), $0) }
          } ?? (Int32(SNOWMAKER_UNSUPPORTED), [])
        try sendReply(answer.0, answer.1, deadline)
      case .answer where begun == .call: return (frame, piece ?? body)
      case .badAnswer where begun == .call, .ready where begun == .hello, .refused where begun == .hello:
        return (frame, body)
      default: throw .garbage("wrote to the descriptor that belongs to snowmaker")
      }
    }
  }

  // MARK: - Bytes

  private func sendReply(_ status: snowmaker_status, _ body: [UInt8], _ deadline: Deadline) throws(WorkerFailure) {
    let frame = RelayFrame(.hostReply, code: status, length: body.count)
    let failure = body.withUnsafeBytes { body -> WorkerFailure? in
      do throws(WorkerFailure) { try send(frame, body, deadline) } catch { return error }
      return nil
    }
    if let failure { throw failure }
  }

  private func send(
    _ frame: RelayFrame, _ body: UnsafeRawBufferPointer, _ deadline: Deadline
  ) throws(WorkerFailure) {
    var header = (UInt64(0), UInt64(0))
    let failure = withUnsafeMutableBytes(of: &header) { header -> WorkerFailure? in
      frame.write(to: header)
      do throws(WorkerFailure) { try send(header, body, deadline) } catch { return error }
      return nil
    }
    if let failure { throw failure }
  }

  private func send(
    _ header: UnsafeMutableRawBufferPointer, _ body: UnsafeRawBufferPointer, _ deadline: Deadline
  ) throws(WorkerFailure) {
    var sent = 0
    while sent < header.count + body.count {
      let first = min(sent, header.count)
      let second = max(0, sent - header.count)
      let count = withUnsafeTemporaryAllocation(of: iovec.self, capacity: 2) { parts in
        parts.initializeElement(
          at: 0, to: iovec(iov_base: header.baseAddress.map { $0 + first }, iov_len: header.count - first))
        parts.initializeElement(
          at: 1,
          to: iovec(
            iov_base: body.baseAddress.map { UnsafeMutableRawPointer(mutating: $0) + second },
            iov_len: body.count - second))
        var message = msghdr()
        message.msg_iov = parts.baseAddress
        message.msg_iovlen = 2
        return sendmsg(socket, &message, Int32(MSG_NOSIGNAL))
      }
      if count >= 0 {
        sent += count
      } else if errno == EAGAIN {
        try wait(for: Int16(POLLOUT), deadline)
      } else if errno != EINTR {
        throw Self.lost
      }
    }
  }

  private func receiveHeader(_ deadline: Deadline) throws(WorkerFailure) -> RelayFrame {
    while filled.count < RelayFrame.headerSize {
      if let base = buffer.baseAddress, filled.lowerBound > 0 {
        memmove(base, base + filled.lowerBound, filled.count)
        filled = 0..<filled.count
      }
      let count = try read(UnsafeMutableRawBufferPointer(rebasing: buffer[filled.upperBound...]), deadline)
      filled = 0..<(filled.upperBound + count)
    }
    guard let frame = RelayFrame(UnsafeRawBufferPointer(rebasing: buffer[filled])) else {
      throw .garbage("wrote to the descriptor that belongs to snowmaker")
    }
    filled = (filled.lowerBound + RelayFrame.headerSize)..<filled.upperBound
    return frame
  }

  private func receive(_ length: Int, _ deadline: Deadline) throws(WorkerFailure) -> [UInt8] {
    var failure: WorkerFailure?
    let bytes = [UInt8](unsafeUninitializedCapacity: length) { body, count in
      let head = min(filled.count, length)
      let body = UnsafeMutableRawBufferPointer(body)
      body.copyMemory(
        from: UnsafeRawBufferPointer(rebasing: buffer[filled.lowerBound..<(filled.lowerBound + head)]))
      filled = (filled.lowerBound + head)..<filled.upperBound
      count = head
      while count < length, failure == nil {
        do throws(WorkerFailure) {
          count += try read(UnsafeMutableRawBufferPointer(rebasing: body[count...]), deadline)
        } catch { failure = error }
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Reads some bytes, at least one.
  private func read(
    _ into: UnsafeMutableRawBufferPointer, _ deadline: Deadline
  ) throws(WorkerFailure) -> Int {
    while true {
      try wait(for: Int16(POLLIN), deadline)
      let count = recv(socket, into.baseAddress, into.count, 0)
      if count > 0 { return count }
      guard count < 0, errno == EINTR || errno == EAGAIN else { throw Self.lost }
    }
  }

  /// Waits until the socket is ready; meanwhile takes what the worker prints.
  private func wait(for events: Int16, _ deadline: Deadline) throws(WorkerFailure) {
    while true {
      let waiting = withUnsafeTemporaryAllocation(of: pollfd.self, capacity: 2) { ends in
        ends.initializeElement(at: 0, to: pollfd(fd: socket, events: events, revents: 0))
        ends.initializeElement(at: 1, to: pollfd(fd: printing, events: Int16(POLLIN), revents: 0))
        let count = poll(ends.baseAddress, 2, deadline.milliseconds)
        return (count, ends[0].revents, ends[1].revents)
      }
      if waiting.2 & Int16(POLLIN) != 0 { drainOutput() }
      if waiting.1 != 0 { return }
      if deadline.hasPassed { throw .hung(seconds: deadline.seconds) }
    }
  }

  private func drainOutput() {
    // Not forever: a plugin that prints without end must not keep the deadline from being looked at.
    for _ in 0..<16 {
      let count = withUnsafeTemporaryAllocation(byteCount: 1 << 14, alignment: 16) { piece in
        let count = Glibc.read(printing, piece.baseAddress, piece.count)
        if count > 0 { output.take(UnsafeRawBufferPointer(rebasing: piece[..<count])) }
        return count
      }
      guard count > 0 else { return }
    }
  }

  // MARK: - The end

  /// Ends the process if it has not ended yet; how it ended, unless this had to kill it.
  /// - Parameter patiently: waits a moment, because it is about to end by itself.
  @discardableResult
  func end(patiently: Bool = false) -> WorkerDeath? {
    guard !isReaped else { return nil }
    isReaped = true
    var status: Int32 = 0
    var usage = rusage()
    var mustKill = true
    for attempt in 0..<(patiently ? 1000 : 1) {
      let done = wait4(child, &status, WNOHANG, &usage)
      if done == child || (done < 0 && errno != EINTR) {
        mustKill = false
        // Where the program ignores its children's ends, nobody can tell how this one ended.
        guard done == child else { return nil }
        break
      }
      if patiently { usleep(attempt < 100 ? 100 : 1000) }
    }
    guard mustKill else { return WorkerDeath(status: status, memory: usage.ru_maxrss, limit: limits.memory) }
    kill(child, SIGKILL)
    while wait4(child, &status, 0, nil) < 0, errno == EINTR {}
    return nil
  }
}

/// A point in time until which a call may take.
private struct Deadline {
  let end: UInt64
  let seconds: Int

  init(_ nanoseconds: UInt64) {
    end = Clock.nanoseconds() + nanoseconds
    seconds = Int(nanoseconds / 1_000_000_000)
  }

  var hasPassed: Bool { Clock.nanoseconds() >= end }

  /// For `poll`; rounded up.
  var milliseconds: Int32 {
    let now = Clock.nanoseconds()
    return end > now ? Int32(clamping: (end - now) / 1_000_000 + 1) : 0
  }
}
