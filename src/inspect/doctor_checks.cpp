#include "inspect/doctor_checks.h"

#include <algorithm>
#include <utility>

namespace inspect {
namespace {

using model::Check;

constexpr probe::KernelVersion kOldestTried{6, 1};

Check judge_version(const probe::KernelFacts& facts) {
  const std::string detail = fmt::format("Linux {} on {}", facts.release, facts.machine);
  if (facts.machine != "x86_64") {
    return failed("kernel", detail, "run the exporter on x86-64: probes exist there only");
  }
  if (probe::parse_kernel_version(facts.release) < kOldestTried) {
    return note("kernel", detail + ", which nobody has tried", "use Linux 6.1 or later");
  }
  return ok("kernel", detail);
}

Check judge_fault(std::string name, std::string good,
                  const std::optional<probe::KernelFault>& fault) {
  if (fault) return failed(std::move(name), fault->what, fault->fix);
  return ok(std::move(name), std::move(good));
}

Check judge_attach_method(const std::string& release) {
  switch (probe::best_attach_method(release)) {
    case probe::AttachMethod::kUprobeMulti:
      return ok("attach_method", "uprobe_multi: few links a process, and fast to take out");
    case probe::AttachMethod::kPerfEvent:
      return ok("attach_method",
                "perf events: stopping takes 0.1 s for each site (uprobe_multi needs Linux 6.11)");
  }
  return ok("attach_method", "unknown");
}

Check judge_ring_buffer(const std::optional<bool>& ring_buffer) {
  constexpr const char* kName = "ring_buffer";
  if (!ring_buffer) return note(kName, "unknown, since no BPF can be loaded");
  if (!*ring_buffer) return note(kName, "the kernel has none, and execs are told by one");
  return ok(kName, "the kernel has it");
}

Check judge_btf(bool btf) {
  if (btf) return ok("btf", "present: forks are seen at once");
  return note("btf", "absent: forks are seen some seconds later");
}

Check judge_lockdown(const std::optional<std::string>& mode) {
  constexpr const char* kName = "lockdown";
  if (!mode) return ok(kName, "the kernel shows none");
  if (*mode == "none" || *mode == "integrity") return ok(kName, *mode);
  return note(kName, fmt::format("{}: the kernel may refuse BPF programs", *mode),
              "where the check bpf or attach fails, boot with lockdown=integrity");
}

Check judge_perf_event_paranoid(const std::optional<int>& level) {
  constexpr const char* kName = "perf_event_paranoid";
  constexpr int kUsualHighest = 2;
  if (!level) {
    return note(kName, "no such setting: a kernel without perf events, or /proc is hidden",
                "where the check attach fails: needs CONFIG_PERF_EVENTS");
  }
  if (*level <= kUsualHighest) return ok(kName, fmt::format("{}", *level));
  return note(kName, fmt::format("{}: CAP_PERFMON or CAP_SYS_ADMIN passes it", *level));
}

Check judge_others(const Trial& trial) {
  constexpr const char* kName = "other_watchers";
  std::vector<std::string> raised;
  for (const SemaphoreTrial& semaphore : trial.semaphores) {
    if (semaphore.before.value_or(0) > 0) raised.push_back(semaphore.probe);
  }
  if (raised.empty()) return ok(kName, "none: no semaphore was raised");
  return note(kName,
              fmt::format("semaphores were raised already: {} (another exporter, or a tracer such "
                          "as bpftrace, watches this process too)",
                          join(raised)),
              "nothing, if you know of it: each counts for itself, at the cost of both");
}

Check judge_attaching(const Trial& trial) {
  constexpr const char* kName = "attach";
  if (!trial.probes) {
    return failed(kName, trial.probes.error().message,
                  "run it as root, in a container --privileged; \"Invalid argument\": take out "
                  "other tools' uprobes on this file");
  }
  if (*trial.probes == 0) {
    return failed(kName, "none of the probes can be attached",
                  "build the runtime with <valkyria/probes.h> as it is");
  }
  return ok(kName, fmt::format("probes attached for a moment by {}: {}", name_of(trial.method),
                               *trial.probes));
}

Check judge_planted(const Trial& trial) {
  constexpr const char* kName = "breakpoints";
  if (trial.unplanted.empty()) return ok(kName, "each stood in the process's code");
  return failed(kName,
                fmt::format("none stood at the sites of {} while they were attached: the process "
                            "runs a copy of its code, in other memory than its file's (on huge "
                            "pages, say), where the kernel puts none",
                            join(trial.unplanted)),
                "start it without what moves its code (such as a setting or a library for huge "
                "pages); else what these probes tell is absent, and its memory tells the rest");
}

Check judge_raised(const Trial& trial) {
  constexpr const char* kName = "semaphores";
  std::size_t raised = 0;
  std::vector<std::string> faults;
  for (const SemaphoreTrial& semaphore : trial.semaphores) {
    if (!semaphore.attached) continue;
    if (!semaphore.during) {
      faults.push_back(fmt::format("{}: {}", semaphore.probe, semaphore.during.error().message));
    } else if (*semaphore.during == 0) {
      faults.push_back(fmt::format("{} stayed 0", semaphore.probe));
    } else {
      ++raised;
    }
  }
  if (faults.empty()) {
    return ok(kName, fmt::format("raised while attached: {} of {}", raised, raised));
  }
  return failed(
      kName, join(faults),
      "a probe whose semaphore is 0 never fires: run doctor again; where nothing could be "
      "read, look for a security module (yama, AppArmor, SELinux) that forbids ptrace");
}

Check judge_lowered(const Trial& trial) {
  constexpr const char* kName = "detach";
  std::vector<std::string> still_raised;
  for (const SemaphoreTrial& semaphore : trial.semaphores) {
    if (!semaphore.before || !semaphore.after) continue;
    if (*semaphore.after > *semaphore.before) still_raised.push_back(semaphore.probe);
  }
  if (still_raised.empty()) return ok(kName, "every semaphore is back where it was");
  return note(kName, fmt::format("raised higher than before: {} (somebody else attached meanwhile)",
                                 join(still_raised)));
}

}  // namespace

std::vector<Check> judge_privileges(const std::string& missing, const std::string& absent) {
  constexpr const char* kName = "privileges";
  constexpr const char* kUnseen = "unseen";
  std::vector<Check> checks;
  if (missing.empty()) {
    checks.push_back(ok(kName, "all that attaching needs"));
  } else {
    checks.push_back(failed(kName, "missing " + missing,
                            "run it as root, or as a user with these capabilities (in a unit file "
                            "AmbientCapabilities=); in a container --cap-add, or --privileged"));
  }
  if (!absent.empty()) {
    checks.push_back(note(kUnseen, absent, "add these capabilities, where that is missed"));
  }
  return checks;
}

std::vector<Check> judge_hit_cost(std::optional<std::uint64_t> hit_cost_ns) {
  if (!hit_cost_ns) return {};
  return {ok("hit_cost", fmt::format("a hit costs {:.1f} us of CPU on this machine (calibrated)",
                                     static_cast<double>(*hit_cost_ns) / 1000))};
}

std::vector<Check> judge_kernel(const probe::KernelFacts& facts) {
  return {judge_version(facts),
          judge_fault("bpf", "programs can be loaded", facts.bpf_fault),
          judge_fault("uprobes", "the kernel has them", facts.uprobe_fault),
          judge_attach_method(facts.release),
          judge_ring_buffer(facts.ring_buffer),
          judge_btf(facts.btf),
          judge_lockdown(facts.lockdown),
          judge_perf_event_paranoid(facts.perf_event_paranoid)};
}

std::vector<Check> judge_trial(const Trial& trial) {
  const bool is_attached = trial.probes && *trial.probes > 0;
  std::vector<Check> checks;
  if (!trial.semaphores.empty()) checks.push_back(judge_others(trial));
  checks.push_back(judge_attaching(trial));
  if (is_attached) checks.push_back(judge_planted(trial));
  if (!is_attached || trial.semaphores.empty()) return checks;
  checks.push_back(judge_raised(trial));
  checks.push_back(judge_lowered(trial));
  return checks;
}

}  // namespace inspect
