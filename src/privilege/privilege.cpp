#include "privilege/privilege.h"

#include <cap-ng.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <string>

namespace privilege {
namespace {

struct Privilege {
  unsigned int capability;
  const char* name;
};

// CAP_SYS_ADMIN: since the fix of CVE-2025-38466 the kernel wants it for perf-style uprobes.
constexpr std::array kNeededToAttach{
    Privilege{CAP_SYS_ADMIN, "CAP_SYS_ADMIN"}, Privilege{CAP_BPF, "CAP_BPF"},
    Privilege{CAP_PERFMON, "CAP_PERFMON"}, Privilege{CAP_SYS_PTRACE, "CAP_SYS_PTRACE"}};

// Of use where they are there: for executables that others may not read, and for children that
// shall be nobody, with an empty root, and must be ended.
constexpr std::array kUsedToAttach{CAP_DAC_READ_SEARCH, CAP_SETUID,     CAP_SETGID,
                                   CAP_SETPCAP,         CAP_SYS_CHROOT, CAP_KILL};

constexpr std::uint64_t bit(unsigned int capability) {
  return std::uint64_t{1} << capability;
}

std::uint64_t kept_for(Task task) {
  std::uint64_t kept = 0;
  switch (task) {
    case Task::kAttach:
      for (const Privilege& needed : kNeededToAttach) kept |= bit(needed.capability);
      for (const unsigned int used : kUsedToAttach) kept |= bit(used);
      return kept;
    case Task::kReadMemory:
      return bit(CAP_SYS_PTRACE);
    case Task::kNothing:
      return 0;
  }
  return 0;
}

}  // namespace

std::string missing_to_attach() {
  std::string missing;
  for (const Privilege& needed : kNeededToAttach) {
    if (capng_have_capability(CAPNG_EFFECTIVE, needed.capability) != 0) continue;
    missing += missing.empty() ? "" : ", ";
    missing += needed.name;
  }
  return missing;
}

base::Result<void> require_to_attach() {
  const std::string missing = missing_to_attach();
  if (missing.empty()) return {};
  return base::fail("start: not permitted to attach probes (missing {}); run it as root", missing);
}

// By the system calls themselves: libcap-ng speaks for the process.
base::Result<void> keep_only(Task task) {
  const std::uint64_t kept = kept_for(task);
  // Refused without CAP_SETPCAP; the bounding set gives nothing to who can't gain.
  for (unsigned int capability = 0; capability <= CAP_LAST_CAP; ++capability) {
    if ((kept & bit(capability)) == 0) ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  }
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return base::fail("give up privileges: {}", base::errno_text(errno));
  }
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> held{};
  if (::syscall(SYS_capget, &header, held.data()) != 0) {
    return base::fail("give up privileges: capget: {}", base::errno_text(errno));
  }
  for (std::size_t half = 0; half < held.size(); ++half) {
    const auto kept_half = static_cast<std::uint32_t>(kept >> (32 * half));
    held[half].permitted &= kept_half;
    held[half].effective = held[half].permitted;
    held[half].inheritable = 0;
  }
  if (::syscall(SYS_capset, &header, held.data()) != 0) {
    return base::fail("give up privileges: capset: {}", base::errno_text(errno));
  }
  return {};
}

}  // namespace privilege
