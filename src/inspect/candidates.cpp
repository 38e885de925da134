#include "inspect/candidates.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "base/unique_fd.h"
#include "privilege/capabilities.h"
#include "target/process.h"
#include "watch/claims.h"
#include "watch/names.h"
#include "watch/recogniser.h"
#include "watch/recognition.h"

namespace inspect {
namespace {

using model::Candidate;
using model::CandidateList;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kMaxListed = 1'000;
constexpr std::chrono::milliseconds kBetweenLooks{200};
// More than any machine takes whose files answer.
constexpr std::chrono::seconds kLongestLook{60};

bool is_named(const target::Selection& selection, const std::string& proc_root,
              const target::Process& process) {
  const target::NameFit fit = target::fit_comm(selection, process.comm);
  return fit.fits ||
         (fit.is_cut && target::fits_program_name(selection, proc_root, process.id.pid));
}

bool runs_one_of(const std::vector<std::string>& paths, const target::Process& process) {
  return paths.empty() || std::any_of(paths.begin(), paths.end(), [&](const std::string& path) {
           const auto wanted = target::version_at(path);
           return wanted && wanted->device == process.id.exe_device &&
                  wanted->inode == process.id.exe_inode;
         });
}

// As Discovery chooses.
std::string why_not_selected(const watch::Config& config, const watch::Recognised& seen) {
  const target::Process& process = seen.process;
  const target::Selection& selection = config.selection;
  if (!is_named(selection, config.proc_root, process)) {
    return "its name is another than --name says";
  }
  if (!runs_one_of(selection.executables, process)) return "it runs another file than --exe says";
  if (!target::fits_place(selection, seen.place)) {
    return "its unit or control group is another than --unit and --cgroup say";
  }
  const uid_t own = ::geteuid();
  if (selection.is_everybody() && !privilege::may_look_into_others() && process.uid != own &&
      process.uid != 0) {
    return fmt::format(
        "it is of user {}: only root's exporter watches everybody's; select it by --unit, "
        "--cgroup, --exe, --name or --pid",
        process.uid);
  }
  return {};
}

Candidate candidate_of(const watch::Config& config, const watch::Recognised& seen) {
  const target::Process& process = seen.process;
  Candidate candidate{process.id.pid, process.uid, process.comm, "", "", false, ""};
  if (seen.program != nullptr) candidate.executable = seen.program->executable.path;
  if (seen.hangs) {
    candidate.reason = "its executable does not answer: a file system that hangs?";
  } else if (!seen.denied.empty()) {
    candidate.reason = seen.denied;
  } else if (seen.program == nullptr) {
    candidate.reason = "it has no probes of ours, and is no runtime that we know";
  } else if (auto reason = why_not_selected(config, seen); !reason.empty()) {
    candidate.reason = std::move(reason);
  } else if (target::own_pid_namespace(config.proc_root) &&
             target::is_in_nested_pid_namespace(config.proc_root, process.id.pid)) {
    candidate.reason =
        "it is in a pid namespace below ours, where its execs can't be seen: run us in the host's";
  } else {
    candidate.is_watched = true;
  }
  return candidate;
}

// Asks about all, whoever is selected, and waits until each was looked at.
std::vector<watch::Recognised> look_at(const watch::Config& config,
                                       std::vector<target::Process> processes) {
  const base::UniqueFd wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  watch::Recogniser recogniser(config.proc_root, watch::recognition(), {},
                               watch::name_sources(config), wake.get());
  for (target::Process& process : processes) recogniser.ask(std::move(process));
  std::vector<watch::Recognised> seen;
  auto next_skip = Clock::now() + std::chrono::seconds(1);
  const auto give_up = Clock::now() + kLongestLook;
  for (;;) {
    for (watch::Recognised& one : recogniser.take()) seen.push_back(std::move(one));
    if (recogniser.is_idle() || Clock::now() > give_up) return seen;
    pollfd news{wake.get(), POLLIN, 0};
    ::poll(&news, 1, static_cast<int>(kBetweenLooks.count()));
    std::uint64_t ignored = 0;
    static_cast<void>(::read(wake.get(), &ignored, sizeof ignored) < 0);
    if (Clock::now() < next_skip) continue;
    recogniser.skip_what_hangs();
    next_skip = Clock::now() + std::chrono::seconds(1);
  }
}

void note_denied(CandidateList& list, const std::string& why) {
  if (list.denied++ == 0) list.why_denied = why;
}

// As an exporter shares them that starts now and finds everybody at once, by pid.
void give_places(CandidateList& list, const watch::Config& config,
                 const std::vector<watch::Recognised>& seen) {
  std::vector<watch::Claim> claims;
  for (const Candidate& candidate : list.candidates) {
    if (!candidate.is_watched) continue;
    const auto one = std::find_if(seen.begin(), seen.end(), [&](const watch::Recognised& it) {
      return it.process.id.pid == candidate.pid;
    });
    if (one == seen.end()) continue;
    claims.push_back(
        watch::claim_of(config.proc_root, config.selection, one->process, claims.size()));
  }
  const auto admitted = watch::share_places({}, claims, config.max_targets, 0).admitted;
  for (Candidate& candidate : list.candidates) {
    const bool has_place =
        std::find(admitted.begin(), admitted.end(), candidate.pid) != admitted.end();
    if (!candidate.is_watched || has_place) continue;
    candidate.is_watched = false;
    candidate.reason =
        fmt::format("all {} places are taken: --max-targets gives more", config.max_targets);
  }
}

// As an exporter of this selection remembers them that keeps its names in the same directory.
void give_names(CandidateList& list, const watch::Config& config,
                const std::vector<watch::Recognised>& seen) {
  watch::Config read_only = config;
  read_only.keeps_names = false;
  watch::Names names(read_only);
  names.recall();
  for (Candidate& candidate : list.candidates) {
    const auto one = std::find_if(seen.begin(), seen.end(), [&](const watch::Recognised& it) {
      return it.process.id.pid == candidate.pid;
    });
    if (one == seen.end() || one->program == nullptr) continue;
    if (!candidate.is_watched) {
      candidate.name = one->marks.base;
    } else if (auto name = names.name(*one, watch::NameBook::Port::kIsNotWaitedFor)) {
      candidate.name = std::move(*name);
    }
  }
}

}  // namespace

CandidateList find_candidates(const watch::Config& config) {
  CandidateList list;
  std::vector<target::Process> processes;
  for (const int pid : target::list_pids(config.proc_root)) {
    if (pid == ::getpid()) continue;
    auto process = target::identify(config.proc_root, pid);
    if (process) {
      ++list.looked_at;
      processes.push_back(std::move(*process));
    } else if (process.error().cause == base::Cause::kDenied) {
      ++list.looked_at;
      note_denied(list, process.error().message);
    }
  }
  const std::vector<watch::Recognised> all = look_at(config, std::move(processes));
  for (const watch::Recognised& seen : all) {
    if (seen.process.id.pid == 0) continue;
    if (!seen.denied.empty()) note_denied(list, seen.denied);
    const bool is_asked_for = !config.selection.names.empty() &&
                              is_named(config.selection, config.proc_root, seen.process);
    const bool is_told = seen.program != nullptr || is_asked_for || (seen.hangs && !seen.may_come);
    if (is_told) list.candidates.push_back(candidate_of(config, seen));
  }
  std::sort(list.candidates.begin(), list.candidates.end(),
            [](const Candidate& a, const Candidate& b) { return a.pid < b.pid; });
  give_places(list, config, all);
  give_names(list, config, all);
  if (list.candidates.size() > kMaxListed) {
    list.left_out = list.candidates.size() - kMaxListed;
    list.candidates.resize(kMaxListed);
  }
  return list;
}

model::Check judge_candidates(const CandidateList& list) {
  constexpr const char* kName = "candidates";
  const auto watched = static_cast<std::size_t>(
      std::count_if(list.candidates.begin(), list.candidates.end(),
                    [](const Candidate& candidate) { return candidate.is_watched; }));
  const std::string denied = list.denied == 0 ? ""
                                              : fmt::format("; {} we may not look at, such as: {}",
                                                            list.denied, list.why_denied);
  const std::string detail =
      fmt::format("{} of {} processes would be watched{}", watched, list.looked_at, denied);
  if (list.denied > 0) {
    return note(
        kName, detail,
        "nothing, where these are none of yours; else run doctor and the exporter as root, or "
        "with the capabilities that the check privileges names; where they have these, a security "
        "module or a sandbox closes those processes to them");
  }
  if (watched > 0) return ok(kName, detail);
  return note(kName, detail + ": none has the probes, or is a runtime that we know",
              "start one: who starts later is watched from then on; of one that runs, doctor --pid "
              "N says what is missing");
}

}  // namespace inspect
