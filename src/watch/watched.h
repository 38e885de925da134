// A watched process.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <future>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "layout/layouts.h"
#include "model/snapshot.h"
#include "probe/attachment.h"
#include "probe/programs.h"
#include "target/place.h"
#include "target/process.h"
#include "target/program.h"
#include "watch/audit.h"
#include "watch/detacher.h"
#include "watch/loose_thread.h"
#include "watch/planting.h"
#include "watch/state_source.h"
#include "watch/target_log.h"

namespace watch {

// What all targets share, and what a thread of theirs that hangs keeps alive.
struct Surroundings {
  Surroundings(probe::Programs loaded, layout::Layouts opened, std::string proc_directory)
      : programs(std::move(loaded)),
        layouts(std::move(opened)),
        proc_root(std::move(proc_directory)) {}

  probe::Programs programs;
  layout::Layouts layouts;
  Detacher detacher;
  const std::string proc_root;
  TargetLog log;
  // CPU time that a hit costs a busy process here. 0: not known yet, or it can't be found out.
  std::atomic<std::uint64_t> hit_cost_ns = 0;
};

// Who a target is: never changes.
struct Identity {
  target::Process process;
  std::uint32_t generation = 0;  // images of this process that were watched before this one
  std::uint32_t slot = 0;        // numbers the counters that BPF keeps for it
  std::string name;              // the `process` label; empty where one pid is watched
  std::string script;            // as it was given; empty if there is none
  target::Place place;
  std::shared_ptr<const target::Program> program;
  std::uint64_t since_unix_ns = 0;
  model::Count start_unix_ns;  // of the process, as the clock said at that time
};

// One image of one process: who it is, what is attached to it, how its memory is read, what is
// known of its numbers. Attaching, finding a layout and reading happen in threads of its own, so
// that one that hangs, hangs alone. Any thread may call the const functions and compare(); begin()
// and end() are for the one that follows processes. It is emptied by end(), which must be called
// before it dies.
class Watched : public std::enable_shared_from_this<Watched> {
 public:
  // What can be told of it now.
  struct View {
    probe::Attached attached;
    std::shared_ptr<StateSource> state;  // null: its memory can't be read
    std::vector<model::FamilySource> sources;
    std::vector<model::GroupStatus> groups;  // of the chosen ones
    std::optional<double> overhead_ratio;    // as it was told last
    Audit audit;
  };

  Watched(Identity identity, target::HeldProcess process,
          std::shared_ptr<Surroundings> surroundings);

  const Identity& identity() const { return identity_; }
  int pid() const { return identity_.process.id.pid; }

  // Writes a line about it to the log, with the label that the metrics have.
  void tell(base::LogLevel level, const std::string& text) const;

  // Whether it has ended or runs another image by now.
  bool has_ended() const;
  // Whether all of its threads have ended.
  bool has_exited() const { return process_.has_ended(); }
  // Readable once all of its threads have ended.
  int end_fd() const { return process_.fd(); }

  // None until it was found out how each family of it is told: once told, a source stays.
  std::optional<View> view() const;
  bool is_decided() const;
  // Why nothing is told of it: neither probes nor memory. None: something is, or it is not decided.
  std::optional<std::string> problem() const;

  // Attaches what is not attached, finds out how memory is read if that is not known, and looks
  // whether what was attached still stands: in a thread, unless one is at it.
  void begin();
  // When to call it again: what failed may succeed later.
  std::chrono::steady_clock::time_point next_begin() const;
  // The program was read while its file changed: it must be found anew.
  bool is_stale() const;

  // Takes probes at returns out where a seccomp filter came after us that makes them deadly.
  void take_deadly_returns();

  // Takes a group out that costs too much, and leaves it out until let_back(). Counted. Not for a
  // light group.
  void hold_off(probe::Group group);
  // Lets it be attached again, by begin(). What it has counted goes on.
  void let_back(probe::Group group);

  // What probes cost it, of its CPU time.
  void tell_overhead(std::optional<double> ratio);

  // Asks its threads to end, so that end() need not wait for each in turn.
  void request_end();
  // Ends all that goes on. Ready once its probes are out; then it may die.
  std::shared_future<void> end();

  // The runtime's own counts, read after `probes_before` and before `probes_after`.
  void compare(const model::EventCounts& probes_before, const model::EventCounts& runtime,
               const model::EventCounts& probes_after);
  model::EventCounts missed() const;

 private:
  // What a group went through here.
  struct GroupPast {
    bool is_held_off = false;
    bool has_been_out = false;  // what had begun before may have ended meanwhile
    std::uint64_t detachments = 0;
    std::shared_future<void> out;
  };

  // begin.cpp
  void run(const std::stop_token& stop);
  void begin_first(const std::stop_token& stop);
  void begin_again(const std::stop_token& stop);
  std::vector<probe::Site> look_for_sites(const std::stop_token& stop);
  base::Result<std::vector<probe::Site>> find_sites();
  probe::Means means() const;
  void attach(std::vector<probe::Site> sites, const probe::ProbeSet& wanted);
  void forget_open(const std::vector<probe::Site>& sites);
  void add_attachment(probe::Attachment attachment);
  void attach_sites(std::vector<probe::Site> sites);
  probe::ProbeSet find_lost(const std::vector<probe::Site>& sites, Look look);
  void look_again();
  void decide(std::shared_ptr<StateSource> state);
  std::vector<model::FamilySource> choose_sources() const;
  void tell_once(const std::string& text);

  // begin_memory.cpp
  std::shared_ptr<StateSource> open_state(const std::stop_token& stop);
  base::Result<std::unique_ptr<StateSource>> open_when_loaded(layout::FoundLayout found,
                                                              const std::stop_token& stop);
  bool is_young() const;
  std::vector<model::GroupStatus> groups() const;

  const Identity identity_;
  const target::HeldProcess process_;
  const std::shared_ptr<Surroundings> surroundings_;

  mutable std::mutex mutex_;                  // over everything below; held for moments only
  std::list<probe::Attachment> attachments_;  // none without links
  probe::Attached attached_;
  std::vector<probe::Site> sites_;  // that stand in the process
  probe::ProbeSet failed_;          // to be tried again
  probe::ProbeSet lost_;            // attached, but they don't stand in the process
  bool could_not_look_ = false;     // for sites
  bool has_more_ = false;           // to attach: a group that was let back
  std::map<probe::Group, GroupPast> pasts_;
  bool is_decided_ = false;
  bool is_stale_ = false;
  bool has_been_ended_ = false;
  std::shared_ptr<StateSource> state_;
  std::vector<model::FamilySource> sources_;
  Audit audit_;
  std::optional<double> overhead_ratio_;
  std::set<std::string> told_;
  unsigned begins_ = 0;
  std::chrono::steady_clock::time_point next_begin_ = std::chrono::steady_clock::time_point::max();
  std::optional<LooseThread> thread_;
};

}  // namespace watch
