// Sockets that systemd, or whoever does as it does, has made for us (sd_listen_fds(3)).
#pragma once

#include <sys/types.h>

#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace http {

// What stands in the environment: LISTEN_PID and LISTEN_FDS, null where they don't, and where the
// descriptors begin.
struct HandedSockets {
  const char* pid = nullptr;
  const char* count = nullptr;
  int first_fd = 3;
};

// Of this process's environment, from which they are removed: what we start gets none.
HandedSockets handed_sockets_of_environment();

// Takes them: non-blocking, closed on exec. Fails where there are none for `own_pid`, or where one
// is no stream socket (TCP, or a path) that listens. Once, before anything else is opened.
base::Result<std::vector<base::UniqueFd>> take_sockets(const HandedSockets& handed, pid_t own_pid);

}  // namespace http
