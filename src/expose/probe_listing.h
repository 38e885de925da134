// The answer of `probes`, for people and for programs.
#pragma once

#include <string>

#include "model/probe_listing.h"

namespace expose {

// A line a probe; its sites, semaphores and families are indented below it.
std::string write_probes_text(const model::ProcessProbes& listed);

// {"pid", "comm", "executable", "probes": [{"name", "cost", "group", "state", "how", "sites",
// "semaphores", "families"}], "state": {"layout", "how", "families"}}. Addresses are hexadecimal
// texts, since JSON's readers round numbers.
std::string write_probes_json(const model::ProcessProbes& listed);

}  // namespace expose
