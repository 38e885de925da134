#include "command/probes.h"

#include "command/print.h"
#include "expose/probe_listing.h"
#include "inspect/hit_cost.h"
#include "inspect/probe_listing.h"

namespace command {

base::Result<int> run_probes(const ProcessOptions& process, const ProbesOptions& options) {
  const auto listed = inspect::list_probes(process.pid, process.layouts, inspect::find_hit_cost(),
                                           process.proc_root);
  if (!listed) return base::pass_on(listed);
  const auto printed = print(options.format == "json" ? expose::write_probes_json(*listed)
                                                      : expose::write_probes_text(*listed));
  if (!printed) return base::pass_on(printed);
  return 0;
}

}  // namespace command
