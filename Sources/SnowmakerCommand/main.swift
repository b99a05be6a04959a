import Glibc
import PluginHost

PluginWorker.serveIfAsked(CommandLine.arguments)
WorkerExecutable.useThisProgram()
// A crash inside a plugin is to name the plugin.
CrashReport.install()
Terminal.keepOutput()
signal(SIGPIPE, SIG_IGN)
let status = await CommandLineTool.run(Array(CommandLine.arguments.dropFirst()))
exit(status.rawValue)
