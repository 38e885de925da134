#include "watch/descriptors.h"

#include <sys/resource.h>

#include <algorithm>

#include "base/log.h"

namespace watch {

void make_room_for_descriptors(std::uint32_t max_targets) {
  const rlim_t wanted = kOwnDescriptors + kDescriptorsATarget * max_targets;
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  if (files.rlim_cur != RLIM_INFINITY && files.rlim_cur < wanted) {
    files.rlim_cur = std::min(wanted, files.rlim_max);
    ::setrlimit(RLIMIT_NOFILE, &files);  // refused: then it stays as it is
    ::getrlimit(RLIMIT_NOFILE, &files);
  }
  if (files.rlim_cur >= wanted) return;
  base::log_warn(
      "{} processes may take {} open files, and this process may have {}: give more by "
      "LimitNOFILE= or ulimit -n, or fewer processes by --max-targets",
      max_targets, wanted, files.rlim_cur);
}

}  // namespace watch
