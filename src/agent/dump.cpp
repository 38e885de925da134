#include "agent/dump.h"

#include <signal.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <utility>

#include "agent/collector.h"
#include "agent/inspection.h"
#include "agent/layouts.h"
#include "agent/merge.h"
#include "agent/privileges.h"
#include "agent/recognition.h"
#include "agent/sources.h"
#include "agent/state_source.h"
#include "base/clock.h"
#include "probe/kernel.h"
#include "target/naming.h"
#include "target/process_metrics.h"

namespace agent {
namespace {

using base::Result;

constexpr std::chrono::seconds kReadTime{5};

// What the process's memory tells, in a target without probes.
void read_state(const Config& config, Layouts& layouts, const target::Program& program,
                model::TargetMetrics& target) {
  auto found = layouts.find(program);
  auto source = found
                    ? StateSource::open(config.proc_root, target.id.pid, program, std::move(*found))
                    : tl::make_unexpected(found.error());
  if (!source) {
    spdlog::warn("not reading the memory of pid {}: {}", target.id.pid, source.error().message);
    return;
  }
  (*source)->request();
  StateReading reading = (*source)->wait(std::chrono::steady_clock::now() + kReadTime);
  const bool success =
      reading.readings.has_value() && target::is_running(config.proc_root, target.id);
  target.identity.layout = (*source)->layout_name();
  target.sources = choose_sources((*source)->families(), {});
  target.collectors.push_back({"state", reading.duration_ns, success});
  if (success) merge(target, {}, std::move(*reading.readings));
}

Result<model::Snapshot> look_from_outside(const Config& config, int pid) {
  auto layouts = Layouts::open(config.layouts);
  if (!layouts) return tl::make_unexpected(layouts.error());
  auto found = find_process(config.proc_root, pid);
  if (!found) return tl::make_unexpected(found.error());
  const std::string path = found->executable.path;
  const auto program = target::read_program(std::move(found->executable), recognition());
  if (program) {
    if (auto fits = layouts->check_given(program->build_id, path); !fits) {
      return tl::make_unexpected(fits.error());
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
void watch_for(std::chrono::seconds seconds, Collector& collector) {
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

Result<model::Snapshot> take_snapshot(const Config& config, std::chrono::seconds seconds) {
  if (seconds.count() == 0) {
    return look_from_outside(config, std::get<target::OneProcess>(config.selection).pid);
  }
  if (auto allowed = require_start_privileges(); !allowed) {
    return tl::make_unexpected(allowed.error());
  }
  if (auto possible = check_selection(config); !possible) {
    return tl::make_unexpected(possible.error());
  }
  probe::redirect_libbpf_log();
  if (auto able = probe::check_kernel(); !able) return tl::make_unexpected(able.error());
  const auto collector = Collector::start(config);
  if (!collector) return tl::make_unexpected(collector.error());
  watch_for(seconds, **collector);
  return (*collector)->collect(std::chrono::steady_clock::now() + kReadTime);
}

}  // namespace agent
