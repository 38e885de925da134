#include "state/valkyria_2026_02_system.h"

#include <algorithm>
#include <array>
#include <utility>

#include "state/read_plan.h"
#include "state/valkyria_2026_02_fields.h"

namespace state::valkyria_2026_02 {
namespace {

using base::fail;
using base::Result;
using model::Count;

// A system and what hangs on it takes about 10 KiB; there may be a copy for each subsystem.
constexpr std::uint64_t kMaxSystemBytes = 256 * 1024;

// What each system has for itself.
constexpr std::array kLoopCounts{
    &SystemMetrics::loop_iterations,
    &SystemMetrics::loop_events,
    &SystemMetrics::loop_idle_ns,
};
constexpr std::array kPoolCounts{
    &SystemMetrics::handles,
    &SystemMetrics::arenas_used,
    &SystemMetrics::arenas_total,
    &SystemMetrics::tcp_buffers_used,
    &SystemMetrics::tcp_buffers_total,
    &SystemMetrics::connections_connecting,
    &SystemMetrics::connections_active,
    &SystemMetrics::connections_idle,
    &SystemMetrics::connections_closing,
    &SystemMetrics::connection_pool_used,
    &SystemMetrics::streams_active,
    &SystemMetrics::requests_active,
};

bool is_of_system(const elf::Field& field) {
  return field.path.starts_with("valk_sys->subsystems[0].");
}

// The array of subsystems stands behind the first pointer.
Layout moved(Layout layout, std::uint64_t distance) {
  for (elf::Field& field : layout.fields) {
    if (is_of_system(field) && field.offsets.size() > 1) field.offsets[1] += distance;
  }
  return layout;
}

// A sum of which a part is not known is not known.
Count sum(Count a, Count b) {
  return a && b && *a <= kMaxBelieved - *b ? Count(*a + *b) : std::nullopt;
}

template <typename Counts>
void add(const Counts& counts, SystemMetrics& to, const SystemMetrics& system) {
  for (const auto count : counts) to.*count = sum(to.*count, system.*count);
}

}  // namespace

Layout layout_of_system(const Layout& layout) {
  Layout part{layout.name, layout.build_id, {}, {}};
  for (const elf::Field& field : layout.fields) {
    if (is_of_system(field) || field.kind == elf::FieldKind::kPlace) part.fields.push_back(field);
  }
  std::uint64_t bytes = 0;
  for (const ReadRange& range : make_read_plan(part.fields).ranges) {
    bytes += range.end - range.begin;
  }
  if (bytes > kMaxSystemBytes) part.fields.clear();
  return part;
}

Layout layout_of_runtime(const Layout& layout) {
  Layout part{layout.name, layout.build_id, {}, {}};
  for (const elf::Field& field : layout.fields) {
    if (!is_of_system(field)) part.fields.push_back(field);
  }
  return part;
}

AioSystem::AioSystem(Layout layout, std::uint64_t distance, std::uint64_t load_bias)
    : fields_(moved(std::move(layout), distance), load_bias),
      shared_(kSharedNumbers, fields_),
      loop_(kLoopNumbers, fields_),
      pools_(kPoolNumbers, fields_),
      connections_(kConnectionPaths, fields_, load_bias) {}

Result<std::optional<SystemReading>> AioSystem::read(memory::Memory& memory, std::uint64_t address,
                                                     bool runtime_ends, std::uint64_t now_ns) {
  if (auto copied = fields_.read(memory); !copied) return base::pass_on(copied);
  if (number(kSystem) != address) return std::optional<SystemReading>();
  if (address != address_) idle_ns_ = 0;
  address_ = address;
  SystemReading reading;
  SystemMetrics& metrics = reading.metrics;
  reading.stops = runtime_ends || number(kSystemStops).value_or(0) != 0;
  metrics.name = fields_.text(fields_.find(kSystemName)).value_or("");
  shared_.fill(metrics, fields_, {});
  if (!runtime_ends) {
    loop_.fill(metrics, fields_, {});
    metrics.loop_idle_ns = idle_ns(reading.stops, now_ns);
  }
  if (reading.stops) return std::optional(std::move(reading));
  // Only one that stops may point to what is no longer there.
  if (fields_.unreadable() > 0) return fail("read an AIO system: a part of it is not mapped");
  pools_.fill(metrics, fields_, {});
  for (const SlabUse& slab : kSlabs) {
    metrics.*slab.used = difference(number(slab.items), number(slab.free));
  }
  if (auto counted = count_connections(memory, metrics); !counted) {
    return base::pass_on(counted);
  }
  return std::optional(std::move(reading));
}

// libuv adds a wait when it is over, so the one that goes on is added here. The clock was read
// before the memory, and the largest so far counts: this never falls.
Count AioSystem::idle_ns(bool stops, std::uint64_t now_ns) {
  const Count idle = number(kLoopIdle);
  const Count since = number(kLoopWaitsSince);
  if (!idle || !since) return std::nullopt;
  const bool waits = !stops && *since != 0 && *since < now_ns;
  const Count total = sum(idle, waits ? now_ns - *since : 0);
  if (!total) return std::nullopt;
  idle_ns_ = std::max(idle_ns_, *total);
  return idle_ns_;
}

// From the connections themselves: the runtime's gauges of states are never written, and the one of
// active connections also counts those out that it opened itself and never counted in.
Result<void> AioSystem::count_connections(memory::Memory& memory, SystemMetrics& metrics) const {
  if (!connections_.is_known()) return {};
  const auto list = connections_.read(memory, fields_);
  if (!list) return base::pass_on(list);
  if (!*list) return {};
  std::uint64_t connecting = 0, active = 0, idle = 0, closing = 0, streams = 0;
  for (const Connection& connection : **list) {
    if (!connection.is_server_side) continue;
    switch (connection.state) {
      case kInit:
      case kHandshaking:
        ++connecting;
        break;
      case kEstablished:
        ++(connection.active_streams > 0 ? active : idle);
        streams += connection.active_streams;
        break;
      case kGoawaySent:
      case kDraining:
      case kClosing:
      case kError:
        ++closing;
        break;
      default:  // closed, or no state at all
        break;
    }
  }
  metrics.connections_connecting = connecting;
  metrics.connections_active = active;
  metrics.connections_idle = idle;
  metrics.connections_closing = closing;
  metrics.connection_pool_used = active + idle + closing;
  metrics.streams_active = streams;
  metrics.requests_active = streams;
  return {};
}

void AioSystem::append_members(std::vector<model::Member>& members) const {
  const auto has = [&](const char* path) { return fields_.find(path).has_value(); };
  shared_.append_members(members);
  loop_.append_members(members);
  pools_.append_members(members);
  if (has(kLoopIdle) && has(kLoopWaitsSince)) members.emplace_back(&SystemMetrics::loop_idle_ns);
  for (const SlabUse& slab : kSlabs) {
    if (has(slab.items) && has(slab.free)) members.emplace_back(slab.used);
  }
  if (!connections_.is_known()) return;
  members.insert(members.end(),
                 {&SystemMetrics::connections_connecting, &SystemMetrics::connections_active,
                  &SystemMetrics::connections_idle, &SystemMetrics::connections_closing,
                  &SystemMetrics::connection_pool_used, &SystemMetrics::streams_active,
                  &SystemMetrics::requests_active});
}

// Running ones first: one that stops adds nothing to their pools, but would leave them unknown if
// it came first.
std::vector<SystemMetrics> merge_by_name(const std::vector<SystemReading>& readings) {
  std::vector<SystemMetrics> systems;
  for (const bool stops : {false, true}) {
    for (const SystemReading& reading : readings) {
      if (reading.stops != stops) continue;
      const auto same = std::find_if(
          systems.begin(), systems.end(),
          [&](const SystemMetrics& system) { return system.name == reading.metrics.name; });
      if (same == systems.end()) {
        systems.push_back(reading.metrics);
        continue;
      }
      add(kLoopCounts, *same, reading.metrics);
      if (!stops) add(kPoolCounts, *same, reading.metrics);
    }
  }
  return systems;
}

}  // namespace state::valkyria_2026_02
