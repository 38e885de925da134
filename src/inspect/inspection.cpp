#include "inspect/inspection.h"

#include <set>
#include <utility>

#include "probe/contract.h"
#include "target/memory_map.h"

namespace inspect {

using base::fail;
using base::Result;

Result<FoundProcess> find_process(const std::string& proc_root, int pid) {
  auto process = target::identify(proc_root, pid);
  if (!process) return base::pass_on(process);
  auto executable = target::open_executable_of(proc_root, pid);
  if (!executable) return base::pass_on(executable);
  if (executable->device != process->id.exe_device || executable->inode != process->id.exe_inode) {
    return fail("look at pid {}: it changed its executable just now; try again", pid);
  }
  return FoundProcess{std::move(*process), std::move(*executable)};
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
