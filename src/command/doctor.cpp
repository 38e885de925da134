#include "command/doctor.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "command/print.h"
#include "command/web_checks.h"
#include "expose/doctor_report.h"
#include "inspect/doctor.h"
#include "inspect/hit_cost.h"
#include "probe/programs.h"

namespace command {

base::Result<int> run_doctor(const ProcessOptions& process, const ServeOptions& serve,
                             const DoctorOptions& options) {
  const auto config = agent_config(process, serve);
  if (!config) return base::pass_on(config);
  inspect::DoctorQuery query;
  if (process.pid > 0) query.pid = process.pid;
  query.config = config->watch;
  query.hit_cost_ns = inspect::find_hit_cost();
  model::DoctorReport report = inspect::diagnose(query);
  auto web = web_checks(serve);
  // The last of what is about the machine; processes follow.
  const auto cache = std::find_if(report.checks.begin(), report.checks.end(),
                                  [](const model::Check& check) { return check.name == "cache"; });
  report.checks.insert(std::next(cache), std::make_move_iterator(web.begin()),
                       std::make_move_iterator(web.end()));
  const auto printed = print(options.format == "json" ? expose::write_doctor_json(report)
                                                      : expose::write_doctor_text(report));
  if (!printed) return base::pass_on(printed);
  return report.ok() ? 0 : 1;
}

}  // namespace command
