#include "state/runtimes/valkyria_2026_02.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "state/field_reader.h"
#include "state/runtimes/valkyria_2026_02_fields.h"
#include "state/runtimes/valkyria_2026_02_system.h"

namespace state {
namespace {

using namespace valkyria_2026_02;
using base::fail;
using base::Result;
using model::Count;

// As many as the runtime has room for.
constexpr std::size_t kMaxSystems = 16;

class ValkyriaReader : public Reader {
 public:
  ValkyriaReader(const Layout& layout, std::uint64_t load_bias)
      : load_bias_(load_bias),
        system_layout_(layout_of_system(layout)),
        fields_(layout_of_runtime(layout), load_bias),
        gc_(kGcNumbers, fields_),
        interpreter_(kInterpreterNumbers, fields_),
        registry_(kRegistry, fields_) {
    const elf::Field* const context = fields_.layout().find(kSubsystemContext);
    if (context != nullptr && context->repeats.size() == 1) stride_ = context->repeats[0].stride;
  }

  Result<Readings> read(memory::Memory& memory, Moment moment) override {
    if (auto copied = fields_.read(memory); !copied) return base::pass_on(copied);
    if (fields_.unreadable() > 0) return fail("read the runtime: a part of it is not mapped");
    Readings readings;
    readings.gc = gc();
    interpreter_.fill(readings.interpreter, fields_, {});
    auto systems = read_systems(memory, moment);
    if (!systems) return base::pass_on(systems);
    readings.systems = std::move(*systems);
    if (auto registered = registry_.read(memory, fields_, readings); !registered) {
      return base::pass_on(registered);
    }
    readings.events.gc_cycles = readings.gc.cycles;
    if (has_systems()) {
      readings.events.requests = sum_over(readings.systems, &SystemMetrics::requests);
      readings.events.connections = begun_connections(readings.systems);
    }
    return readings;
  }

  std::vector<model::Member> members() const override {
    std::vector<model::Member> members;
    gc_.append_members(members);
    if (has(kHeapLargeBytes) && has(kClassUsedSlots) && has(kClassSlotBytes)) {
      members.insert(members.end(), {&GcMetrics::heap_used_bytes, &GcMetrics::heap_peak_bytes});
    }
    if (has(kHeapBeforeLastCycle) && has(kReclaimedByLastCycle)) {
      members.emplace_back(&GcMetrics::heap_live_bytes);
    }
    if (has(kHeapSoftLimit) && has(kHeapTriggerPercent)) {
      members.emplace_back(&GcMetrics::trigger_bytes);
    }
    interpreter_.append_members(members);
    if (has_systems()) {
      AioSystem(system_layout_, 0, load_bias_).append_members(members);
      if (has(kSystemStartUs)) members.emplace_back(&SystemMetrics::uptime_ns);
    }
    registry_.append_members(members);
    return members;
  }

  std::vector<Difference> differences() const override {
    return of_members(kDifferences, members());
  }

 private:
  // The runtime counts those that failed to be accepted, too; no function tells of them.
  static Count begun_connections(const std::vector<SystemMetrics>& systems) {
    const Count all = sum_over(systems, &SystemMetrics::connections_accepted);
    const Count failed = sum_over(systems, &SystemMetrics::connections_failed);
    return all && failed && *failed <= *all ? Count(*all - *failed) : std::nullopt;
  }

  bool has(const char* path) const { return fields_.find(path).has_value(); }

  Count number(const char* path, std::initializer_list<std::size_t> element = {}) const {
    return fields_.number(fields_.find(path), element);
  }

  GcMetrics gc() {
    GcMetrics gc;
    gc_.fill(gc, fields_, {});
    gc.heap_used_bytes = heap_used_bytes();
    const Count before_last = number(kHeapBeforeLastCycle);
    gc.heap_peak_bytes = peak_.raise(before_last, gc.heap_used_bytes);
    if (before_last != 0) {
      gc.heap_live_bytes = difference(before_last, number(kReclaimedByLastCycle));
    }
    const Count soft_limit = number(kHeapSoftLimit);
    const Count percent = number(kHeapTriggerPercent);
    const Count hundredfold = percent ? scaled(gc.heap_total_bytes, *percent) : std::nullopt;
    if (soft_limit && hundredfold) gc.trigger_bytes = std::min(*soft_limit, *hundredfold / 100);
    return gc;
  }

  // Slots that are taken, or handed to a thread that will; and objects that fit into none.
  Count heap_used_bytes() const {
    Count used = number(kHeapLargeBytes);
    const std::size_t classes = fields_.capacity(fields_.find(kClassUsedSlots));
    if (classes == 0) return std::nullopt;
    for (std::size_t i = 0; i < classes; ++i) {
      const Count slot_bytes = number(kClassSlotBytes, {i});
      const Count bytes =
          slot_bytes ? scaled(number(kClassUsedSlots, {i}), *slot_bytes) : std::nullopt;
      if (!used || !bytes || *used > kMaxBelieved - *bytes) return std::nullopt;
      used = *used + *bytes;
    }
    return used;
  }

  bool has_systems() const {
    return stride_ != 0 && has(kSubsystemCount) && has(kSubsystemStop) &&
           fields_.layout().find(kStopsAioSystem) != nullptr && !system_layout_.fields.empty();
  }

  Result<std::vector<SystemMetrics>> read_systems(memory::Memory& memory, Moment moment) {
    if (!has_systems() || number(kRuntime).value_or(0) == 0) return std::vector<SystemMetrics>();
    const Count count = number(kSubsystemCount);
    const std::size_t capacity = std::min(fields_.capacity(fields_.find(kSubsystemContext)),
                                          fields_.capacity(fields_.find(kSubsystemStop)));
    if (!count || *count > capacity) {
      return fail("read {}: {} of at most {}: this is no list of subsystems", kSubsystemCount,
                  count.value_or(0), capacity);
    }
    const bool ends = number(kRuntimeEnds).value_or(0) != 0;
    std::vector<std::uint64_t> seen;
    std::vector<SystemReading> readings;
    for (std::size_t i = 0; i < *count; ++i) {
      const std::uint64_t address = address_of_system(i);
      if (address == 0 || std::find(seen.begin(), seen.end(), address) != seen.end()) continue;
      if (seen.size() == kMaxSystems) return fail("read {}: too many systems", kSubsystemCount);
      seen.push_back(address);
      auto reading = system_at(i).read(memory, address, ends, moment);
      if (!reading) return base::pass_on(reading);
      if (*reading) readings.push_back(std::move(**reading));
    }
    std::vector<SystemMetrics> systems = merge_by_name(readings);
    for (SystemMetrics& system : systems) {
      system.uptime_ns = age_ns(number(kSystemStartUs), moment.now_ns);
    }
    return systems;
  }

  // 0: the subsystem is something else.
  std::uint64_t address_of_system(std::size_t index) const {
    const std::uint64_t stop = fields_.layout().find(kStopsAioSystem)->address + load_bias_;
    if (number(kSubsystemStop, {index}) != stop) return 0;
    return number(kSubsystemContext, {index}).value_or(0);
  }

  AioSystem& system_at(std::size_t index) {
    auto& system = systems_[index];
    if (!system) system = std::make_unique<AioSystem>(system_layout_, index * stride_, load_bias_);
    return *system;
  }

  std::uint64_t load_bias_;
  Layout system_layout_;
  FieldReader fields_;
  NumberTable<GcMetrics> gc_;
  NumberTable<InterpreterMetrics> interpreter_;
  RuntimeRegistry registry_;
  std::uint64_t stride_ = 0;                                   // of a subsystem
  std::map<std::size_t, std::unique_ptr<AioSystem>> systems_;  // by subsystem
  HeapPeak peak_;
};

}  // namespace

std::vector<std::string> valkyria_2026_02_paths() {
  std::vector<std::string> paths{kRuntime,
                                 kRuntimeEnds,
                                 kHeapSoftLimit,
                                 kHeapTriggerPercent,
                                 kHeapLargeBytes,
                                 kClassUsedSlots,
                                 kClassSlotBytes,
                                 kSubsystemCount,
                                 kHeapBeforeLastCycle,
                                 kSubsystemStop,
                                 kSubsystemContext,
                                 kStopsAioSystem,
                                 kSystem,
                                 kSystemStops,
                                 kSystemStartUs,
                                 kReclaimedByLastCycle};
  append_paths(paths, kGcNumbers);
  append_paths(paths, kInterpreterNumbers);
  append_paths(paths, kSharedNumbers);
  append_paths(paths, kPoolNumbers);
  append_paths(paths, kSystemPaths);
  append_paths(paths, kRegistry);
  return without_twins(std::move(paths));
}

// A KnownLayout's reader may keep its layout. NOLINTNEXTLINE(performance-unnecessary-value-param)
std::unique_ptr<Reader> make_valkyria_2026_02_reader(Layout layout, std::uint64_t load_bias) {
  return std::make_unique<ValkyriaReader>(layout, load_bias);
}

}  // namespace state
