#include "inspect/host_checks.h"

#include <fmt/format.h>
#include <linux/capability.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "base/own_directory.h"
#include "base/result.h"
#include "probe/attach_method.h"

namespace inspect {
namespace {

using model::Check;

constexpr std::uint64_t kMiB = 1024 * 1024;
constexpr probe::KernelVersion kCountsBpfByGroup{5, 11};  // and no longer as locked memory
constexpr std::uint64_t kMemoryOfMaps = 64 * kMiB;
// A process's executable, its handle and its links, many of them where each site has one; and what
// serving and we ourselves take.
constexpr std::uint64_t kDescriptorsATarget = 10;
constexpr std::uint64_t kDescriptorsATargetByPerfEvents = 50;
constexpr std::uint64_t kDescriptorsOfOurs = 400;
constexpr std::int64_t kWhenThisWasWritten = 1'700'000'000;  // November 2023

bool has(const HostFacts& facts, unsigned capability) {
  return (facts.capabilities >> capability & 1U) != 0;
}

Check judge_proc(const ProcMount& proc) {
  constexpr const char* kName = "proc";
  if (!proc.is_of_our_namespace) {
    return failed(kName, "/proc is of another pid namespace than ours: its pids mean others to us",
                  "in a container, share the host's pid namespace (docker run --pid=host, "
                  "Kubernetes hostPID: true), or mount a /proc of its own namespace");
  }
  if (proc.is_subset) {
    return failed(kName, "/proc is mounted with subset=pid: nothing but processes is there",
                  "mount -o remount,subset= /proc, or in a unit file ProcSubset=all");
  }
  if (proc.is_in_nested_namespace) {
    return note(kName, "we are in a pid namespace of our own: only the processes of that are seen",
                "to watch the machine's: docker run --pid=host, Kubernetes hostPID: true");
  }
  return ok(kName, "of the machine's own pid namespace");
}

Check judge_hidden(const HostFacts& facts) {
  constexpr const char* kName = "hidepid";
  if (facts.proc.hidepid.empty()) return ok(kName, "/proc hides nobody");
  const std::string detail = fmt::format("/proc is mounted with hidepid={}", facts.proc.hidepid);
  if (has(facts, CAP_SYS_PTRACE)) return ok(kName, detail + ", which CAP_SYS_PTRACE passes");
  return failed(kName, detail + ": other users' processes are hidden from us",
                "give us CAP_SYS_PTRACE, or mount -o remount,hidepid=0 /proc; in a unit file "
                "ProtectProc=default");
}

Check judge_cgroups(bool has_cgroups) {
  constexpr const char* kName = "cgroups";
  if (has_cgroups) return ok(kName, "mounted");
  return note(kName, "not mounted here: whether a process is frozen can't be told",
              "mount them: in a container, -v /sys/fs/cgroup:/sys/fs/cgroup:ro");
}

Check judge_user_namespace(bool is_in_one) {
  constexpr const char* kName = "user_namespace";
  if (!is_in_one) return ok(kName, "the machine's own");
  return failed(kName,
                "we are in a user namespace, whose root has no rights over the kernel: no BPF "
                "program can be loaded",
                "start it as the machine's root: a rootful container, docker run --userns=host");
}

Check judge_own_seccomp(bool is_filtered, bool can_load) {
  constexpr const char* kName = "own_seccomp";
  if (!is_filtered) return ok(kName, "no filter keeps us from any system call");
  if (can_load) return ok(kName, "a filter, which lets us load BPF programs");
  return failed(kName, "we run under a seccomp filter, and can load no BPF program",
                "allow bpf, perf_event_open, process_vm_readv, ptrace and pidfd_open: docker run "
                "--security-opt seccomp=unconfined, or SystemCallFilter= of the unit file");
}

Check judge_security_label(const std::string& label) {
  constexpr const char* kName = "security_module";
  if (label.empty()) return ok(kName, "we are not confined by one");
  return note(kName, fmt::format("we are confined by one, as {}", label),
              "where attach or memory fails: docker run --security-opt apparmor=unconfined, or a "
              "policy that allows bpf, perf_event and ptrace (ausearch -m avc, dmesg)");
}

Check judge_ptrace_scope(const std::optional<int>& scope) {
  constexpr const char* kName = "ptrace_scope";
  constexpr int kNobody = 3;
  if (!scope) return ok(kName, "the kernel has no Yama");
  if (*scope < kNobody) return ok(kName, fmt::format("{}", *scope));
  return failed(kName, fmt::format("{}: nobody may read another process's memory", *scope),
                "boot with kernel.yama.ptrace_scope=2 (sysctl.d); it can't be lowered while the "
                "machine runs");
}

Check judge_jit(const std::optional<int>& jit) {
  constexpr const char* kName = "bpf_jit";
  if (!jit) return ok(kName, "always on, or not told");
  if (*jit != 0) return ok(kName, "on");
  return note(kName, "off: each hit of a probe costs several times as much",
              "sysctl -w net.core.bpf_jit_enable=1");
}

Check judge_memlock(const HostFacts& facts, const probe::KernelFacts& kernel) {
  constexpr const char* kName = "memlock";
  if (!(probe::parse_kernel_version(kernel.release) < kCountsBpfByGroup)) {
    return ok(kName, "not asked for since Linux 5.11");
  }
  if (has(facts, CAP_SYS_RESOURCE) || facts.locked_memory_bytes >= kMemoryOfMaps)
    return ok(kName, "enough");
  return failed(kName,
                fmt::format("{} bytes of memory may be locked, and this kernel counts BPF maps "
                            "among them",
                            facts.locked_memory_bytes),
                "ulimit -l unlimited, or LimitMEMLOCK=infinity in the unit file");
}

Check judge_descriptors(const HostFacts& facts, const probe::KernelFacts& kernel,
                        std::size_t max_targets) {
  constexpr const char* kName = "descriptors";
  const bool by_multi =
      probe::best_attach_method(kernel.release) == probe::AttachMethod::kUprobeMulti;
  const std::uint64_t each = by_multi ? kDescriptorsATarget : kDescriptorsATargetByPerfEvents;
  const std::uint64_t wanted = kDescriptorsOfOurs + each * max_targets;
  if (facts.descriptor_limit >= wanted) {
    return ok(kName, fmt::format("{}, and {} processes take some {}", facts.descriptor_limit,
                                 max_targets, wanted));
  }
  return note(kName,
              fmt::format("at most {}, and {} watched processes may take {}",
                          facts.descriptor_limit, max_targets, wanted),
              fmt::format("ulimit -n {}, or LimitNOFILE={} in the unit file{}", wanted, wanted,
                          facts.descriptor_maximum < wanted ? " (the hard limit, too)" : ""));
}

Check judge_clock(const HostFacts& facts) {
  constexpr const char* kName = "clock";
  if (facts.unix_seconds < kWhenThisWasWritten) {
    return failed(kName, "the clock is years behind: Prometheus refuses or misplaces what we tell",
                  "set it: date -s, and have NTP keep it (systemctl enable --now "
                  "systemd-timesyncd)");
  }
  if (!facts.clock_source.empty() && facts.clock_source != "tsc" &&
      facts.clock_source != "kvm-clock" && !facts.clock_source.starts_with("hyperv")) {
    return note(kName,
                fmt::format("the kernel reads time from {}, which is slow: each hit of a probe "
                            "costs more",
                            facts.clock_source),
                "where dmesg does not say why the TSC was given up: boot with clocksource=tsc");
  }
  if (facts.is_clock_synchronised) return ok(kName, "synchronised");
  return ok(kName, "runs; the kernel was not told that anything keeps it right");
}

}  // namespace

std::vector<Check> judge_host(const HostFacts& facts, const probe::KernelFacts& kernel,
                              std::size_t max_targets) {
  return {judge_proc(facts.proc),
          judge_hidden(facts),
          judge_cgroups(facts.has_cgroups),
          judge_user_namespace(facts.is_in_user_namespace),
          judge_own_seccomp(facts.is_under_seccomp, !kernel.bpf_fault.has_value()),
          judge_security_label(facts.security_label),
          judge_ptrace_scope(facts.ptrace_scope),
          judge_jit(facts.bpf_jit),
          judge_memlock(facts, kernel),
          judge_descriptors(facts, kernel, max_targets),
          judge_clock(facts)};
}

Check judge_cache(const std::string& directory, const std::string& problem) {
  constexpr const char* kName = "cache";
  if (directory.empty()) return ok(kName, "nothing is kept, as asked for");
  if (problem.empty()) return ok(kName, fmt::format("{} can be written to", directory));
  return note(kName,
              fmt::format("{}: {}: what is found out of programs is found out anew with each "
                          "start, and names may change then",
                          directory, problem),
              fmt::format("mkdir -p -m 700 {} as who runs us, CacheDirectory= in the unit file, or "
                          "--cache-dir with another one",
                          directory));
}

std::string find_cache_problem(const std::string& directory) {
  namespace fs = std::filesystem;
  // A slash at the end would have links followed.
  const std::string name = fs::absolute(directory + "/").parent_path().string();
  const auto own = base::require_own_directory(name);
  if (!own && own.error().cause != base::Cause::kGone) return own.error().message;
  fs::path place = name;
  std::error_code error;
  while (!fs::exists(place, error) && place.has_parent_path() && place != place.parent_path()) {
    place = place.parent_path();
  }
  if (!fs::is_directory(place, error)) return fmt::format("{} is no directory", place.string());
  if (::access(place.c_str(), W_OK | X_OK) == 0) return {};
  return base::errno_text(errno);
}

}  // namespace inspect
