// What the runtime's page draws and no family has, since it follows from others or the runtime
// never had it.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "expose/json_parts.h"
#include "model/catalogue.h"

namespace expose {
namespace {

using model::Count;
using model::SystemMetrics;

constexpr double kNsPerMillisecond = 1e6;

Json number(const Count& count) {
  return count ? Json(*count) : Json(nullptr);
}

// As the runtime computes it: KiB a second, on average over the system's life.
Json rate_kbps(const SystemGroup& group, SystemCount bytes) {
  std::optional<double> rate;
  for (const SystemMetrics* const system : group) {
    if (!(system->*bytes) || system->uptime_ns.value_or(0) == 0) return nullptr;
    const double uptime_seconds = static_cast<double>(*system->uptime_ns) / 1e9;
    rate = rate.value_or(0) + static_cast<double>(*(system->*bytes)) / uptime_seconds / 1024;
  }
  return rate ? Json(*rate) : Json(nullptr);
}

// What the page draws as the pool of connections: the runtime has none and takes 16 a stream arena,
// 256 without arenas.
std::pair<Count, Count> connection_slab(const SystemGroup& group) {
  const Count arenas = sum_of(group, &SystemMetrics::arenas_total);
  if (!arenas) return {};
  const std::uint64_t total = *arenas > 0 ? *arenas * 16 : 256;
  std::uint64_t used = 0;
  for (const SystemCount state :
       {&SystemMetrics::connections_active, &SystemMetrics::connections_idle,
        &SystemMetrics::connections_closing}) {
    const Count count = sum_of(group, state);
    if (!count) return {total, std::nullopt};
    used += *count;
  }
  return {total, total - std::min(total, used)};
}

// The mean of no pause is unknown, and a collection whose pause no probe saw has no part in it.
std::optional<double> mean_pause_ns(const model::TargetMetrics& target) {
  const model::GcMetrics& gc = target.gc;
  Count timed = gc.cycles;
  const auto& total = model::entry_of(&model::GcMetrics::pause_ns_total);
  if (model::source_of(total, target.sources) == model::Source::kProbe) {
    timed = gc.pause_ns ? Count(gc.pause_ns->count()) : std::nullopt;
  }
  if (!gc.pause_ns_total || timed.value_or(0) == 0) return std::nullopt;
  return static_cast<double>(*gc.pause_ns_total) / static_cast<double>(*timed);
}

// The runtime always writes 0 for the share; here it is what the word says: idle, of the loops'
// life.
Json idle_percent(const SystemGroup& group) {
  const Count idle_ns = sum_of(group, &SystemMetrics::loop_idle_ns);
  const Count life_ns = sum_of(group, &SystemMetrics::uptime_ns);
  if (!idle_ns || life_ns.value_or(0) == 0) return nullptr;
  return static_cast<double>(*idle_ns) / static_cast<double>(*life_ns) * 100;
}

}  // namespace

Json systems_json(const model::TargetMetrics& target) {
  Json systems = Json::array();
  for (const auto& [name, group] : systems_by_name(target)) {
    Json system = {{"name", name}};
    place_system_numbers(system, group);
    const auto [slab_total, slab_available] = connection_slab(group);
    system["system"]["conn_slab_total"] = number(slab_total);
    system["system"]["conn_slab_available"] = number(slab_available);
    systems.push_back(std::move(system));
  }
  return systems;
}

void add_page_numbers(Json& document, const model::TargetMetrics& target) {
  const SystemGroup systems = systems_of(target);
  Json& aio = document["aio_metrics"];
  aio["connections"]["rejected"] = nullptr;
  aio["bytes"]["sent_rate_kbps"] = rate_kbps(systems, &SystemMetrics::bytes_sent);
  aio["bytes"]["recv_rate_kbps"] = rate_kbps(systems, &SystemMetrics::bytes_received);
  Json& vm = document["vm_metrics"];
  const auto pause_ns = mean_pause_ns(target);
  vm["gc"]["pause_ms_avg"] = pause_ns ? Json(*pause_ns / kNsPerMillisecond) : Json(nullptr);
  vm["event_loop"]["idle_time_pct"] = idle_percent(systems);
}

}  // namespace expose
