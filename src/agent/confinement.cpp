#include "agent/confinement.h"

#include <cap-ng.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cerrno>
#include <csignal>
#include <initializer_list>

namespace agent {
namespace {

constexpr rlim_t kMaxCpuSeconds = 30;
constexpr rlim_t kMaxMemoryBytes = rlim_t{4} << 30;  // debug information of a large program

struct Limit {
  __rlimit_resource resource;
  rlim_t value;
};

// The address sanitizer reserves far more memory than it uses.
#ifdef __SANITIZE_ADDRESS__
constexpr bool kLimitsMemory = false;
#else
constexpr bool kLimitsMemory = true;
#endif

base::Result<void> set_limit(const Limit& limit) {
  const rlimit both{limit.value, limit.value};
  if (::setrlimit(limit.resource, &both) == 0) return {};
  return base::fail("limit what resolving a layout may use: {}", base::errno_text(errno));
}

}  // namespace

base::Result<void> confine_process() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (const Limit& limit : {Limit{RLIMIT_CPU, kMaxCpuSeconds}, Limit{RLIMIT_CORE, 0},
                             Limit{RLIMIT_FSIZE, 0}, Limit{RLIMIT_AS, kMaxMemoryBytes}}) {
    if (limit.resource == RLIMIT_AS && !kLimitsMemory) continue;
    if (auto set = set_limit(limit); !set) return set;
  }
  capng_clear(CAPNG_SELECT_BOTH);
  // Without CAP_SETPCAP the bounding set stays as it is; it gives nothing to who can't gain.
  if (const int error = capng_apply(CAPNG_SELECT_CAPS); error != 0) {
    return base::fail("give up privileges: capng_apply failed with {}", error);
  }
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return base::fail("give up privileges: {}", base::errno_text(errno));
  }
  return {};
}

}  // namespace agent
