#include "state/runtimes/valkyria_2026_02_system.h"

#include <algorithm>
#include <array>
#include <utility>

#include "state/read_plan.h"
#include "state/runtimes/valkyria_2026_02_fields.h"

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
      pools_(kPoolNumbers, fields_),
      parts_(kSystemPaths, phase_of, fields_, load_bias) {}

Result<std::optional<SystemReading>> AioSystem::read(memory::Memory& memory, std::uint64_t address,
                                                     bool runtime_ends, Moment moment) {
  if (auto copied = fields_.read(memory); !copied) return base::pass_on(copied);
  if (number(kSystem) != address) return std::optional<SystemReading>();
  if (address != address_) parts_.loop().begin_anew();
  address_ = address;
  SystemReading reading;
  SystemMetrics& metrics = reading.metrics;
  reading.stops = runtime_ends || number(kSystemStops).value_or(0) != 0;
  metrics.name = parts_.name(fields_);
  shared_.fill(metrics, fields_, {});
  if (!runtime_ends) parts_.loop().fill(metrics, fields_, !reading.stops, moment);
  if (reading.stops) return std::optional(std::move(reading));
  // Only one that stops may point to what is no longer there.
  if (fields_.unreadable() > 0) return fail("read an AIO system: a part of it is not mapped");
  pools_.fill(metrics, fields_, {});
  if (auto filled = parts_.fill_pools(metrics, memory, fields_); !filled) {
    return base::pass_on(filled);
  }
  return std::optional(std::move(reading));
}

void AioSystem::append_members(std::vector<model::Member>& members) const {
  shared_.append_members(members);
  pools_.append_members(members);
  parts_.append_members(members, fields_);
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
