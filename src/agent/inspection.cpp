#include "agent/inspection.h"

#include <unistd.h>

#include <set>
#include <utility>

#include "probe/contract.h"
#include "target/memory_map.h"

namespace agent {

using base::fail;
using base::Result;

Result<FoundProcess> find_process(const std::string& proc_root, int pid) {
  auto process = target::identify(proc_root, pid);
  if (!process) return tl::make_unexpected(process.error());
  auto executable = target::open_executable_of(proc_root, pid);
  if (!executable) return tl::make_unexpected(executable.error());
  if (executable->device != process->id.exe_device || executable->inode != process->id.exe_inode) {
    return fail("look at pid {}: it changed its executable just now; try again", pid);
  }
  return FoundProcess{std::move(*process), std::move(*executable)};
}

Result<ProbeSites> read_probe_sites(const target::Executable& executable) {
  base::UniqueFd fd(::dup(executable.fd.get()));
  const auto file = elf::ElfFile::open(std::move(fd), executable.path);
  if (!file) return tl::make_unexpected(file.error());
  auto sites = elf::read_usdt_sites(*file, probe::kProvider);
  if (!sites) return tl::make_unexpected(sites.error());
  return ProbeSites{std::move(*sites), file->segments()};
}

Result<ProbeSites> require_probe_sites(const target::Executable& executable) {
  auto sites = read_probe_sites(executable);
  if (sites && sites->sites.empty()) {
    return fail(
        "{} has no probes of the provider \"{}\" (build the runtime with "
        "<valkyria/probes.h>, and don't strip its .note.stapsdt section)",
        executable.path, probe::kProvider);
  }
  return sites;
}

Result<std::uint64_t> read_load_bias(const std::string& proc_root, const FoundProcess& found,
                                     const ProbeSites& sites) {
  const auto mappings = target::read_maps(proc_root, found.process.id.pid);
  if (!mappings) return tl::make_unexpected(mappings.error());
  return target::find_load_bias(*mappings, found.executable, sites.segments);
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

}  // namespace agent
