// Where the time of a process's threads goes.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/profile.h"
#include "target/thread_states.h"

namespace watch {

// By looks at what each thread does, a few times a second. One thread.
class ThreadTime {
 public:
  ThreadTime(std::string proc_root, int pid) : proc_root_(std::move(proc_root)), pid_(pid) {}

  // `is_in_pause`: whether a collection that stops the world is open; none: nobody tells.
  void look(std::chrono::steady_clock::time_point now, std::optional<bool> is_in_pause);

  // Since the first look or the last call. `cpu_ns`, what the process has used meanwhile, is exact,
  // and so is the time without a processor, but for threads that ended; only the rest is shared by
  // the looks. Without `cpu_ns`, or without looks, nothing is known.
  model::ThreadTime take(model::Count cpu_ns);

 private:
  // Thread by thread and look by look.
  struct Seen {
    std::uint64_t paused = 0;
    std::uint64_t polling = 0;
    std::uint64_t blocked = 0;
  };

  void add_queued(const std::vector<target::ThreadLook>& threads);

  const std::string proc_root_;
  const int pid_;
  std::optional<std::chrono::steady_clock::time_point> last_;
  std::uint64_t wall_ns_ = 0;  // of all threads together
  Seen seen_;
  std::map<int, std::uint64_t> queued_of_;  // by thread, at the last look
  std::optional<std::uint64_t> queued_ns_;  // none: the kernel does not count it
  bool is_pause_known_ = true;
};

}  // namespace watch
