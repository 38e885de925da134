#include "layout/executable_layout.h"

#include "layout/layout_resolution.h"
#include "state/layout_text.h"
#include "target/executable.h"

namespace layout {

using base::fail;
using base::Result;

Result<ResolvedLayout> resolve_executable(const std::string& path,
                                          const std::vector<std::string>& debug_directories) {
  const auto executable = target::open_executable(path);
  if (!executable) return base::pass_on(executable);
  const auto layout = resolve_in_child(executable->fd.get(), path, debug_directories);
  if (!layout) return base::pass_on(layout);
  if (layout->build_id.empty()) {
    return fail("resolve the layout of {}: it has no build id (link it with -Wl,--build-id)", path);
  }
  ResolvedLayout resolved;
  resolved.text = state::write_layout(*layout);
  resolved.summary = fmt::format("layout {} of build {}: {} fields, {} missing", layout->name,
                                 layout->build_id, layout->fields.size(), layout->missing.size());
  for (const state::MissingField& missing : layout->missing) {
    resolved.missing.push_back(missing.path + ": " + missing.reason);
  }
  return resolved;
}

}  // namespace layout
