#include "command/end_signals.h"

#include <initializer_list>

namespace command {

sigset_t block_end_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM}) {
    // A shell may start us with SIGINT ignored; an ignored signal would never arrive.
    std::signal(signal, SIG_DFL);
    sigaddset(&signals, signal);
  }
  std::signal(SIGPIPE, SIG_IGN);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

void block_also(sigset_t& signals, int signal) {
  std::signal(signal, SIG_DFL);
  sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace command
