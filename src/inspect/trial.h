// Attaching for real, for a moment.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "inspect/inspection.h"
#include "probe/attach_method.h"
#include "probe/function_probes.h"
#include "probe/site_check.h"

namespace inspect {

using SemaphoreValue = base::Result<std::uint16_t>;

struct SemaphoreTrial {
  std::string probe;
  bool attached = false;  // whether the trial attached this probe
  SemaphoreValue before;
  SemaphoreValue during;
  SemaphoreValue after;
};

struct Trial {
  probe::AttachMethod method = probe::AttachMethod::kPerfEvent;
  base::Result<std::size_t> probes;  // how many were attached
  std::vector<SemaphoreTrial> semaphores;
  std::vector<std::string> unplanted{};  // attached, but no breakpoint stood at their sites
};

// What there is to attach to: sites, or, of a program without any, functions.
struct Attachables {
  probe::SiteCheck sites;
  probe::FunctionCheck functions;
};

// The process to try it on.
struct TrialTarget {
  std::string proc_root;
  int pid = 0;
  std::uint64_t load_bias = 0;
};

// Attaches every probe that is cheap enough, reads the semaphores before, during and after, looks
// whether breakpoints stand, and leaves nothing attached. The process runs on all the while; each
// hit costs it one or two microseconds.
Trial try_attaching(const TrialTarget& target, const target::Program& program,
                    const Attachables& attachables);

}  // namespace inspect
