// A trace of the last seconds of a target, as viewers of Chrome's trace events read it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "model/trace_parts.h"

namespace expose {

struct Trace {
  std::string json;
  std::size_t events = 0;  // of the timeline that it tells of
  std::uint64_t first_sequence = 0;
  std::uint64_t last_sequence = 0;
};

// Lanes of slices for collections, threads at the safe point, stalls, captures and holes; counters
// for what the charts show. Of more than 50,000 trace events the oldest of the timeline are left
// out, and counted. Every time in it is a whole number of microseconds since `from_ns`.
Trace write_trace(const model::TraceParts& parts);

// Such as "valkyria-web-20261126T092000Z.json": of letters, digits, dots and dashes, whatever the
// target's label is.
std::string trace_file_name(const std::string& process, std::uint64_t unix_ns);

}  // namespace expose
