#include "inspect/dump.h"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "inspect/inspection.h"
#include "inspect/privileges.h"
#include "layout/layouts.h"
#include "probe/kernel.h"
#include "target/naming.h"
#include "target/place.h"
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
void read_state(const watch::Config& config, const target::Program& program,
                model::TargetMetrics& target) {
  StateLook look =
      look_at_state(config.proc_root, target.id.pid, program, config.layouts, kReadTime);
  if (!look.source) {
    base::log_warn("not reading the memory of pid {}: {}", target.id.pid, look.problem);
    return;
  }
  const bool success =
      look.reading->readings.has_value() && target::is_running(config.proc_root, target.id);
  target.identity.layout = look.layout;
  target.sources = watch::choose_sources(look.source->members(), {}, look.source->differences());
  target.collectors.push_back({"state", look.reading->duration_ns, success});
  if (success) watch::merge(target, {}, std::move(*look.reading->readings));
}

Result<void> check_layout(const watch::Config& config, const target::Program& program) {
  const auto layouts = layout::Layouts::open(config.layouts);
  if (!layouts) return pass_on(layouts);
  return layouts->check_given(program.build_id, program.executable.path);
}

model::ProcessMetrics read_process(const watch::Config& config, int pid) {
  model::ProcessMetrics metrics = target::read_process_metrics(config.proc_root, pid);
  metrics.start_unix_ns = target::read_start_unix_ns(config.proc_root, pid);
  return metrics;
}

Result<model::Snapshot> look_from_outside(const watch::Config& config, int pid) {
  const auto found = find_process(config.proc_root, pid);
  if (!found) return pass_on(found);
  const auto program = target::read_program_of(config.proc_root, pid, watch::recognition());
  if (program) {
    if (auto fits = check_layout(config, *program); !fits) return pass_on(fits);
  }
  const target::Place place = target::read_place(config.proc_root, pid);
  model::TargetMetrics target;
  target.id = found->process.id;
  target.up = true;
  target.identity = {program ? program->executable.path : found->executable,
                     target::read_script(config.proc_root, pid).value_or(""),
                     program ? program->build_id : "",
                     {},
                     place.container,
                     place.unit,
                     place.pod};
  target.process_metrics = read_process(config, pid);
  if (program) read_state(config, *program, target);
  model::Snapshot snapshot;
  snapshot.taken_unix_ns = base::unix_ns();
  snapshot.exporter.version = config.version;
  snapshot.exporter.revision = config.revision;
  snapshot.exporter.process_metrics = read_process(config, ::getpid());
  snapshot.targets.push_back(std::move(target));
  return snapshot;
}

// Until the time is over or a signal comes.
void wait_for(std::chrono::seconds seconds) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  const timespec time{seconds.count(), 0};
  while (::sigtimedwait(&signals, nullptr, &time) < 0 && errno == EINTR) {
  }
}

}  // namespace

Result<model::Snapshot> take_snapshot(const watch::Config& config, std::chrono::seconds seconds) {
  if (seconds.count() == 0) {
    return look_from_outside(config, config.selection.one->pid);
  }
  if (auto begun = begin_to_attach(); !begun) return base::pass_on(begun);
  if (auto possible = check_selection(config); !possible) {
    return base::pass_on(possible);
  }
  probe::redirect_libbpf_log();
  if (auto able = probe::check_kernel(); !able) return base::pass_on(able);
  watch::Config whole = config;
  whole.max_overhead = std::nullopt;  // who asks for some seconds wants all that there is
  const auto collector = watch::Collector::start(whole);
  if (!collector) return base::pass_on(collector);
  wait_for(seconds);
  return (*collector)->collect(std::chrono::steady_clock::now() + kReadTime);
}

}  // namespace inspect
