// Attaching for real, for a moment.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/inspection.h"
#include "base/result.h"
#include "probe/attach_method.h"
#include "probe/site_check.h"

namespace agent {

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

// Attaches every probe that is cheap enough, reads the semaphores before, during and after, and
// leaves nothing attached. The process runs on all the while; each hit costs it half a microsecond.
Trial try_attaching(const FoundProcess& found, const probe::SiteCheck& check,
                    const std::vector<Semaphore>& semaphores);

}  // namespace agent
