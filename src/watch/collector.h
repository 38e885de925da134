// Watching, as the rest of the program sees it.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/snapshot.h"
#include "model/wanted.h"
#include "probe/programs.h"
#include "probe/readings.h"
#include "watch/asking.h"
#include "watch/auditor.h"
#include "watch/config.h"
#include "watch/discovery.h"
#include "watch/event_source.h"
#include "watch/loose_thread.h"
#include "watch/profiler.h"
#include "watch/target_list.h"
#include "watch/watched.h"

namespace watch {

// Fails where the selection can't be watched, now or ever: no such process, no such file, a file
// that has no probes and is no runtime that we know, a /proc that is not of our pid namespace.
// Changes nothing.
base::Result<void> check_selection(const Config& config);

// Owns the programs, the targets, and the threads that follow and compare them.
class Collector {
 public:
  // Loads the programs, begins to watch whoever is selected and there already, and waits for a
  // moment until it is known how each is told of. Where one process is selected, fails unless
  // something is told of it; fails whole.
  static base::Result<std::unique_ptr<Collector>> start(const Config& config);
  ~Collector() = default;
  Collector(const Collector&) = delete;
  Collector& operator=(const Collector&) = delete;

  // Reads everything now, of the wanted targets. What can't be read by the
  // deadline is absent, and `collectors` of the snapshot say so. Any thread, without privileges; it
  // waits for no other thread but those that read the targets' memory.
  base::Result<model::Snapshot> collect(std::chrono::steady_clock::time_point deadline,
                                        const model::Wanted& wanted = {});

  // Waits until it is known how the one selected process is told of, which may not be so yet after
  // start(): of one that has just begun, of one that is slow to answer. Fails where it is not by
  // the deadline or a stop, and where the process has ended or nothing is told of it. Another
  // selection is not waited for.
  base::Result<void> wait_until_decided(std::chrono::steady_clock::time_point deadline,
                                        const std::stop_token& stop) const;

  // Single events, for one who takes them from now on. It must not outlive this.
  base::Result<EventSource> open_events() { return EventSource::open(surroundings_, list_); }

  Profiler& profiler() { return *profiler_; }

  // How many processes are watched now.
  std::size_t watched_count() const { return list_.get()->watched.size(); }
  // How often the thread that follows processes has gone round, which it does each second.
  std::uint64_t turns() const { return discovery_->turns(); }

  // Why nothing is served yet, or any more. None: something is. Reads nothing.
  std::optional<std::string> unready() const;

 private:
  Collector(const Config& config, probe::Programs programs, layout::Layouts layouts);

  base::Result<void> wait_until_told();
  bool is_decided() const;
  void begin_to_calibrate();
  model::TargetMetrics metrics_of(Asked& asked, probe::Readings* probes) const;
  model::ExporterStatus exporter_status(const probe::AttachedBySlot& attached,
                                        const Targets& targets) const;
  std::vector<model::MissedCount> missed_events(const Targets& targets) const;
  void tell_price(model::ExporterStatus& status) const;

  const Config config_;
  const model::Count own_start_unix_ns_;
  const std::shared_ptr<Surroundings> surroundings_;
  TargetList list_;
  std::unique_ptr<Discovery> discovery_;
  std::unique_ptr<Auditor> auditor_;
  std::unique_ptr<Profiler> profiler_;
  std::optional<LooseThread> calibrator_;
};

}  // namespace watch
