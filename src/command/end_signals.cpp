#include "command/end_signals.h"

#include <initializer_list>

namespace command {

namespace {

sigset_t block(std::initializer_list<int> numbers) {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : numbers) {
    // A shell may start us with SIGINT ignored; an ignored signal would never arrive.
    std::signal(signal, SIG_DFL);
    sigaddset(&signals, signal);
  }
  std::signal(SIGPIPE, SIG_IGN);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

}  // namespace

sigset_t block_end_signals() {
  return block({SIGINT, SIGTERM});
}

sigset_t block_serve_signals() {
  return block({SIGINT, SIGTERM, SIGHUP});
}

}  // namespace command
