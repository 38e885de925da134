#include "inspect/candidates.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <utility>
#include <variant>
#include <vector>

#include "base/unique_fd.h"
#include "target/process.h"
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

bool is_named(const target::Selection& selection, const target::Process& process) {
  const auto* const names = std::get_if<target::ByName>(&selection);
  return names != nullptr &&
         std::find(names->comms.begin(), names->comms.end(), process.comm) != names->comms.end();
}

// As Discovery chooses.
std::string why_not_selected(const target::Selection& selection, const target::Process& process) {
  if (std::holds_alternative<target::ByName>(selection) && !is_named(selection, process)) {
    return "its name is another than --name says";
  }
  if (const auto* by = std::get_if<target::ByExecutable>(&selection)) {
    const auto wanted = target::version_at(by->path);
    const bool is_it =
        wanted && wanted->device == process.id.exe_device && wanted->inode == process.id.exe_inode;
    if (!is_it) return "it runs another file than --exe says";
  }
  const uid_t own = ::geteuid();
  if (std::holds_alternative<target::Everything>(selection) && own != 0 && process.uid != own &&
      process.uid != 0) {
    return fmt::format(
        "it is of user {}: only root's exporter watches everybody's; name it by "
        "--pid, --exe or --name",
        process.uid);
  }
  return {};
}

Candidate candidate_of(const std::string& proc_root, const target::Selection& selection,
                       const watch::Recognised& seen) {
  const target::Process& process = seen.process;
  Candidate candidate{process.id.pid, process.uid, process.comm, "", seen.name, false, ""};
  if (seen.program != nullptr) candidate.executable = seen.program->executable.path;
  if (seen.hangs) {
    candidate.reason = "its executable does not answer: a file system that hangs?";
  } else if (!seen.problem.empty()) {
    candidate.reason = seen.problem;
  } else if (seen.program == nullptr) {
    candidate.reason = "it has no probes of ours, and is no runtime that we know";
  } else if (auto reason = why_not_selected(selection, process); !reason.empty()) {
    candidate.reason = std::move(reason);
  } else if (target::own_pid_namespace(proc_root) &&
             target::is_in_nested_pid_namespace(proc_root, process.id.pid)) {
    candidate.reason =
        "it is in a pid namespace below ours, where its execs can't be seen: run us in the host's";
  } else {
    candidate.is_watched = true;
  }
  return candidate;
}

// Asks about all and waits until each was looked at.
std::vector<watch::Recognised> look_at(const std::string& proc_root,
                                       std::vector<target::Process> processes) {
  const base::UniqueFd wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  watch::Recogniser recogniser(proc_root, watch::recognition(), std::nullopt, wake.get());
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

// By pid: who comes first gets the plain name, and a place.
void give_names_and_places(CandidateList& list, std::size_t max_targets) {
  std::set<std::string> taken;
  std::size_t watched = 0;
  for (Candidate& candidate : list.candidates) {
    if (!candidate.is_watched) continue;
    if (++watched > max_targets) {
      candidate.is_watched = false;
      candidate.reason = fmt::format("there is no room: at most {} processes are", max_targets);
      continue;
    }
    const std::string wanted = candidate.name;
    for (int number = 2; !taken.insert(candidate.name).second; ++number) {
      candidate.name = fmt::format("{}-{}", wanted, number);
    }
  }
}

}  // namespace

CandidateList find_candidates(const std::string& proc_root, const CandidateQuery& query) {
  CandidateList list;
  std::vector<target::Process> processes;
  for (const int pid : target::list_pids(proc_root)) {
    if (pid == ::getpid()) continue;
    auto process = target::identify(proc_root, pid);
    if (process) {
      ++list.looked_at;
      processes.push_back(std::move(*process));
    } else if (process.error().cause == base::Cause::kDenied) {
      ++list.looked_at;
      note_denied(list, process.error().message);
    }
  }
  for (const watch::Recognised& seen : look_at(proc_root, std::move(processes))) {
    if (seen.process.id.pid == 0) continue;
    if (!seen.problem.empty()) note_denied(list, seen.problem);
    const bool is_told = seen.program != nullptr || is_named(query.selection, seen.process) ||
                         (seen.hangs && !seen.may_come);
    if (!is_told) continue;
    list.candidates.push_back(candidate_of(proc_root, query.selection, seen));
  }
  std::sort(list.candidates.begin(), list.candidates.end(),
            [](const Candidate& a, const Candidate& b) { return a.pid < b.pid; });
  give_names_and_places(list, query.max_targets);
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
        "with the capabilities that the check privileges names");
  }
  if (watched > 0) return ok(kName, detail);
  return note(kName, detail + ": none has the probes, or is a runtime that we know",
              "start one: who starts later is watched from then on; of one that runs, doctor --pid "
              "N says what is missing");
}

}  // namespace inspect
