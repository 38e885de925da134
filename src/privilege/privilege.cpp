#include "privilege/privilege.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>
#include <thread>

#include "privilege/capabilities.h"
#include "privilege/forbidden_calls.h"

namespace privilege {
namespace {

using base::Result;

CapabilitySet kept_for(Task task) {
  switch (task) {
    case Task::kAttach:
      return needed_for(
          std::array{Need::kAlways, Need::kForPerfEvents, Need::kUseful, Need::kToConfineAsRoot});
    case Task::kReadMemory:
      return set_of(CAP_SYS_PTRACE);
    case Task::kWriteFiles:
    case Task::kServe:
    case Task::kNothing:
      return 0;
  }
  return 0;
}

// What some task needs on this machine, of who we are.
CapabilitySet kept_by_all(bool by_perf_events) {
  CapabilitySet kept = needed_for(std::array{Need::kAlways, Need::kUseful});
  if (by_perf_events) kept |= needed_for(std::array{Need::kForPerfEvents});
  if (::geteuid() == 0) kept |= needed_for(std::array{Need::kToConfineAsRoot});
  return kept;
}

Result<void> gain_nothing() {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) return {};
  return base::fail("give up privileges: {}", base::errno_text(errno));
}

// Refused without CAP_SETPCAP: then the bounding set gives nothing to who can't gain.
void bound(CapabilitySet kept) {
  for (unsigned int number = 0; number <= CAP_LAST_CAP; ++number) {
    if ((kept & set_of(number)) == 0) ::prctl(PR_CAPBSET_DROP, number, 0, 0, 0);
  }
}

// By the system calls themselves: libraries for it speak of the process, and threads differ here.
Result<void> keep_capabilities(CapabilitySet kept) {
  bound(kept);
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
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

// A sanitizer looks for leaks at the end by tracing us.
Result<void> be_looked_into_by_nobody() {
#ifndef VALKYRIA_SANITIZED
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
    return base::fail("be looked into by nobody: {}", base::errno_text(errno));
  }
#endif
  return {};
}

}  // namespace

Result<void> require_to_attach(bool by_perf_events) {
  const std::string missing = missing_to_attach(effective_capabilities(), by_perf_events);
  if (missing.empty()) return {};
  return base::fail(
      "start: not permitted to attach probes (missing {}); run it as root, or as a "
      "user with these capabilities",
      missing);
}

Result<void> begin(bool by_perf_events) {
  if (auto allowed = require_to_attach(by_perf_events); !allowed) return allowed;
  if (auto gained = gain_nothing(); !gained) return gained;
  if (auto kept = keep_capabilities(kept_by_all(by_perf_events)); !kept) return kept;
  if (auto closed = be_looked_into_by_nobody(); !closed) return closed;
  return forbid_what_nobody_calls();
}

Result<void> keep_only(Task task) {
  if (auto gained = gain_nothing(); !gained) return gained;
  if (auto kept = keep_capabilities(kept_for(task)); !kept) return kept;
  return forbid_calls(task);
}

Result<void> run_with_only(Task task, const std::function<Result<void>()>& work) {
  Result<void> result;
  try {
    std::jthread thread([&] {
      result = keep_only(task);
      if (result) result = work();
    });
  } catch (const std::system_error& error) {
    return base::fail("start a thread that keeps few privileges: {}", error.what());
  }
  return result;
}

}  // namespace privilege
