#include "command/doctor.h"

#include <optional>

#include "command/print.h"
#include "expose/doctor_report.h"
#include "inspect/doctor.h"
#include "inspect/hit_cost.h"

namespace command {

base::Result<int> run_doctor(const ProcessOptions& process, const DoctorOptions& options) {
  const model::DoctorReport report =
      inspect::diagnose(process.pid > 0 ? std::optional(process.pid) : std::nullopt,
                        process.layouts, inspect::find_hit_cost(), process.proc_root);
  const auto printed = print(options.format == "json" ? expose::write_doctor_json(report)
                                                      : expose::write_doctor_text(report));
  if (!printed) return base::pass_on(printed);
  return report.ok() ? 0 : 1;
}

}  // namespace command
