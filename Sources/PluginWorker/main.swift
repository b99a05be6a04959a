import Glibc
import PluginHost

// The child in which a program that embeds snowmaker runs one plugin. Only the host starts it.
PluginWorker.serveIfAsked(CommandLine.arguments)
let text = Array("snowmaker-plugin-worker is started by snowmaker alone, to run one plugin.\n".utf8)
_ = write(STDERR_FILENO, text, text.count)
exit(2)
