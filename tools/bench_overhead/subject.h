// The runtime that is measured, and ways to look at it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "bench_support/program_copy.h"
#include "bench_support/watched_process.h"
#include "memory/process_memory.h"
#include "state/readings.h"
#include "support/minivalk.h"

namespace bench {

// A minivalk on a CPU of its own; this process, and whom it starts, have another one. Its file is a
// copy: whoever watches other minivalks here does not touch this one.
class Subject {
 public:
  Subject();

  test::Minivalk& minivalk() { return minivalk_; }
  const WatchedProcess& process() const { return process_; }
  std::string program() const { return program_.path(); }

  // Since it started, by its own count.
  std::uint64_t requests();

 private:
  ProgramCopy program_{std::string(VALKYRIA_BIN_DIR) + "/minivalk"};
  test::Minivalk minivalk_{{}, program_.directory()};
  WatchedProcess process_{minivalk_.pid()};
  std::unique_ptr<state::Reader> reader_;
  memory::ProcessMemory memory_{"/proc", minivalk_.pid()};
};

}  // namespace bench
