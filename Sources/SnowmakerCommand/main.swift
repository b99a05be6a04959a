import CHostSupport
import Glibc
import PluginHost

// Memory holds passwords and tokens. Whoever hunts a crash may allow core files and Swift's backtraces.
if getenv("SNOWMAKER_CRASH_DUMPS") == nil {
  let failure = chost_keep_memory_private()
  if failure != 0 { Terminal.error("warning: core files cannot be forbidden: \(String(cString: strerror(failure)))\n") }
}
PluginWorker.serveIfAsked(CommandLine.arguments)
PluginVerifier.answer(CommandLine.arguments, find: LifeCycleCheck.check(named:))
WorkerExecutable.useThisProgram()
// A crash inside a plugin is to name the plugin.
CrashReport.install(
  advice: "; with --isolate always plugins run in processes of their own, where that is the error of one call")
Terminal.keepOutput()
signal(SIGPIPE, SIG_IGN)
let status = await CommandLineTool.run(Array(CommandLine.arguments.dropFirst()))
exit(status.rawValue)
