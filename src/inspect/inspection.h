// What can be learnt of a process and its probes without touching it. `doctor`, `probes` and `dump`
// start here.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "elf/usdt.h"
#include "layout/layouts.h"
#include "target/process.h"
#include "target/program.h"
#include "watch/state_source.h"

namespace inspect {

struct FoundProcess {
  target::Process process;
  std::string executable;  // its path, for messages
};

// Fails when there is no such process, when it changes its executable at this moment, or when /proc
// is not of our pid namespace.
base::Result<FoundProcess> find_process(const std::string& proc_root, int pid);

// What has to be added to addresses as linked to get those in the process.
base::Result<std::uint64_t> read_load_bias(const std::string& proc_root, int pid,
                                           const target::Program& program);

// What the process's own counters would bring. What was not reached is empty.
struct StateLook {
  std::string layout;
  std::string origin;  // where the layout was found
  std::size_t fields = 0;
  std::unique_ptr<watch::StateSource> source;  // can be read by
  std::optional<watch::StateReading> reading;  // with `max_time` only
  std::string problem;                         // why there is no good reading, or source
};

// Finds the layout, as serving does, and, with `max_time`, reads the memory once.
StateLook look_at_state(const std::string& proc_root, int pid, const target::Program& program,
                        const layout::Config& config,
                        std::optional<std::chrono::milliseconds> max_time);

// A probe's semaphore in the running process. Sites of a probe share it, within a library.
struct Semaphore {
  std::string probe;
  std::uint64_t address = 0;
};

// The semaphores of the contract's probes, each once, in the order of the sites.
std::vector<Semaphore> semaphores_of(const std::vector<elf::UsdtSite>& sites,
                                     std::uint64_t load_bias);

}  // namespace inspect
