// Where the server gets from what it serves.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "model/capture.h"
#include "model/history.h"
#include "model/kept_profile.h"
#include "model/profile_request.h"
#include "model/snapshot.h"
#include "model/timeline_event.h"
#include "model/trace_parts.h"
#include "model/wanted.h"

namespace http {

// Gives a fresh snapshot of these targets by the deadline, or why there is none.
using SnapshotSource = std::function<base::Result<model::Snapshot>(
    std::chrono::steady_clock::time_point deadline, const model::Wanted& wanted)>;

// Events from a sequence on, at most so many, of one target or of all. Answers at once.
using EventsSource = std::function<model::TimelinePart(std::uint64_t since, std::size_t limit,
                                                       const std::optional<std::string>& process)>;

// Called by up to 16 threads at once.
struct Sources {
  SnapshotSource snapshot;
  // Why nothing is told of any target; none: something is. Answers at once.
  std::function<std::optional<std::string>()> unready;
  EventsSource events = {};
  // The last seconds of the target of that name, or of the first one; none: there is none.
  std::function<std::optional<model::History>(const std::optional<std::string>& process,
                                              std::size_t seconds)>
      history = {};
  // What a trace of the last seconds is made of, of the target of that name, or of the first one.
  std::function<base::Result<model::TraceParts>(std::uint64_t seconds,
                                                const std::optional<std::string>& process)>
      trace = {};
  std::function<model::CaptureList()> captures = {};
  // Waits for as long as the profile takes; until `stop` at most.
  std::function<base::Result<model::ProfileAnswer>(const model::ProfileRequest& request,
                                                   const std::stop_token& stop)>
      profile = {};
  std::uint32_t max_profile_hz = 0;
  // Keeps one that was taken, so that it can be looked at and compared with later; none: it can't.
  std::function<std::shared_ptr<const model::KeptProfile>(const model::Profile& profile)>
      keep_profile = {};
  // Those that were taken continuously, and those of keep_profile.
  std::function<model::KeptProfiles()> kept_profiles = {};
};

}  // namespace http
