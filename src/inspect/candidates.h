// Who could be watched on this machine, and who would be.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "inspect/checks.h"
#include "model/candidate.h"
#include "target/selection.h"

namespace inspect {

struct CandidateQuery {
  target::Selection selection = target::Everything{};
  std::size_t max_targets = 0;
};

// Looks at every process as discovery does, and attaches to none: who has the probes or is a
// runtime that we know, whether it would be watched, under which name, and why not. Of others it
// tells who was asked for by name and can't be. A file that does not answer is left after a second.
// The names are those of an exporter that starts now and remembers none.
model::CandidateList find_candidates(const std::string& proc_root, const CandidateQuery& query);

// A line on the list.
model::Check judge_candidates(const model::CandidateList& list);

}  // namespace inspect
