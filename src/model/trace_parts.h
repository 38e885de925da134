// All that a trace of one target is made of.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/history.h"
#include "model/timeline_event.h"

namespace model {

struct TraceParts {
  std::string version;  // the exporter's
  std::string process;  // the target's label
  int pid = 0;          // the target's
  std::string build_id;
  std::vector<std::string> probes;  // that are attached
  // Times of CLOCK_MONOTONIC between which the trace tells.
  std::uint64_t from_ns = 0;
  std::uint64_t to_ns = 0;
  TimelinePart timeline;  // of this target; also what lies outside of these times
  History history;
};

}  // namespace model
