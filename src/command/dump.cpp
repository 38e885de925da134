#include "command/dump.h"

#include <chrono>

#include "command/build_facts.h"
#include "command/end_signals.h"
#include "command/print.h"
#include "expose/families.h"
#include "expose/json.h"
#include "expose/text.h"
#include "inspect/dump.h"

namespace command {

base::Result<int> run_dump(const ProcessOptions& process, const DumpOptions& options) {
  watch::Config config;
  config.version = version();
  config.revision = revision();
  config.selection.one = {process.pid};
  config.layouts = process.layouts;
  config.proc_root = process.proc_root;
  config.groups = *probe::parse_groups(probe::default_groups());
  block_end_signals();
  const auto snapshot = inspect::take_snapshot(config, std::chrono::seconds(options.seconds));
  if (!snapshot) return base::pass_on(snapshot);
  const auto printed = print(options.format == "json"
                                 ? expose::write_json(*snapshot, snapshot->targets.front()) + "\n"
                                 : expose::write_text(expose::families_of(*snapshot)));
  if (!printed) return base::pass_on(printed);
  return 0;
}

}  // namespace command
