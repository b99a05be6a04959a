import Glibc

do {
  try RowReading.run()
} catch {
  let line = Array("benchmark failed: \(error)\n".utf8)
  _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  exit(1)
}
