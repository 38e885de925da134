#include "command/resolve.h"

#include <cstdio>

#include "command/print.h"
#include "command/write_file.h"
#include "layout/executable_layout.h"
#include "layout/layout_resolution.h"

namespace command {
base::Result<int> run_resolve(const ResolveOptions& options) {
  const auto resolved = layout::resolve_executable(options.executable, options.debug_directories);
  if (!resolved) return base::pass_on(resolved);
  const auto written =
      options.output.empty() ? print(resolved->text) : write_file(options.output, resolved->text);
  if (!written) return base::pass_on(written);
  std::fprintf(stderr, "%s\n", resolved->summary.c_str());
  for (const std::string& missing : resolved->missing) {
    std::fprintf(stderr, "missing: %s\n", missing.c_str());
  }
  return 0;
}

int run_resolve_confined(const ResolveOptions& options) {
  return layout::run_resolve_confined(options.name);
}

}  // namespace command
