// The watched processes, their probes, and what is known about them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "layout/layouts.h"
#include "model/snapshot.h"
#include "probe/attachment.h"
#include "probe/programs.h"
#include "probe/readings.h"
#include "target/watcher.h"
#include "watch/audit.h"
#include "watch/config.h"
#include "watch/state_source.h"

namespace watch {

// Fails where the selection can't be watched, now or ever: no such process, no such file, a file
// that has no probes and is no runtime that we know. Cheap, changes nothing.
base::Result<void> check_selection(const Config& config);

// Owns the programs, the attachments, the list of targets and what reads their memory. Probes fire
// into the maps while their process is watched; the last process of an executable takes the
// attachment with it.
// look() and decide_until_stopped() are for a thread each; collect() for any.
class Collector {
 public:
  // Loads the programs and attaches to whoever is selected and there already. Where one process is
  // selected, fails unless its probes are attached, if it has any; fails whole. How their memory is
  // read is decided, too, but for whom that takes longer than a moment.
  static base::Result<std::unique_ptr<Collector>> start(const Config& config);

  // Finds new and ended processes, and compares what their probes told with what they counted. Call
  // it about once a second.
  void look();

  // Decides how the memory of new processes is read, until `stop` is asked for: in a thread of its
  // own, since it can take seconds.
  void decide_until_stopped(const std::stop_token& stop);

  // Reads everything now. Fails when it can't begin before the deadline; what can't be read is
  // absent, and `collectors` of the snapshot say so.
  base::Result<model::Snapshot> collect(std::chrono::steady_clock::time_point deadline);

 private:
  // Device and inode: what uprobes belong to.
  using ExecutableKey = std::pair<std::uint64_t, std::uint64_t>;

  // What was decided about a target's numbers, once, before any of them was served.
  struct Decision {
    std::unique_ptr<StateSource> state;  // null: its memory can't be read
    std::vector<model::FamilySource> sources;
    Audit audit;
  };

  // By slot; none for a slot whose memory can't be read.
  using StateReadings = std::map<std::uint32_t, StateReading>;

  Collector(const Config& config, probe::Programs programs, layout::Layouts layouts);

  // What nobody needs any more. Taking probes out and ending threads takes a while, so it is done
  // without the lock.
  struct Retired {
    std::vector<probe::Attachment> attachments;
    std::vector<std::unique_ptr<StateSource>> states;
    std::set<int> pids;  // whose probes may still fire
  };

  void find_processes();
  [[nodiscard]] Retired handle(target::Changes changes);
  bool is_watched(const target::Target& target) const;
  void retire_after_exec();
  void take_deadly_returns();
  void attach_functions_again();
  void end(target::Target target, Retired& retired);
  void begin_or_log(const target::Target& target);
  base::Result<void> begin(const target::Target& target);
  base::Result<void> attach_to(const target::Target& target);
  void attach_functions_of(const target::Target& target);
  void take_unused_attachments(Retired& retired);
  const probe::Attachment* attachment_of(const target::Target& target) const;
  probe::Attached attached_to(const target::Target& target) const;

  std::vector<target::Target> undecided() const;
  void decide_all(std::chrono::milliseconds max_time, const std::stop_token& stop);
  void decide(const target::Target& target, std::unique_ptr<StateSource> state);
  std::unique_ptr<StateSource> open_state(const target::Target& target,
                                          std::chrono::milliseconds max_time,
                                          const std::stop_token& stop);
  void audit_all();

  StateReadings read_states(std::chrono::steady_clock::time_point deadline);
  probe::AttachedBySlot attached_by_slot() const;
  model::TargetMetrics describe(const target::Target& target) const;
  model::TargetMetrics metrics_of(const target::Target& target, probe::Readings* probes,
                                  StateReadings& states) const;
  std::vector<model::MissedCount> missed_events() const;

  const std::string version_;
  const std::string proc_root_;
  const std::optional<int> one_pid_;
  layout::Layouts layouts_;  // for the thread that decides
  probe::Programs programs_;

  mutable std::timed_mutex mutex_;       // over everything below
  std::condition_variable_any changed_;  // somebody may be undecided
  target::Watcher watcher_;
  std::map<ExecutableKey, probe::Attachment> attachments_;           // to sites
  std::map<std::uint32_t, probe::Attachment> function_attachments_;  // by slot
  std::set<std::uint32_t> begun_;                                    // slots that are counted
  std::map<std::uint32_t, Decision> decisions_;                      // by slot; only of begun ones
  std::map<std::uint32_t, std::string> failures_;           // by slot: told once, tried again
  std::map<std::uint32_t, std::string> function_failures_;  // the same
  std::vector<target::Target> ended_;  // the one watched process, once it has ended
  EventCounts missed_by_ended_;
  std::size_t no_room_ = 0;
};

}  // namespace watch
