#include "inspect/dump.h"

#include <signal.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <utility>

#include "base/clock.h"
#include "inspect/inspection.h"
#include "layout/layouts.h"
#include "privilege/privilege.h"
#include "probe/kernel.h"
#include "target/naming.h"
#include "target/process_metrics.h"
#include "watch/collector.h"
#include "watch/merge.h"
#include "watch/recognition.h"
#include "watch/sources.h"
#include "watch/state_source.h"

namespace inspect {
namespace {

using base::Result;

constexpr std::chrono::seconds kReadTime{5};

// What the process's memory tells, in a target without probes.
void read_state(const watch::Config& config, layout::Layouts& layouts,
                const target::Program& program, model::TargetMetrics& target) {
  auto found = layouts.find(program);
  auto source =
      found ? watch::StateSource::open(config.proc_root, target.id.pid, program, std::move(*found))
            : base::pass_on(found);
  if (!source) {
    spdlog::warn("not reading the memory of pid {}: {}", target.id.pid, source.error().message);
    return;
  }
  (*source)->request();
  watch::StateReading reading = (*source)->wait(std::chrono::steady_clock::now() + kReadTime);
  const bool success =
      reading.readings.has_value() && target::is_running(config.proc_root, target.id);
  target.identity.layout = (*source)->layout_name();
  target.sources = watch::choose_sources((*source)->members(), {});
  target.collectors.push_back({"state", reading.duration_ns, success});
  if (success) watch::merge(target, {}, std::move(*reading.readings));
}

Result<model::Snapshot> look_from_outside(const watch::Config& config, int pid) {
  auto layouts = layout::Layouts::open(config.layouts);
  if (!layouts) return base::pass_on(layouts);
  auto found = find_process(config.proc_root, pid);
  if (!found) return base::pass_on(found);
  const std::string path = found->executable.path;
  const auto program = target::read_program(std::move(found->executable), watch::recognition());
  if (program) {
    if (auto fits = layouts->check_given(program->build_id, path); !fits) {
      return base::pass_on(fits);
    }
  }
  model::TargetMetrics target;
  target.id = found->process.id;
  target.up = true;
  target.identity = {path,
                     target::read_script(config.proc_root, pid).value_or(""),
                     program ? program->build_id : "",
                     {}};
  target.process_metrics = target::read_process_metrics(config.proc_root, pid);
  if (program) read_state(config, *layouts, *program, target);
  model::Snapshot snapshot;
  snapshot.taken_unix_ns = base::unix_ns();
  snapshot.exporter.version = config.version;
  snapshot.exporter.process_metrics = target::read_process_metrics(config.proc_root, ::getpid());
  snapshot.targets.push_back(std::move(target));
  return snapshot;
}

// Looks once a second, as serving does, until the time is over or a signal comes.
void watch_for(std::chrono::seconds seconds, watch::Collector& collector) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  const timespec second{1, 0};
  for (auto left = seconds; left.count() > 0; --left) {
    if (::sigtimedwait(&signals, nullptr, &second) > 0) return;
    collector.look();
  }
}

}  // namespace

Result<model::Snapshot> take_snapshot(const watch::Config& config, std::chrono::seconds seconds) {
  if (seconds.count() == 0) {
    return look_from_outside(config, std::get<target::OneProcess>(config.selection).pid);
  }
  if (auto allowed = privilege::require_start_privileges(); !allowed) {
    return base::pass_on(allowed);
  }
  if (auto possible = check_selection(config); !possible) {
    return base::pass_on(possible);
  }
  probe::redirect_libbpf_log();
  if (auto able = probe::check_kernel(); !able) return base::pass_on(able);
  const auto collector = watch::Collector::start(config);
  if (!collector) return base::pass_on(collector);
  watch_for(seconds, **collector);
  return (*collector)->collect(std::chrono::steady_clock::now() + kReadTime);
}

}  // namespace inspect
