// What `valkyria_exporter probes` lists.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "layout/layouts.h"
#include "model/probe_listing.h"

namespace inspect {

// Every probe of the contract, as it stands in the process. Attaches nothing, writes nothing; an
// exporter may be watching the process meanwhile. Fails when there is no such process or when it
// has no probes. Also which families come from the process's memory instead, by its layout.
// `hit_cost_ns` as for diagnose().
base::Result<model::ProcessProbes> list_probes(
    int pid, const layout::Config& layouts, std::optional<std::uint64_t> hit_cost_ns = std::nullopt,
    const std::string& proc_root = "/proc");

}  // namespace inspect
