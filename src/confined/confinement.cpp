#include "confined/confinement.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>

#include "base/unique_fd.h"
#include "confined/allowed_calls.h"
#include "confined/empty_root.h"

namespace confined {
namespace {

using base::fail;
using base::Result;

constexpr uid_t kNobody = 65534;
constexpr gid_t kNoGroup = 65534;

constexpr rlim_t kMaxMemoryBytes = rlim_t{1} << 30;

// Sanitizers reserve far more memory than it uses.
#ifdef VALKYRIA_SANITIZED
constexpr bool kLimitsMemory = false;
#else
constexpr bool kLimitsMemory = true;
#endif

Result<void> refused(std::string_view deed, std::string_view needs = "") {
  return fail("give up rights: {}: {}{}", deed, base::errno_text(errno),
              errno == EPERM && !needs.empty() ? fmt::format(" (needs {})", needs) : "");
}

// When memory or time is short, production goes first. A refusal is no reason to stop.
void go_last() {
  ::setpriority(PRIO_PROCESS, 0, 10);
  const base::UniqueFd score(::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC));
  if (score && ::write(score.get(), "1000", 4) != 4) return;
}

// Needs CAP_SETPCAP; without that it stays, and gives nothing to who can gain nothing.
void empty_bounding_set() {
  for (unsigned long capability = 0; ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0;
       ++capability) {
    if (::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) return;
  }
}

Result<void> become_nobody() {
  if (::setgroups(0, nullptr) != 0) return refused("leave all groups", "CAP_SETGID");
  if (::setresgid(kNoGroup, kNoGroup, kNoGroup) != 0) {
    return refused("become nobody's group", "CAP_SETGID");
  }
  if (::setresuid(kNobody, kNobody, kNobody) != 0) return refused("become nobody", "CAP_SETUID");
  return {};
}

Result<void> give_up_capabilities() {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return refused("gain none by any program");
  if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) {
    return refused("drop ambient capabilities");
  }
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3]{};
  if (::syscall(SYS_capset, &header, none) != 0) return refused("drop capabilities");
  return {};
}

struct Limit {
  __rlimit_resource resource;
  rlim_t value;
};

// A lower limit that is there already stays.
Result<void> set_limit(const Limit& limit) {
  rlimit both{};
  if (::getrlimit(limit.resource, &both) != 0) return refused("read a limit");
  both.rlim_max = std::min(both.rlim_max, limit.value);
  both.rlim_cur = both.rlim_max;
  if (::setrlimit(limit.resource, &both) != 0) return refused("set a limit");
  return {};
}

Result<void> set_limits(const ProcessLimits& limits) {
  for (const Limit& limit :
       {Limit{RLIMIT_CPU, limits.cpu_seconds}, Limit{RLIMIT_AS, kMaxMemoryBytes},
        Limit{RLIMIT_NOFILE, limits.files}, Limit{RLIMIT_NPROC, 0}, Limit{RLIMIT_FSIZE, 0},
        Limit{RLIMIT_CORE, 0}, Limit{RLIMIT_MEMLOCK, 0}, Limit{RLIMIT_MSGQUEUE, 0}}) {
    if (limit.resource == RLIMIT_AS && !kLimitsMemory) continue;
    if (auto set = set_limit(limit); !set) return set;
  }
  return {};
}

// A change of user makes the kernel forget both, so they come after it.
Result<void> be_left_alone_and_end_with_parent() {
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return refused("be looked into by nobody");
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return refused("end with the parent");
  return {};
}

}  // namespace

// Each step may need rights that a later one gives up.
base::Result<void> confine_process(const ProcessLimits& limits) {
  go_last();
  if (::geteuid() == 0) {
    if (auto entered = enter_empty_root(); !entered) return entered;
    empty_bounding_set();
    if (auto changed = become_nobody(); !changed) return changed;
  }
  if (auto given = give_up_capabilities(); !given) return given;
  if (auto set = set_limits(limits); !set) return set;
  if (auto left = be_left_alone_and_end_with_parent(); !left) return left;
  return allow_only_computing();
}

}  // namespace confined
