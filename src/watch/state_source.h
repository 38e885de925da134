// One process's own counters, read by a deadline.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "layout/layouts.h"
#include "model/snapshot.h"
#include "state/readings.h"
#include "target/program.h"
#include "watch/loose_thread.h"

namespace watch {

// What one reading brought.
struct StateReading {
  base::Result<state::Readings> readings;
  std::uint64_t duration_ns = 0;
  std::optional<model::ProcessMetrics> process_metrics;  // none: nothing was read
};

// Reads a process's memory in a thread of its own, which keeps no privilege of its maker's but
// CAP_SYS_PTRACE. Reading waits where the process's own page fault would: for
// swapped-out pages, or for a file system that hangs. The one who wants the numbers waits no longer
// than his deadline; while a reading hangs, requests fail at once. Any thread may ask at any time:
// who asks while a reading goes on gets the next one, together with all others who wait for it.
class StateSource {
 public:
  // Finds out where the program was loaded. Reads nothing of its state yet. The caller needs the
  // privilege to read, which the thread takes over.
  static base::Result<std::unique_ptr<StateSource>> open(const std::string& proc_root, int pid,
                                                         const target::Program& program,
                                                         layout::FoundLayout found);
  ~StateSource();
  StateSource(const StateSource&) = delete;
  StateSource& operator=(const StateSource&) = delete;

  // A reading that begins after it was asked for.
  using Ticket = std::uint64_t;
  Ticket request();

  // What that reading brought. The process may be another one by now: that is for the caller to
  // find out, after this. Fails with Cause::kTimeout where it doesn't come by the deadline.
  StateReading wait(Ticket ticket, std::chrono::steady_clock::time_point deadline);

  // Asks the thread to end; the source is of no use then.
  void request_stop();

  // Both, for who has nothing to do meanwhile.
  StateReading read(std::chrono::milliseconds max_time);

  // Whether a reading goes on for longer than any should.
  bool hangs() const;

  // The members of the model that come from here.
  const std::vector<model::Member>& members() const { return members_; }
  // How what comes from here differs from what the catalogue says.
  const std::vector<state::Difference>& differences() const { return differences_; }
  // state::heap_use_offset() of the layout.
  std::optional<std::uint64_t> heap_use_offset() const { return heap_use_offset_; }
  const std::string& layout_name() const { return layout_name_; }
  // The paths that this build doesn't have.
  const std::vector<state::MissingField>& missing() const { return missing_; }
  // Where the layout was found, for people.
  const std::string& layout_origin() const { return layout_origin_; }
  // Why the event loops are not read; empty: they are.
  const std::string& loop_problem() const { return loop_problem_; }

 private:
  struct Work;  // shared with the thread, which may outlive us

  StateSource(std::shared_ptr<Work> work, layout::FoundLayout found, LooseThread thread);

  static void run(Work& work, const std::stop_token& stop);
  static StateReading read_once(Work& work);

  std::shared_ptr<Work> work_;
  std::vector<model::Member> members_;
  std::vector<state::Difference> differences_;
  std::optional<std::uint64_t> heap_use_offset_;
  std::string layout_name_;
  std::vector<state::MissingField> missing_;
  std::string layout_origin_;
  std::string loop_problem_;
  LooseThread thread_;
};

}  // namespace watch
