#include "privilege/capabilities.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/result.h"

namespace privilege {
namespace {

constexpr std::array kCapabilities{
    Capability{CAP_BPF, "CAP_BPF", Need::kAlways, "loads BPF programs", "nothing is attached"},
    Capability{CAP_PERFMON, "CAP_PERFMON", Need::kAlways, "attaches them, and samples stacks",
               "nothing is attached"},
    Capability{CAP_SYS_PTRACE, "CAP_SYS_PTRACE", Need::kAlways,
               "sees what others run, and reads their memory",
               "other users' processes can't be seen or read"},
    // Since the fix of CVE-2025-38466, which went into all stable kernels.
    Capability{
        CAP_SYS_ADMIN, "CAP_SYS_ADMIN", Need::kForPerfEvents,
        "attaches by perf events, where the kernel has no uprobe_multi that is right (before "
        "6.11)",
        "nothing is attached"},
    Capability{CAP_DAC_READ_SEARCH, "CAP_DAC_READ_SEARCH", Need::kUseful,
               "reads executables and debug files that only their owners may read",
               "processes whose executable only its owner may read are not watched, nor is memory "
               "read where the main thread has left"},
    Capability{CAP_CHECKPOINT_RESTORE, "CAP_CHECKPOINT_RESTORE", Need::kUseful,
               "opens files that others have mapped, whatever is at their paths by now",
               "code of files that were deleted or replaced since a process mapped them has no "
               "names in profiles"},
    Capability{CAP_SETUID, "CAP_SETUID", Need::kToConfineAsRoot, "makes helpers nobody",
               "debug information is not read"},
    Capability{CAP_SETGID, "CAP_SETGID", Need::kToConfineAsRoot, "makes helpers nobody",
               "debug information is not read"},
    Capability{CAP_SETPCAP, "CAP_SETPCAP", Need::kToConfineAsRoot, "empties bounding sets",
               "threads keep their bounding sets"},
    Capability{CAP_SYS_CHROOT, "CAP_SYS_CHROOT", Need::kToConfineAsRoot,
               "gives helpers an empty root", "debug information is not read"},
    Capability{CAP_KILL, "CAP_KILL", Need::kToConfineAsRoot, "ends helpers",
               "a helper that hangs is left behind"},
};

}  // namespace

std::span<const Capability> capabilities() {
  return kCapabilities;
}

CapabilitySet needed_for(std::span<const Need> needs) {
  CapabilitySet set = 0;
  for (const Capability& capability : kCapabilities) {
    const bool is_needed = std::find(needs.begin(), needs.end(), capability.need) != needs.end();
    if (is_needed) set |= set_of(capability.number);
  }
  return set;
}

// By the system call itself: libraries for it speak of the process, and threads differ here.
CapabilitySet effective_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> held{};
  if (::syscall(SYS_capget, &header, held.data()) != 0) return 0;
  return CapabilitySet{held[1].effective} << 32 | held[0].effective;
}

bool may_look_into_others() {
  return (effective_capabilities() & set_of(CAP_SYS_PTRACE)) != 0;
}

std::string missing_to_attach(CapabilitySet held, bool by_perf_events) {
  std::string missing;
  for (const Capability& capability : kCapabilities) {
    const bool is_needed = capability.need == Need::kAlways ||
                           (by_perf_events && capability.need == Need::kForPerfEvents);
    if (!is_needed || (held & set_of(capability.number)) != 0) continue;
    missing += missing.empty() ? "" : ", ";
    missing += capability.name;
  }
  return missing;
}

std::string absent_without(CapabilitySet held, bool is_root) {
  std::string absent;
  for (const Capability& capability : kCapabilities) {
    const bool is_of_use =
        capability.need == Need::kUseful || (is_root && capability.need == Need::kToConfineAsRoot);
    if (!is_of_use || (held & set_of(capability.number)) != 0) continue;
    absent += absent.empty() ? "" : "; ";
    absent += fmt::format("without {} {}", capability.name, capability.without);
  }
  return absent;
}

}  // namespace privilege
