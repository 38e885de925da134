// What can be learnt of a process and its probes without touching it. `doctor` and `probes` both
// start here.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "elf/usdt.h"
#include "target/process.h"
#include "target/program_cache.h"

namespace inspect {

struct FoundProcess {
  target::Process process;
  target::Executable executable;
};

// Fails when there is no such process, or when it changes its executable at this moment.
base::Result<FoundProcess> find_process(const std::string& proc_root, int pid);

// What has to be added to addresses as linked to get those in the process.
base::Result<std::uint64_t> read_load_bias(const std::string& proc_root, int pid,
                                           const target::Program& program);

// A probe's semaphore in the running process. Sites of a probe share it, within a library.
struct Semaphore {
  std::string probe;
  std::uint64_t address = 0;
};

// The semaphores of the contract's probes, each once, in the order of the sites.
std::vector<Semaphore> semaphores_of(const std::vector<elf::UsdtSite>& sites,
                                     std::uint64_t load_bias);

}  // namespace inspect
