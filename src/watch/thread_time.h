// Where the time of a process's threads goes.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "model/profile.h"

namespace watch {

// By looks at what each thread does, a few times a second. One thread.
class ThreadTime {
 public:
  ThreadTime(std::string proc_root, int pid) : proc_root_(std::move(proc_root)), pid_(pid) {}

  // `is_in_pause`: whether a collection that stops the world is open; none: nobody tells.
  void look(std::chrono::steady_clock::time_point now, std::optional<bool> is_in_pause);

  // Since the first look or the last call. `cpu_ns`, what the process has used meanwhile, is exact,
  // so only the rest is shared by the looks. Without one, or without looks, nothing is known.
  model::ThreadTime take(model::Count cpu_ns);

 private:
  // Thread by thread and look by look.
  struct Seen {
    std::uint64_t paused = 0;
    std::uint64_t polling = 0;
    std::uint64_t blocked = 0;
  };

  const std::string proc_root_;
  const int pid_;
  std::optional<std::chrono::steady_clock::time_point> last_;
  std::uint64_t wall_ns_ = 0;  // of all threads together
  Seen seen_;
  bool is_pause_known_ = true;
};

}  // namespace watch
