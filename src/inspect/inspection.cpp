#include "inspect/inspection.h"

#include <set>
#include <utility>

#include "probe/contract.h"
#include "target/memory_map.h"

namespace inspect {

using base::fail;
using base::Result;

Result<FoundProcess> find_process(const std::string& proc_root, int pid) {
  if (!target::shows_own_pid_namespace(proc_root)) {
    return fail(
        "look at pid {}: {} is of another pid namespace than ours, so its pids mean others "
        "to us",
        pid, proc_root);
  }
  auto process = target::identify(proc_root, pid);
  if (!process) return pass_on(process);
  const auto executable = target::open_executable_of(proc_root, pid);
  if (!executable) return pass_on(executable);
  if (executable->version != process->file) {
    return fail("look at pid {}: it changed its executable just now; try again", pid);
  }
  return FoundProcess{std::move(*process), executable->path};
}

StateLook look_at_state(const std::string& proc_root, int pid, const target::Program& program,
                        const layout::Config& config,
                        std::optional<std::chrono::milliseconds> max_time) {
  StateLook look;
  auto layouts = layout::Layouts::open(config);
  const auto fits = layouts ? layouts->check_given(program.build_id, program.executable.path)
                            : base::pass_on(layouts);
  auto found = fits ? layouts->find(program) : base::pass_on(fits);
  if (!found) {
    look.problem = found.error().message;
    return look;
  }
  look.layout = found->layout.name;
  look.origin = found->origin;
  look.fields = found->layout.fields.size();
  auto source = watch::StateSource::open(proc_root, pid, program, std::move(*found));
  if (!source) {
    look.problem = source.error().message;
    return look;
  }
  look.source = std::move(*source);
  if (!max_time) return look;
  look.reading = look.source->read(*max_time);
  if (!look.reading->readings) look.problem = look.reading->readings.error().message;
  return look;
}

Result<std::uint64_t> read_load_bias(const std::string& proc_root, int pid,
                                     const target::Program& program) {
  const auto mappings = target::read_maps(proc_root, pid);
  if (!mappings) return base::pass_on(mappings);
  return target::find_load_bias(*mappings, program.executable, program.segments);
}

std::vector<Semaphore> semaphores_of(const std::vector<elf::UsdtSite>& sites,
                                     std::uint64_t load_bias) {
  std::vector<Semaphore> semaphores;
  std::set<std::pair<std::string_view, std::uint64_t>> seen;
  for (const elf::UsdtSite& site : sites) {
    if (!site.semaphore_file_offset || probe::find_probe(site.name) == nullptr) continue;
    if (!seen.emplace(site.name, site.semaphore_address).second) continue;
    semaphores.push_back({site.name, site.semaphore_address + load_bias});
  }
  return semaphores;
}

}  // namespace inspect
