#include "command/dump.h"

#include <chrono>

#include "command/end_signals.h"
#include "command/print.h"
#include "expose/families.h"
#include "expose/json.h"
#include "expose/text.h"
#include "inspect/dump.h"

namespace command {

CLI::App* add_dump(CLI::App& app, ProcessOptions& process, DumpOptions& options) {
  CLI::App* command = app.add_subcommand(
      "dump", "Print one snapshot of a process; with --seconds, of what it does for that long");
  add_pid(*command, process, "The process");
  add_layout_options(*command, process);
  command
      ->add_option("--seconds", options.seconds,
                   "Attach, and wait for so long; else attach nothing")
      ->check(CLI::Range(1, 86'400));
  command->add_option("--format", options.format, "prometheus or json")
      ->check(CLI::IsMember({"prometheus", "json"}))
      ->capture_default_str();
  return command;
}

base::Result<int> run_dump(const ProcessOptions& process, const DumpOptions& options) {
  if (auto given = require_pid(process, "dump"); !given) return base::pass_on(given);
  watch::Config config;
  config.version = VALKYRIA_VERSION;
  config.selection = target::OneProcess{process.pid};
  config.layouts = process.layouts;
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
