// The signals that end us.
#pragma once

#include <csignal>

namespace command {

// Blocks SIGINT and SIGTERM, so that only sigwait() takes them: before threads that could be hit
// start. And ignores SIGPIPE: a client that leaves is no reason to end.
sigset_t block_end_signals();

// The same, and SIGHUP, for whoever serves: a terminal that is closed does not end it, and whoever
// sends it wants configuration read again.
sigset_t block_serve_signals();

}  // namespace command
