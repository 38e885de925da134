// One process's own counters, read by a deadline.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/result.h"
#include "layout/layouts.h"
#include "state/readings.h"
#include "target/process.h"
#include "target/program_cache.h"

namespace watch {

// What one reading brought.
struct StateReading {
  base::Result<state::Readings> readings;
  std::uint64_t duration_ns = 0;
};

// Reads a process's memory in a thread of its own, which begins with the first request and keeps no
// privilege but CAP_SYS_PTRACE. Reading
// waits where the process's own page fault would: for swapped-out pages, or for a file system that
// hangs. The one who wants the numbers waits no longer than his deadline; a reading that hangs
// fails the later ones at once, until it comes back. All functions are for one thread at a time.
class StateSource {
 public:
  // Finds out where the program was loaded. Reads nothing of its state yet. Fails also when too
  // many earlier readings hang.
  static base::Result<std::unique_ptr<StateSource>> open(const std::string& proc_root, int pid,
                                                         const target::Program& program,
                                                         layout::FoundLayout found);
  // A thread that hangs is left behind: it ends with the process that it reads, or with us. At most
  // 16 are: then no new source is opened.
  ~StateSource();
  StateSource(const StateSource&) = delete;
  StateSource& operator=(const StateSource&) = delete;

  // Starts a reading, unless one hangs.
  void request();

  // What the last request brought. The process may be another one by now: that is for the caller to
  // find out, after this.
  StateReading wait(std::chrono::steady_clock::time_point deadline);

  // Whether somebody has waited in vain for the reading that goes on.
  bool hangs() const;

  // The members of the model that come from here.
  const std::vector<model::Member>& members() const { return members_; }
  const std::string& layout_name() const { return layout_name_; }
  // The paths that this build doesn't have.
  const std::vector<state::MissingField>& missing() const { return missing_; }
  // Where the layout was found, for people.
  const std::string& layout_origin() const { return layout_origin_; }

 private:
  struct Work;  // shared with the thread, which may outlive us

  StateSource(std::shared_ptr<Work> work, layout::FoundLayout found);

  static void run(const std::shared_ptr<Work>& work);
  static StateReading read_once(Work& work);

  std::shared_ptr<Work> work_;
  std::vector<model::Member> members_;
  std::string layout_name_;
  std::vector<state::MissingField> missing_;
  std::string layout_origin_;
  std::thread thread_;
};

}  // namespace watch
