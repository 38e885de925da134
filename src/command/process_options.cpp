#include "command/process_options.h"

namespace command {

CLI::Option* add_pid(CLI::App& app, ProcessOptions& options, const std::string& help) {
  return app.add_option("--pid", options.pid, help)->check(CLI::PositiveNumber);
}

void add_layout_options(CLI::App& app, ProcessOptions& options) {
  app.add_option("--layout", options.layouts.layout_file,
                 "Layout file (made by resolve) for a stripped binary of the same build id");
  app.add_option("--cache-dir", options.layouts.cache_directory,
                 "Where resolved layouts are kept; safe to delete, empty for nowhere")
      ->capture_default_str();
  app.add_option("--debug-dir", options.layouts.debug_directories,
                 "Directory with separate debug files by build id, before /usr/lib/debug; "
                 "repeatable")
      ->allow_extra_args(false);
}

base::Result<void> require_pid(const ProcessOptions& options, std::string_view command) {
  if (options.pid > 0) return {};
  return base::fail("{} of which process? give --pid N", command);
}

}  // namespace command
