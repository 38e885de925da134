#include "privilege/privilege.h"

#include <cap-ng.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <span>
#include <string>
#include <vector>

namespace privilege {
namespace {

struct Privilege {
  unsigned int capability;
  const char* name;
};

// CAP_SYS_ADMIN: since the fix of CVE-2025-38466 the kernel wants it for perf-style uprobes.
constexpr std::array kNeededToStart{
    Privilege{CAP_SYS_ADMIN, "CAP_SYS_ADMIN"}, Privilege{CAP_BPF, "CAP_BPF"},
    Privilege{CAP_PERFMON, "CAP_PERFMON"}, Privilege{CAP_SYS_PTRACE, "CAP_SYS_PTRACE"}};

constexpr std::array kNeededToRead{CAP_SYS_PTRACE, CAP_BPF};
// To confine the processes that read debug information, and to end them.
constexpr std::array kNeededToConfine{CAP_SETUID, CAP_SETGID, CAP_SYS_CHROOT, CAP_KILL};
constexpr std::array kNeededToAttach{CAP_PERFMON, CAP_SYS_ADMIN, CAP_DAC_READ_SEARCH};

// Those of them that we have.
std::vector<int> held(std::span<const int> capabilities) {
  std::vector<int> found;
  for (const int capability : capabilities) {
    if (capng_have_capability(CAPNG_PERMITTED, static_cast<unsigned>(capability)) != 0) {
      found.push_back(capability);
    }
  }
  return found;
}

void keep(std::span<const int> capabilities) {
  for (const int capability : capabilities) {
    capng_update(CAPNG_ADD, static_cast<capng_type_t>(CAPNG_EFFECTIVE | CAPNG_PERMITTED),
                 static_cast<unsigned int>(capability));
  }
}

}  // namespace

std::string missing_start_privileges() {
  std::string missing;
  for (const Privilege& needed : kNeededToStart) {
    if (capng_have_capability(CAPNG_EFFECTIVE, needed.capability) != 0) continue;
    missing += missing.empty() ? "" : ", ";
    missing += needed.name;
  }
  return missing;
}

base::Result<void> require_start_privileges() {
  const std::string missing = missing_start_privileges();
  if (missing.empty()) return {};
  return base::fail("start: not permitted to attach probes (missing {}); run it as root", missing);
}

base::Result<void> drop_start_privileges(bool attaches_later) {
  const std::vector<int> able_to_confine = held(kNeededToConfine);
  capng_clear(CAPNG_SELECT_BOTH);
  keep(kNeededToRead);
  keep(able_to_confine);
  if (attaches_later) keep(kNeededToAttach);
  if (const int error = capng_apply(CAPNG_SELECT_CAPS); error != 0) {
    return base::fail("give up privileges after attaching: capng_apply failed with {}", error);
  }
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return base::fail("give up privileges after attaching: {}", base::errno_text(errno));
  }
  return {};
}

// By the system call itself: libcap-ng speaks for the process.
void keep_only_reading_privileges() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct held[_LINUX_CAPABILITY_U32S_3]{};
  if (::syscall(SYS_capget, &header, held) != 0) return;
  constexpr __u32 kPtrace = 1U << CAP_SYS_PTRACE;
  for (auto& half : held) {
    const __u32 kept = &half == &held[0] ? kPtrace : 0;
    half.effective &= kept;
    half.permitted &= kept;
    half.inheritable = 0;
  }
  // Refused: the thread has what the process has, which is what it needs to be.
  ::syscall(SYS_capset, &header, held);
}

}  // namespace privilege
