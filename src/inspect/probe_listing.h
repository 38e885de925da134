// What `valkyria_exporter probes` lists.
#pragma once

#include <string>

#include "base/result.h"
#include "layout/layouts.h"
#include "model/probe_listing.h"

namespace inspect {

// Every probe of the contract, as it stands in the process. Attaches nothing, writes nothing; an
// exporter may be watching the process meanwhile. Fails when there is no such process or when it
// has no probes. Also which families come from the process's memory instead, by its layout.
base::Result<model::ProcessProbes> list_probes(int pid, const layout::Config& layouts,
                                               const std::string& proc_root = "/proc");

}  // namespace inspect
