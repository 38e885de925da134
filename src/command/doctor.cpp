#include "command/doctor.h"

#include <optional>

#include "command/print.h"
#include "expose/doctor_report.h"
#include "inspect/doctor.h"

namespace command {

CLI::App* add_doctor(CLI::App& app, ProcessOptions& process, DoctorOptions& options) {
  CLI::App* command = app.add_subcommand(
      "doctor",
      "Check whether this machine, and with --pid this process, can be watched; exits with "
      "1 where not, and says what to do");
  add_pid(*command, process, "Check this process too: attaches to it for a moment");
  command->add_option("--format", options.format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  add_layout_options(*command, process);
  return command;
}

base::Result<int> run_doctor(const ProcessOptions& process, const DoctorOptions& options) {
  const model::DoctorReport report = inspect::diagnose(
      process.pid > 0 ? std::optional(process.pid) : std::nullopt, process.layouts);
  const auto printed = print(options.format == "json" ? expose::write_doctor_json(report)
                                                      : expose::write_doctor_text(report));
  if (!printed) return base::pass_on(printed);
  return report.ok() ? 0 : 1;
}

}  // namespace command
