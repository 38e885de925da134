#include "inspect/doctor.h"

#include <unistd.h>

#include <chrono>
#include <utility>
#include <vector>

#include "inspect/candidates.h"
#include "inspect/doctor_checks.h"
#include "inspect/host_checks.h"
#include "inspect/host_facts.h"
#include "inspect/inspection.h"
#include "inspect/process_checks.h"
#include "inspect/program_checks.h"
#include "inspect/runtime_facts.h"
#include "inspect/trial.h"
#include "privilege/capabilities.h"
#include "probe/attach_method.h"
#include "probe/kernel.h"
#include "target/process_status.h"
#include "target/run_state.h"
#include "watch/recognition.h"
#include "watch/state_source.h"

namespace inspect {
namespace {

using model::Check;
using Checks = std::vector<Check>;

constexpr std::chrono::seconds kStateTime{2};

void append(Checks& checks, Checks more) {
  for (Check& check : more) checks.push_back(std::move(check));
}

Checks judge_privileges_of_ours() {
  const privilege::CapabilitySet held = privilege::effective_capabilities();
  const bool by_perf_events = probe::best_attach_method() == probe::AttachMethod::kPerfEvent;
  return judge_privileges(privilege::missing_to_attach(held, by_perf_events),
                          privilege::absent_without(held, ::geteuid() == 0));
}

Check judge_seccomp_of(const std::string& proc_root, int pid) {
  const auto is_filtered = target::is_under_seccomp(proc_root, pid);
  if (!is_filtered) return note("seccomp", is_filtered.error().message);
  return judge_seccomp(*is_filtered);
}

// Finds the layout and reads the memory once, as serving does.
StateFinding try_state(const std::string& proc_root, const target::Process& process,
                       const target::Program& program, const layout::Config& config) {
  StateFinding finding;
  const StateLook look = look_at_state(proc_root, process.id.pid, program, config, kStateTime);
  finding.layout = look.layout;
  finding.origin = look.origin;
  finding.fields = look.fields;
  finding.problem = look.problem;
  if (!look.source) return finding;
  for (const state::MissingField& missing : look.source->missing()) {
    finding.missing.push_back(missing.path);
  }
  return finding;
}

// `able`: nothing that we checked so far keeps us from attaching.
void try_probes(Checks& checks, const std::string& proc_root, int pid,
                const target::Program& program, const Attachables& attachables, bool able) {
  const auto load_bias = read_load_bias(proc_root, pid, program);
  if (!load_bias) {
    checks.push_back(failed(
        "memory", load_bias.error().message,
        "run it as root, with CAP_SYS_PTRACE; if it says so again, the process has moved its "
        "code to other memory: start it without what does that"));
    return;
  }
  if (!target::has_main_thread(proc_root, pid)) {
    checks.push_back(
        note("attach",
             "its main thread has left: the kernel puts no probes into such a process, "
             "so only the memory tells",
             "watch it from before on: probes that are there go on"));
    return;
  }
  if (program.sites.empty() && attachables.functions.good.empty()) {
    checks.push_back(note("attach", "nothing to attach to: only the memory tells"));
    return;
  }
  if (!able) {
    checks.push_back(note("attach", "not tried, since it would fail", "first mend what failed"));
    return;
  }
  append(checks, judge_trial(try_attaching({proc_root, pid, *load_bias}, program, attachables)));
}

// What there is to attach to, each part judged.
Attachables find_attachables(Checks& checks, const std::string& proc_root, int pid,
                             const target::Program& program, const RuntimeFacts& facts) {
  Attachables attachables;
  if (!program.sites.empty()) {
    attachables.sites = probe::check_sites(program.sites);
    append(checks, judge_sites(attachables.sites, facts));
  } else if (auto functions = watch::find_functions(proc_root, pid, program)) {
    attachables.functions = std::move(*functions);
    append(checks, judge_functions(attachables.functions));
  } else {
    checks.push_back(note("functions", functions.error().message));
  }
  return attachables;
}

// Only of a process that runs a loader.
void append_loader_of(Checks& checks, const std::string& proc_root, const target::Process& process,
                      const target::Program& program) {
  const auto executable = target::open_executable_of(proc_root, process.id.pid);
  if (!executable || !target::is_loader(*executable)) return;
  checks.push_back(judge_loader(executable->path, process.comm,
                                program.is_recognised() ? program.executable.path : ""));
}

model::Check judge_run_state_of(const std::string& proc_root, int pid) {
  const auto stat = target::read_stat(proc_root, pid);
  if (!stat) return note("process_state", stat.error().message);
  return judge_run_state(pid,
                         target::read_run_state(target::find_living_thread(proc_root, pid, *stat)));
}

void diagnose_program(Checks& checks, const std::string& proc_root, const target::Process& process,
                      const target::Program& program, const layout::Config& layouts, bool able) {
  const RuntimeFacts facts = read_runtime_facts(program, layouts.debug_directories);
  const int pid = process.id.pid;
  append_loader_of(checks, proc_root, process, program);
  checks.push_back(judge_provider(program.sites.size(), facts));
  if (!program.is_recognised()) return;
  const Attachables attachables = find_attachables(checks, proc_root, pid, program, facts);
  try_probes(checks, proc_root, pid, program, attachables, able);
  append(checks, judge_state(try_state(proc_root, process, program, layouts), facts));
  if (!target::is_running(proc_root, process.id)) {
    checks.push_back(failed("process", fmt::format("pid {} ended while doctor looked at it", pid),
                            "run doctor again on a process that stays"));
  }
}

void diagnose_process(Checks& checks, const std::string& proc_root, int pid,
                      const layout::Config& layouts, bool able) {
  const auto found = find_process(proc_root, pid);
  if (!found) {
    checks.push_back(judge_unseen(found.error()));
    return;
  }
  checks.push_back(ok(
      "process", fmt::format("pid {} ({}) runs {}", pid, found->process.comm, found->executable)));
  checks.push_back(judge_run_state_of(proc_root, pid));
  checks.push_back(judge_seccomp_of(proc_root, pid));
  const auto program = target::read_program_of(proc_root, pid, watch::recognition());
  if (!program) {
    checks.push_back(judge_unread(program.error()));
    return;
  }
  diagnose_program(checks, proc_root, found->process, *program, layouts, able);
}

}  // namespace

model::DoctorReport diagnose(const DoctorQuery& query) {
  const std::string& proc_root = query.config.proc_root;
  probe::redirect_libbpf_log();
  model::DoctorReport report;
  append(report.checks, judge_privileges_of_ours());
  const probe::KernelFacts kernel = probe::read_kernel_facts();
  append(report.checks, judge_kernel(kernel));
  append(report.checks, judge_host(read_host_facts(proc_root), kernel, query.config.max_targets));
  const std::string& cache = query.config.layouts.cache_directory;
  report.checks.push_back(judge_cache(cache, cache.empty() ? "" : find_cache_problem(cache)));
  append(report.checks, judge_hit_cost(query.hit_cost_ns));
  if (query.pid) {
    diagnose_process(report.checks, proc_root, *query.pid, query.config.layouts, report.ok());
  } else {
    report.candidates = find_candidates(query.config);
    report.checks.push_back(judge_candidates(*report.candidates));
  }
  return report;
}

}  // namespace inspect
