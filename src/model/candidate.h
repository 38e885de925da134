// Who could be watched on this machine, as `doctor` found it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace model {

// A process that has the probes, is a runtime that we know, or was asked for. `comm`, `executable`,
// `name` and `reason` may quote it: any bytes.
struct Candidate {
  int pid = 0;
  std::uint32_t uid = 0;
  std::string comm;
  std::string executable;  // empty: not known
  std::string name;        // what the label `process` would say; empty: it would have none
  bool is_watched = false;
  std::string reason;  // why not; empty where it would be
};

struct CandidateList {
  std::vector<Candidate> candidates;  // by pid
  std::size_t looked_at = 0;          // processes, all in all
  std::size_t denied = 0;             // of these, those that we may not look at
  std::string why_denied = {};        // of the first of them
  std::size_t left_out = 0;           // past the limit of the list
};

}  // namespace model
