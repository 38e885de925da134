#include "expose/json.h"

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "expose/family_groups.h"
#include "expose/utf8.h"

namespace expose {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kNsPerSecond = 1e9;
constexpr double kNsPerMillisecond = 1e6;

// An object of numbers that nobody knows yet.
Json unknown(std::initializer_list<const char*> names) {
  Json object = Json::object();
  for (const char* const name : names) object[name] = nullptr;
  return object;
}

Json number(const model::Count& count) {
  return count ? Json(*count) : Json(nullptr);
}

Json microseconds(const model::Count& ns) {
  return ns ? Json(*ns / 1'000) : Json(nullptr);
}

// Milliseconds, since nanoseconds since 1970 are more than a page's 2^53; 0 stands for "never".
Json unix_ms(std::uint64_t unix_ns) {
  return unix_ns == 0 ? Json(nullptr) : Json(unix_ns / 1'000'000);
}

Json gc_json(const model::GcMetrics& gc) {
  Json pause_ms_avg = nullptr;
  // Collections whose pause was not seen have no part in the mean.
  const std::uint64_t timed = gc.pause_ns ? gc.pause_ns->count() : 0;
  if (timed != 0 && gc.pause_ns_total) {
    pause_ms_avg =
        static_cast<double>(*gc.pause_ns_total) / kNsPerMillisecond / static_cast<double>(timed);
  }
  return {{"cycles_total", number(gc.cycles)},
          {"pause_us_total", microseconds(gc.pause_ns_total)},
          {"pause_us_max", microseconds(gc.pause_ns_max)},
          {"pause_ms_avg", std::move(pause_ms_avg)},
          {"reclaimed_bytes_total", number(gc.reclaimed_bytes)},
          {"heap_used_bytes", nullptr},
          {"heap_total_bytes", number(gc.heap_total_bytes)},
          {"heap_utilization_pct", nullptr}};
}

Json vm_json(const model::TargetMetrics& target) {
  return {
      {"gc", gc_json(target.gc)},
      {"interpreter", unknown({"evals_total", "function_calls", "builtin_calls", "stack_depth_max",
                               "closures_created", "env_lookups"})},
      {"event_loop", unknown({"iterations", "events_processed", "idle_time_us", "idle_time_pct"})}};
}

Json aio_json() {
  return {{"uptime_seconds", nullptr},
          {"system", unknown({"servers", "clients", "handles", "arenas_used", "arenas_total",
                              "tcp_buffers_used", "tcp_buffers_total", "queue_depth",
                              "pending_requests", "pending_responses"})},
          {"connections", unknown({"total", "active", "failed", "rejected", "rejected_load",
                                   "connecting", "idle", "closing"})},
          {"streams", unknown({"total", "active"})},
          {"bytes", unknown({"sent_total", "recv_total", "sent_rate_kbps", "recv_rate_kbps"})}};
}

Json systems_json(const model::TargetMetrics& target) {
  std::vector<std::string> names;
  for (const auto& system : target.systems) {
    std::string name = valid_utf8(system.name);
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(std::move(name));
    }
  }
  Json systems = Json::array();
  for (const auto& name : names) {
    systems.push_back({{"name", name},
                       {"uptime_seconds", nullptr},
                       {"loop", unknown({"iterations", "events_processed"})},
                       {"system", unknown({"servers", "clients", "handles", "arenas_used",
                                           "arenas_total", "tcp_buffers_used", "tcp_buffers_total",
                                           "queue_depth", "pending_requests", "pending_responses",
                                           "conn_slab_total", "conn_slab_available"})},
                       {"connections", unknown({"active", "idle", "closing"})}});
  }
  return systems;
}

// The labels that the runtime itself shows: no `process`, which is said elsewhere.
Json labels_json(const Labels& labels) {
  Json object = Json::object();
  for (const auto& [name, value] : labels) {
    if (name != "process") object[std::string(name)] = value;
  }
  return object;
}

Json counter_json(const Family& family, const Series& series) {
  return {{"name", family.name},
          {"value", std::get<std::uint64_t>(std::get<Number>(series.value))},
          {"labels", labels_json(series.labels)}};
}

// As the runtime writes them: buckets are not cumulative, bounds are numbers, the last one the text
// "+Inf".
Json histogram_json(const Family& family, const Labels& labels, const model::Histogram& histogram) {
  Json buckets = Json::array();
  for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
    Json le = "+Inf";
    if (i < histogram.bounds_ns.size()) {
      le = static_cast<double>(histogram.bounds_ns[i]) / kNsPerSecond;
    }
    buckets.push_back({{"le", std::move(le)}, {"count", histogram.counts[i]}});
  }
  return {{"name", family.name},
          {"count", histogram.count()},
          {"sum", static_cast<double>(histogram.sum_ns) / kNsPerSecond},
          {"labels", labels_json(labels)},
          {"buckets", std::move(buckets)}};
}

Json modular_json(const model::TargetMetrics& target) {
  Json counters = Json::array();
  Json histograms = Json::array();
  for (Family& family : http_families(Targets(&target, 1))) {
    merge_equal_series(family);
    for (const Series& series : family.series) {
      if (const auto* const histogram = std::get_if<model::Histogram>(&series.value)) {
        histograms.push_back(histogram_json(family, series.labels, *histogram));
      } else {
        counters.push_back(counter_json(family, series));
      }
    }
  }
  return {{"uptime_seconds", nullptr},
          {"counters", std::move(counters)},
          {"gauges", Json::array()},
          {"histograms", std::move(histograms)}};
}

Json exporter_json(const model::Snapshot& snapshot) {
  Json probes = Json::array();
  for (const auto& probe : snapshot.exporter.probes) {
    probes.push_back(
        {{"probe", valid_utf8(probe.probe)}, {"attached", probe.attached}, {"hits", probe.hits}});
  }
  Json lost_events = Json::array();
  for (const auto& loss : snapshot.exporter.lost_events) {
    lost_events.push_back({{"cause", valid_utf8(loss.cause)}, {"count", loss.count}});
  }
  return {{"version", valid_utf8(snapshot.exporter.version)},
          {"taken_unix_ms", unix_ms(snapshot.taken_unix_ns)},
          {"probes", std::move(probes)},
          {"lost_events", std::move(lost_events)}};
}

Json process_json(const model::TargetMetrics& target) {
  return {{"name", valid_utf8(target.process)},
          {"pid", target.id.pid},
          {"up", target.up},
          {"attached_unix_ms", unix_ms(target.attached_unix_ns)}};
}

}  // namespace

std::string write_json(const model::Snapshot& snapshot, const model::TargetMetrics& target) {
  const Json document = {{"aio_metrics", aio_json()},
                         {"aio_systems", systems_json(target)},
                         {"modular_metrics", modular_json(target)},
                         {"vm_metrics", vm_json(target)},
                         {"exporter", exporter_json(snapshot)},
                         {"process", process_json(target)}};
  // Every text above is valid UTF-8 already; `replace` makes sure that dump() never throws.
  return document.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace expose
