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
};

// What there is to attach to: sites, or, of a program without any, functions.
struct Attachables {
  probe::SiteCheck sites;
  probe::FunctionCheck functions;
};

// Attaches every probe that is cheap enough, reads the semaphores before, during and after, and
// leaves nothing attached. The process runs on all the while; each hit costs it half a microsecond.
Trial try_attaching(int pid, const target::Program& program, const Attachables& attachables,
                    const std::vector<Semaphore>& semaphores);

}  // namespace inspect
