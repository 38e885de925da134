// Who could be watched on this machine, and who would be.
#pragma once

#include "inspect/checks.h"
#include "model/candidate.h"
#include "watch/config.h"

namespace inspect {

// Looks at every process as discovery does, and attaches to none: who has the probes or is a
// runtime that we know, whether it would be watched, under which name, and why not. Of others it
// tells who was asked for by name and can't be. A file that does not answer is left after a second.
// The names are those of an exporter with this configuration that starts now, and remembers what is
// in its cache directory.
model::CandidateList find_candidates(const watch::Config& config);

// A line on the list.
model::Check judge_candidates(const model::CandidateList& list);

}  // namespace inspect
