#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "expose/json_parts.h"
#include "expose/utf8.h"

namespace expose {
namespace {

using model::Count;
using model::SystemMetrics;

// Systems that are shown as one.
using Group = std::vector<const SystemMetrics*>;
using Member = Count SystemMetrics::*;

Group all_of(const model::TargetMetrics& target) {
  Group group;
  for (const SystemMetrics& system : target.systems) group.push_back(&system);
  return group;
}

Count sum(const Group& group, Member count) {
  Count total;
  for (const SystemMetrics* const system : group) {
    const Count& part = system->*count;
    if (!part) return std::nullopt;
    total = total.value_or(0) + *part;
  }
  return total;
}

// Ages don't add up: the oldest.
Count uptime_ns(const Group& group) {
  Count oldest_ns;
  for (const SystemMetrics* const system : group) {
    oldest_ns = std::max(oldest_ns, system->uptime_ns);
  }
  return oldest_ns;
}

// As the runtime computes it: KiB a second, on average over the system's life.
Json rate_kbps(const Group& group, Member bytes) {
  std::optional<double> rate;
  for (const SystemMetrics* const system : group) {
    if (!(system->*bytes) || system->uptime_ns.value_or(0) == 0) return nullptr;
    const double uptime_seconds = static_cast<double>(*system->uptime_ns) / 1e9;
    rate = rate.value_or(0) + static_cast<double>(*(system->*bytes)) / uptime_seconds / 1024;
  }
  return rate ? Json(*rate) : Json(nullptr);
}

struct Entry {
  const char* key;
  Member count;
};

constexpr Entry kSystem[] = {{"servers", &SystemMetrics::servers},
                             {"clients", &SystemMetrics::clients},
                             {"handles", &SystemMetrics::handles},
                             {"arenas_used", &SystemMetrics::arenas_used},
                             {"arenas_total", &SystemMetrics::arenas_total},
                             {"tcp_buffers_used", &SystemMetrics::tcp_buffers_used},
                             {"tcp_buffers_total", &SystemMetrics::tcp_buffers_total},
                             {"queue_depth", &SystemMetrics::queue_depth},
                             {"pending_requests", &SystemMetrics::pending_requests},
                             {"pending_responses", &SystemMetrics::pending_responses}};

Json system_json(const Group& group) {
  Json system = Json::object();
  for (const auto& [key, count] : kSystem) system[key] = number(sum(group, count));
  return system;
}

// What the runtime's page draws as the pool of connections: the runtime has none and takes 16 a
// stream arena, 256 without arenas.
std::pair<Count, Count> connection_slab(const Group& group) {
  const Count arenas = sum(group, &SystemMetrics::arenas_total);
  if (!arenas) return {};
  const std::uint64_t total = *arenas > 0 ? *arenas * 16 : 256;
  std::uint64_t used = 0;
  for (const Member state : {&SystemMetrics::connections_active, &SystemMetrics::connections_idle,
                             &SystemMetrics::connections_closing}) {
    const Count count = sum(group, state);
    if (!count) return {total, std::nullopt};
    used += *count;
  }
  return {total, total - std::min(total, used)};
}

Json named_system_json(const std::string& name, const Group& group) {
  Json system = system_json(group);
  const auto [slab_total, slab_available] = connection_slab(group);
  system["conn_slab_total"] = number(slab_total);
  system["conn_slab_available"] = number(slab_available);
  return {{"name", name},
          {"uptime_seconds", seconds(uptime_ns(group))},
          {"loop",
           {{"iterations", number(sum(group, &SystemMetrics::loop_iterations))},
            {"events_processed", number(sum(group, &SystemMetrics::loop_events))}}},
          {"system", std::move(system)},
          {"connections",
           {{"active", number(sum(group, &SystemMetrics::connections_active))},
            {"idle", number(sum(group, &SystemMetrics::connections_idle))},
            {"closing", number(sum(group, &SystemMetrics::connections_closing))}}}};
}

}  // namespace

Count sum_of_systems(const model::TargetMetrics& target, Member count) {
  return sum(all_of(target), count);
}

Json aio_json(const model::TargetMetrics& target) {
  const Group group = all_of(target);
  const auto total = [&](Member count) { return number(sum(group, count)); };
  return {{"uptime_seconds", seconds(uptime_ns(group))},
          {"system", system_json(group)},
          {"connections",
           {{"total", total(&SystemMetrics::connections_accepted)},
            {"active", total(&SystemMetrics::connections_active)},
            {"failed", total(&SystemMetrics::connections_failed)},
            {"rejected", nullptr},
            {"rejected_load", total(&SystemMetrics::connections_rejected)},
            {"connecting", total(&SystemMetrics::connections_connecting)},
            {"idle", total(&SystemMetrics::connections_idle)},
            {"closing", total(&SystemMetrics::connections_closing)}}},
          {"streams",
           {{"total", total(&SystemMetrics::streams)},
            {"active", total(&SystemMetrics::streams_active)}}},
          {"bytes",
           {{"sent_total", total(&SystemMetrics::bytes_sent)},
            {"recv_total", total(&SystemMetrics::bytes_received)},
            {"sent_rate_kbps", rate_kbps(group, &SystemMetrics::bytes_sent)},
            {"recv_rate_kbps", rate_kbps(group, &SystemMetrics::bytes_received)}}}};
}

Json systems_json(const model::TargetMetrics& target) {
  std::vector<std::pair<std::string, Group>> groups;
  for (const SystemMetrics& system : target.systems) {
    const std::string name = valid_utf8(system.name);
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const auto& known) { return known.first == name; });
    if (group == groups.end()) group = groups.insert(group, {name, {}});
    group->second.push_back(&system);
  }
  Json systems = Json::array();
  for (const auto& [name, group] : groups) systems.push_back(named_system_json(name, group));
  return systems;
}

}  // namespace expose
