// What a trace is made of.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/snapshot.h"
#include "model/trace_parts.h"
#include "timeline/event_window.h"
#include "timeline/history_window.h"

namespace agent {

// Puts together what the windows keep of a target and who it is, as it was seen last: also of one
// that has ended. Any thread may call any function; the lock is held for moments.
class TraceSource {
 public:
  // Both outlive it.
  TraceSource(const timeline::EventWindow& events, const timeline::HistoryWindow& history)
      : events_(events), history_(history) {}

  // Everybody who is watched.
  void note(const model::Snapshot& snapshot);

  // Of the target of that name, or of the first one.
  base::Result<model::TraceParts> read(std::uint64_t from_ns, std::uint64_t to_ns,
                                       const std::optional<std::string>& process) const;

 private:
  struct Target {
    int pid = 0;
    std::string build_id;
  };

  const timeline::EventWindow& events_;
  const timeline::HistoryWindow& history_;
  mutable std::mutex mutex_;               // over everything below
  std::map<std::string, Target> targets_;  // bounded
  bool has_target_ = false;                // in the last snapshot
  std::string first_target_;               // of it
  std::string version_;
  std::vector<std::string> probes_;
};

}  // namespace agent
