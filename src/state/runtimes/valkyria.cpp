#include "state/runtimes/valkyria.h"

#include <algorithm>

namespace state::valkyria {

using base::Result;
using model::Count;

void append_paths(std::vector<std::string>& paths, const SystemPaths& system) {
  paths.emplace_back(system.name);
  state::append_paths(paths, system.loop);
  for (const SlabUse& slab : system.slabs) {
    paths.emplace_back(slab.items);
    paths.emplace_back(slab.free);
  }
  state::append_paths(paths, system.connections);
}

Count age_ns(Count begun_us, std::uint64_t now_ns) {
  const Count begun_ns = scaled(begun_us, kMicroseconds);
  return begun_ns && *begun_ns != 0 && *begun_ns <= now_ns ? Count(now_ns - *begun_ns)
                                                           : std::nullopt;
}

Count HeapPeak::raise(Count told_bytes, Count used_bytes) {
  peak_bytes_ = std::max({peak_bytes_, told_bytes.value_or(0), used_bytes.value_or(0)});
  return used_bytes ? Count(peak_bytes_) : std::nullopt;
}

SystemParts::SystemParts(const SystemPaths& paths, Phase (*phase_of)(std::uint64_t state),
                         const FieldReader& fields, std::uint64_t load_bias)
    : paths_(paths),
      phase_of_(phase_of),
      loop_(paths.loop, fields),
      connections_(paths.connections, fields, load_bias) {}

std::string SystemParts::name(const FieldReader& fields) const {
  return fields.text(fields.find(paths_.name)).value_or("");
}

Result<void> SystemParts::fill_pools(SystemMetrics& system, memory::Memory& memory,
                                     const FieldReader& fields) const {
  for (const SlabUse& slab : paths_.slabs) {
    system.*slab.used =
        difference(fields.number(fields.find(slab.items)), fields.number(fields.find(slab.free)));
  }
  return count_connections(system, memory, fields);
}

// From the connections themselves: the runtimes' gauges of states are never written, and their
// counts of active connections or open streams leak.
Result<void> SystemParts::count_connections(SystemMetrics& system, memory::Memory& memory,
                                            const FieldReader& fields) const {
  if (!connections_.is_known()) return {};
  const auto list = connections_.read(memory, fields);
  if (!list) return base::pass_on(list);
  if (!*list) return {};
  std::uint64_t connecting = 0;
  std::uint64_t active = 0;
  std::uint64_t idle = 0;
  std::uint64_t closing = 0;
  std::uint64_t streams = 0;
  for (const Connection& connection : **list) {
    if (!connection.is_server_side) continue;
    switch (phase_of_(connection.state)) {
      case Phase::kConnecting:
        ++connecting;
        break;
      case Phase::kOpen:
        ++(connection.active_streams > 0 ? active : idle);
        streams += connection.active_streams;
        break;
      case Phase::kClosing:
        ++closing;
        break;
      case Phase::kGone:
        break;
    }
  }
  system.connections_connecting = connecting;
  system.connections_active = active;
  system.connections_idle = idle;
  system.connections_closing = closing;
  system.connection_pool_used = active + idle + closing;
  system.streams_active = streams;
  system.requests_active = streams;
  return {};
}

void SystemParts::append_members(std::vector<model::Member>& members,
                                 const FieldReader& fields) const {
  loop_.append_members(members);
  for (const SlabUse& slab : paths_.slabs) {
    if (fields.find(slab.items) && fields.find(slab.free)) members.emplace_back(slab.used);
  }
  if (!connections_.is_known()) return;
  members.insert(members.end(),
                 {&SystemMetrics::connections_connecting, &SystemMetrics::connections_active,
                  &SystemMetrics::connections_idle, &SystemMetrics::connections_closing,
                  &SystemMetrics::connection_pool_used, &SystemMetrics::streams_active,
                  &SystemMetrics::requests_active});
}

}  // namespace state::valkyria
