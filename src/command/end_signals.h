// The signals that end us.
#pragma once

#include <csignal>

namespace command {

// Blocks SIGINT and SIGTERM, so that only sigwait() takes them: before threads that could be hit
// start. And ignores SIGPIPE: a client that leaves is no reason to end.
sigset_t block_end_signals();

// Blocks one more, and adds it to them.
void block_also(sigset_t& signals, int signal);

}  // namespace command
