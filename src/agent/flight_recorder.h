// Keeps the last seconds of a target when something happens to it.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "agent/capture_files.h"
#include "agent/capture_profiler.h"
#include "agent/trace_source.h"
#include "base/result.h"
#include "model/capture.h"
#include "model/snapshot.h"
#include "timeline/capture_judge.h"
#include "timeline/captures.h"
#include "timeline/event_window.h"

namespace agent {

// Owns the thread that follows the timeline a few times a second, judges its events by the rules,
// and freezes the last 30 s where one fired; one that profiles the seconds after that; and the
// captures that there are. It needs no
// privileges. Who asks for captures waits for neither the thread nor a disk.
class FlightRecorder {
 public:
  struct Settings {
    std::vector<timeline::CaptureRule> rules;
    // Where captures are kept; null: in memory alone.
    std::unique_ptr<timeline::CaptureDirectory> directory;
    std::string epoch;  // of the timeline; part of each id
    TakeProfile profile;
  };

  // `events` and `traces` outlive it.
  static base::Result<std::unique_ptr<FlightRecorder>> start(Settings settings,
                                                             timeline::EventWindow& events,
                                                             const TraceSource& traces);
  FlightRecorder(const FlightRecorder&) = delete;
  FlightRecorder& operator=(const FlightRecorder&) = delete;
  ~FlightRecorder() = default;

  model::CaptureList list() const { return store_->list(); }
  // What it has done, into the exporter's own metrics.
  void tell(model::ExporterStatus& status) const;

 private:
  FlightRecorder(Settings settings, timeline::EventWindow& events, const TraceSource& traces);

  void run(const std::stop_token& stop);
  void look();
  void take(const timeline::Firing& firing);
  void replace(std::shared_ptr<const model::Capture> capture);

  timeline::EventWindow& events_;
  const TraceSource& traces_;
  const std::string epoch_;
  const std::shared_ptr<timeline::Captures> store_ = std::make_shared<timeline::Captures>();
  std::unique_ptr<CaptureFiles> files_;  // null: none
  timeline::CaptureJudge judge_;         // the thread's
  std::uint64_t next_ = 0;               // the sequence to look at
  std::uint64_t number_ = 0;             // of captures
  mutable std::mutex mutex_;             // over everything below
  std::vector<model::CaptureCount> counts_;
  // The last: their threads use the others.
  std::unique_ptr<CaptureProfiler> profiler_;
  std::jthread thread_;
};

}  // namespace agent
