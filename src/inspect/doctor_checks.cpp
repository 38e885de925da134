#include "inspect/doctor_checks.h"

#include <algorithm>
#include <utility>

namespace inspect {
namespace {

using model::Check;
using model::CheckStatus;

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
      return ok("attach_method", "uprobe_multi: one link a process, and fast to take out");
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

std::string join(const std::vector<std::string>& words) {
  std::string list;
  for (const std::string& word : words) {
    list += list.empty() ? "" : ", ";
    list += word;
  }
  return list;
}

std::vector<std::string> absent_probes(const probe::SiteCheck& check) {
  std::vector<std::string> absent;
  for (const probe::ProbeSpec& spec : probe::contract()) {
    const bool good = std::any_of(check.good.begin(), check.good.end(),
                                  [&](const auto& site) { return site.spec == &spec; });
    const bool refused = std::any_of(check.refused.begin(), check.refused.end(),
                                     [&](const auto& site) { return site.probe == spec.name; });
    if (!good && !refused) absent.emplace_back(spec.name);
  }
  return absent;
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

Check ok(std::string name, std::string detail) {
  return {std::move(name), CheckStatus::kOk, std::move(detail), {}};
}

Check note(std::string name, std::string detail, std::string fix) {
  return {std::move(name), CheckStatus::kNote, std::move(detail), std::move(fix)};
}

Check failed(std::string name, std::string detail, std::string fix) {
  return {std::move(name), CheckStatus::kFail, std::move(detail), std::move(fix)};
}

Check judge_privileges(const std::string& missing) {
  if (missing.empty()) return ok("privileges", "all that attaching needs");
  return failed("privileges", "missing " + missing,
                "run it as root; in a container --privileged, or add these capabilities");
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

Check judge_seccomp(bool is_under_seccomp) {
  constexpr const char* kName = "seccomp";
  if (!is_under_seccomp) return ok(kName, "the process has no filter");
  return note(kName,
              "the process is under seccomp: no obstacle, since nothing is then probed at the "
              "returns of functions, which since Linux 6.11 could kill it");
}

Check judge_provider(std::size_t sites, std::string_view runtime, std::string_view mark) {
  constexpr const char* kName = "provider";
  if (sites > 0)
    return ok(kName, fmt::format("probe sites of \"{}\": {}", probe::kProvider, sites));
  if (!runtime.empty()) {
    return note(kName,
                fmt::format("no probes of the provider \"{}\", but a runtime that we know: it has "
                            "the symbol {} of {}. Its memory and some of its functions tell",
                            probe::kProvider, mark, runtime),
                "for all durations by server and state, build the runtime with "
                "<valkyria/probes.h>");
  }
  return failed(kName,
                fmt::format("no probes of the provider \"{}\", and no runtime that we know",
                            probe::kProvider),
                "use the pid of the runtime itself; build it with <valkyria/probes.h>, and don't "
                "strip its section .note.stapsdt");
}

std::vector<Check> judge_functions(const probe::FunctionCheck& check) {
  std::vector<Check> checks;
  std::vector<std::string> good;
  for (const probe::FunctionSite& site : check.good) {
    const std::string name(site.probe->function);
    if (std::find(good.begin(), good.end(), name) == good.end()) good.push_back(name);
  }
  if (!good.empty()) checks.push_back(ok("functions", "probed instead: " + join(good)));
  for (const probe::RefusedFunction& refused : check.refused) {
    checks.push_back(
        note(name_of(*refused.probe),
             fmt::format("not probed for {}: {}", refused.probe->probe, refused.reason)));
  }
  return checks;
}

std::vector<Check> judge_sites(const probe::SiteCheck& check) {
  std::vector<Check> checks;
  checks.push_back(
      ok("sites", fmt::format("{} of {} keep the contract (operands, nop, semaphore)",
                              check.good.size(), check.good.size() + check.refused.size())));
  std::vector<std::string> told;
  for (const probe::RefusedSite& refused : check.refused) {
    if (std::find(told.begin(), told.end(), refused.probe) != told.end()) continue;
    told.push_back(refused.probe);
    checks.push_back(failed("site " + refused.probe, refused.reason,
                            "build the runtime with <valkyria/probes.h> as it is; until then this "
                            "probe is not attached"));
  }
  if (const auto absent = absent_probes(check); !absent.empty()) {
    checks.push_back(
        note("absent_probes",
             fmt::format("not in this binary: {}; their metrics are absent", join(absent)),
             "build the runtime with the current <valkyria/probes.h>"));
  }
  return checks;
}

std::vector<Check> judge_state(const StateFinding& finding) {
  constexpr const char* kName = "state";
  constexpr const char* kGetLayout =
      "install its debug file as /usr/lib/debug/.build-id/xx/yyyy.debug (or in --debug-dir), or "
      "run "
      "valkyria_exporter resolve --exe DEBUGBUILD -o FILE on the unstripped build and give "
      "--layout "
      "FILE";
  if (finding.layout.empty()) {
    const std::string detail =
        finding.problem +
        "; what the runtime counts itself is absent, the probes' metrics are there";
    if (finding.stripped) return {failed(kName, detail, kGetLayout)};
    // Of a program with all its symbols this is just how it is, unless we know the runtime.
    if (finding.mark.empty()) return {note(kName, detail)};
    return {note(kName, detail,
                 "give this build debug information that can be read, as the reason says, or give "
                 "a layout of this very build by --layout FILE")};
  }
  if (!finding.problem.empty()) {
    return {failed(kName, finding.problem,
                   "run doctor as root, on a process that stays; if it says so again, delete the "
                   "cache directory")};
  }
  const std::string why =
      finding.mark.empty() ? "" : fmt::format(" (it has the symbol {})", finding.mark);
  std::vector<Check> checks{
      ok(kName, fmt::format("layout {}{} from {}: {} fields, read", finding.layout, why,
                            finding.origin, finding.fields))};
  if (!finding.missing.empty()) {
    checks.push_back(note(
        "state_missing",
        fmt::format("not in this build: {}; their metrics are absent", join(finding.missing))));
  }
  return checks;
}

std::vector<Check> judge_trial(const Trial& trial) {
  if (trial.semaphores.empty()) return {judge_attaching(trial)};
  std::vector<Check> checks{judge_others(trial), judge_attaching(trial)};
  if (!trial.probes || *trial.probes == 0) return checks;
  checks.push_back(judge_raised(trial));
  checks.push_back(judge_lowered(trial));
  return checks;
}

}  // namespace inspect
