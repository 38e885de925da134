#include <utility>

#include "expose/derived.h"
#include "expose/json_parts.h"

namespace expose {
namespace {

constexpr double kNsPerMillisecond = 1e6;

Json percent(const std::optional<double>& ratio) {
  return ratio ? Json(*ratio * 100) : Json(nullptr);
}

Json gc_json(const model::TargetMetrics& target) {
  const model::GcMetrics& gc = target.gc;
  const auto pause_ns_avg = mean_pause_ns(target);
  return {{"cycles_total", number(gc.cycles)},
          {"pause_us_total", microseconds(gc.pause_ns_total)},
          {"pause_us_max", microseconds(gc.pause_ns_max)},
          {"pause_ms_avg", pause_ns_avg ? Json(*pause_ns_avg / kNsPerMillisecond) : Json(nullptr)},
          {"reclaimed_bytes_total", number(gc.reclaimed_bytes)},
          {"heap_used_bytes", number(gc.heap_used_bytes)},
          {"heap_total_bytes", number(gc.heap_total_bytes)},
          {"heap_utilization_pct", percent(heap_utilization(gc))}};
}

Json interpreter_json(const model::InterpreterMetrics& interpreter) {
  return {{"evals_total", number(interpreter.evals)},
          {"function_calls", number(interpreter.function_calls)},
          {"builtin_calls", number(interpreter.builtin_calls)},
          {"stack_depth_max", number(interpreter.stack_depth_max)},
          {"closures_created", number(interpreter.closures_created)},
          {"env_lookups", number(interpreter.env_lookups)}};
}

// The runtime always writes 0 for the share; here it is what the word says: idle, of the loops'
// life.
Json event_loop_json(const model::TargetMetrics& target) {
  using model::SystemMetrics;
  const auto idle_ns = sum_of_systems(target, &SystemMetrics::loop_idle_ns);
  const auto life_ns = sum_of_systems(target, &SystemMetrics::uptime_ns);
  std::optional<double> idle_share;
  if (idle_ns && life_ns.value_or(0) != 0) {
    idle_share = static_cast<double>(*idle_ns) / static_cast<double>(*life_ns);
  }
  return {{"iterations", number(sum_of_systems(target, &SystemMetrics::loop_iterations))},
          {"events_processed", number(sum_of_systems(target, &SystemMetrics::loop_events))},
          {"idle_time_us", microseconds(idle_ns)},
          {"idle_time_pct", percent(idle_share)}};
}

}  // namespace

Json vm_json(const model::TargetMetrics& target) {
  return {{"gc", gc_json(target)},
          {"interpreter", interpreter_json(target.interpreter)},
          {"event_loop", event_loop_json(target)}};
}

}  // namespace expose
