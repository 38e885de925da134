// How watching begins. What is read: collection.cpp.
#include "watch/collector.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "privilege/privilege.h"
#include "probe/calibration.h"
#include "target/process_metrics.h"
#include "watch/descriptors.h"
#include "watch/loose_thread.h"
#include "watch/recognition.h"

namespace watch {
namespace {

using base::fail;
using base::Result;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kAnswer{5};  // from a file that may lie anywhere
constexpr std::chrono::seconds kFirstLook{5};
// Finding a layout takes some 20 ms. Who takes longer is shown later.
constexpr std::chrono::seconds kFirstDecisions{1};
constexpr std::chrono::milliseconds kPoll{2};
constexpr int kCalibrations = 3;  // a machine that is very busy may spoil one

Result<void> check_program(const Result<target::Program>& program, const Config& config) {
  if (!program) return pass_on(program);
  if (auto recognised = require_recognised(*program); !recognised) return recognised;
  const auto layouts = layout::Layouts::open(config.layouts);
  if (!layouts) return pass_on(layouts);
  return layouts->check_given(program->build_id, program->executable.path);
}

Result<void> check_file(const Config& config) {
  if (const auto* one = one_process(config)) {
    return check_program(target::read_program_of(config.proc_root, one->pid, recognition()),
                         config);
  }
  for (const std::string& path : config.selection.executables) {
    auto executable = target::open_executable(path);
    if (!executable) return pass_on(executable);
    auto checked =
        check_program(target::read_program(std::move(*executable), recognition()), config);
    if (!checked) return checked;
  }
  return {};
}

// In a thread of its own: the file may lie on a file system that hangs.
Result<void> check_file_in_time(const Config& config) {
  const auto result = std::make_shared<std::optional<Result<void>>>();
  auto thread = LooseThread::start(
      "check", [result, config](const std::stop_token&) { result->emplace(check_file(config)); });
  if (!thread) return pass_on(thread);
  if (!thread->wait(Clock::now() + kAnswer)) {
    return fail(base::Cause::kTimeout,
                "look at the executable: it does not answer within {} s (a file system that "
                "hangs?)",
                kAnswer.count());
  }
  return *result ? **result : fail("look at the executable: out of memory");
}

// Of one process there may be several images, of which all but one are leaving.
std::uint32_t places_of(const Config& config) {
  constexpr std::uint32_t kImages = 4;
  return one_process(config) != nullptr ? kImages : config.max_targets;
}

std::optional<probe::PidNamespace> pid_namespace(const std::string& proc_root) {
  const auto own = target::own_pid_namespace(proc_root);
  if (!own) return std::nullopt;
  return probe::PidNamespace{own->device, own->inode};
}

}  // namespace

Result<void> check_selection(const Config& config) {
  const auto layouts = layout::Layouts::open(config.layouts);
  if (!layouts) return pass_on(layouts);
  if (auto there = target::check_proc(config.proc_root); !there) return there;
  if (!target::shows_own_pid_namespace(config.proc_root)) {
    return fail(
        "watch processes: {} is of another pid namespace than ours, so its pids mean others to us "
        "(mount a /proc of this namespace, or run us in the host's: --pid=host)",
        config.proc_root);
  }
  if (const auto* one = one_process(config)) {
    if (const auto process = target::identify(config.proc_root, one->pid); !process) {
      return pass_on(process);
    }
  }
  return check_file_in_time(config);
}

Collector::Collector(const Config& config, probe::Programs programs, layout::Layouts layouts)
    : config_(config),
      own_start_unix_ns_(target::read_start_unix_ns(config.proc_root, ::getpid())),
      surroundings_(std::make_shared<Surroundings>(std::move(programs), std::move(layouts),
                                                   config.proc_root)) {}

Result<std::unique_ptr<Collector>> Collector::start(const Config& config) {
  make_room_for_descriptors(places_of(config));
  auto programs = probe::Programs::load(
      config.groups,
      {probe::best_attach_method(), pid_namespace(config.proc_root), places_of(config)});
  if (!programs) return pass_on(programs);
  auto layouts = layout::Layouts::open(config.layouts);
  if (!layouts) return pass_on(layouts);
  std::unique_ptr<Collector> collector(
      new Collector(config, std::move(*programs), std::move(*layouts)));
  auto discovery = Discovery::start(config, collector->surroundings_, collector->list_);
  if (!discovery) return pass_on(discovery);
  collector->discovery_ = std::move(*discovery);
  if (auto told = collector->wait_until_told(); !told) return pass_on(told);
  collector->begin_to_calibrate();
  auto auditor = Auditor::start(config, collector->surroundings_, collector->list_);
  if (!auditor) return pass_on(auditor);
  collector->auditor_ = std::move(*auditor);
  auto profiler = Profiler::start(config, collector->surroundings_, collector->list_);
  if (!profiler) return pass_on(profiler);
  collector->profiler_ = std::move(*profiler);
  return collector;
}

// In the background: nobody waits for the price. Without it nothing is told of what probes cost,
// and there is no budget.
void Collector::begin_to_calibrate() {
  auto thread =
      LooseThread::start("calibrate", [surroundings = surroundings_](const std::stop_token& stop) {
        // Refused: then it has what it needs and more.
        (void)privilege::keep_only(privilege::Task::kAttach);
        auto cost_ns = probe::measure_hit_cost(surroundings->programs, stop);
        for (int tries = 1; !cost_ns && tries < kCalibrations && !stop.stop_requested(); ++tries) {
          cost_ns = probe::measure_hit_cost(surroundings->programs, stop);
        }
        if (cost_ns) {
          surroundings->hit_cost_ns = *cost_ns;
          base::log_info("a hit of a probe costs a busy process {:.2f} us of CPU here",
                         static_cast<double>(*cost_ns) / 1'000);
        } else if (!stop.stop_requested()) {
          base::log_warn("what probes cost is not known, and --overhead.max not held: {}",
                         cost_ns.error().message);
        }
      });
  if (thread) {
    calibrator_.emplace(std::move(*thread));
  } else {
    base::log_warn("what probes cost is not known, and --overhead.max not held: {}",
                   thread.error().message);
  }
}

Result<void> Collector::wait_until_told() {
  const bool has_looked = discovery_->wait_for_first_look(Clock::now() + kFirstLook);
  const auto deadline = Clock::now() + kFirstDecisions;
  while (!is_decided() && Clock::now() < deadline) std::this_thread::sleep_for(kPoll);
  const auto* const one = one_process(config_);
  const auto targets = list_.get();
  if (one == nullptr) {
    if (targets->watched.empty()) {
      base::log_info("nobody to watch is found yet: waiting for {}",
                     target::words_of(config_.selection));
    }
    return {};
  }
  if (targets->watched.empty()) {
    return fail("watch pid {}: {}", one->pid,
                has_looked ? "it has ended, or its executable can't be looked at"
                           : "its executable does not answer (a file system that hangs?)");
  }
  if (const auto problem = targets->watched.front()->problem()) {
    return fail("watch pid {}: {}", one->pid, *problem);
  }
  return {};
}

bool Collector::is_decided() const {
  const auto targets = list_.get();
  return std::all_of(targets->watched.begin(), targets->watched.end(),
                     [](const auto& target) { return target->is_decided(); });
}

Result<void> Collector::wait_until_decided(Clock::time_point deadline,
                                           const std::stop_token& stop) const {
  const auto* const one = one_process(config_);
  if (one == nullptr) return {};
  while (!is_decided() && !stop.stop_requested() && Clock::now() < deadline) {
    std::this_thread::sleep_for(kPoll);
  }
  const auto targets = list_.get();
  if (targets->watched.empty() || targets->watched.front()->has_ended()) {
    return fail(base::Cause::kGone, "watch pid {}: it has ended", one->pid);
  }
  const Watched& target = *targets->watched.front();
  if (stop.stop_requested() && !target.is_decided()) {
    return fail("watch pid {}: ended before it was known what it runs", one->pid);
  }
  if (!target.is_decided()) {
    return fail(base::Cause::kTimeout,
                "watch pid {}: it is not known yet how its memory is read (a file system that "
                "hangs, a machine that is very busy?)",
                one->pid);
  }
  if (const auto problem = target.problem()) return fail("watch pid {}: {}", one->pid, *problem);
  return {};
}

}  // namespace watch
