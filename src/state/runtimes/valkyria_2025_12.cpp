#include "state/runtimes/valkyria_2025_12.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "state/field_reader.h"
#include "state/runtimes/valkyria.h"
#include "state/runtimes/valkyria_2025_12_fields.h"

namespace state {
namespace {

using namespace valkyria_2025_12;
using base::fail;
using base::Result;
using model::Count;

class ValkyriaReader : public Reader {
 public:
  ValkyriaReader(Layout layout, std::uint64_t load_bias)
      : fields_(std::move(layout), load_bias),
        gc_(kGcNumbers, fields_),
        interpreter_(kInterpreterNumbers, fields_),
        system_(kSystemNumbers, fields_),
        parts_(kSystemPaths, phase_of, fields_, load_bias),
        client_(kClientNumbers, fields_),
        registry_(kRegistry, fields_) {}

  Result<Readings> read(memory::Memory& memory, Moment moment) override {
    if (auto copied = fields_.read(memory); !copied) return base::pass_on(copied);
    if (fields_.unreadable() > 0) return fail("read the runtime: a part of it is not mapped");
    Readings readings;
    readings.gc = gc();
    interpreter_.fill(readings.interpreter, fields_, {});
    // Null until the runtime starts its first AIO system.
    if (number(kSystem).value_or(0) != 0) {
      auto system = read_system(memory, moment);
      if (!system) return base::pass_on(system);
      readings.systems.push_back(std::move(*system));
      if (auto clients = read_clients(readings.clients); !clients) {
        return base::pass_on(clients);
      }
    }
    if (auto registered = registry_.read(memory, fields_, readings); !registered) {
      return base::pass_on(registered);
    }
    readings.events.gc_cycles = readings.gc.cycles;
    readings.events.requests = sum_over(readings.systems, &SystemMetrics::requests);
    readings.events.connections = sum_over(readings.systems, &SystemMetrics::connections_accepted);
    return readings;
  }

  std::vector<model::Member> members() const override {
    std::vector<model::Member> members;
    const auto has = [&](const char* path) { return fields_.find(path).has_value(); };
    gc_.append_members(members);
    if (has(kHeapUsed)) members.emplace_back(&GcMetrics::heap_peak_bytes);
    if (has(kCells) && has(kCellsFree)) {
      members.insert(members.end(), {&GcMetrics::cells_used, &GcMetrics::cells_total});
      if (has(kCellBytes)) {
        members.insert(members.end(),
                       {&GcMetrics::cells_used_bytes, &GcMetrics::cells_total_bytes});
      }
    }
    interpreter_.append_members(members);
    system_.append_members(members);
    parts_.append_members(members, fields_);
    if (has(kSystemStart)) members.emplace_back(&SystemMetrics::uptime_ns);
    const bool has_queues = std::all_of(kQueues.begin(), kQueues.end(), [&](const auto& queue) {
      return has(queue.count) && has(queue.taken);
    });
    if (has_queues) {
      for (const QueueUse& queue : kQueues) members.emplace_back(queue.waiting);
      members.emplace_back(&SystemMetrics::queue_depth);
    }
    client_.append_members(members);
    if (has(kClientLatencySum)) members.emplace_back(&ClientMetrics::latency);
    registry_.append_members(members);
    return members;
  }

  std::vector<Difference> differences() const override {
    return of_members(kDifferences, members());
  }

 private:
  Count number(const char* path, std::initializer_list<std::size_t> element = {}) const {
    return fields_.number(fields_.find(path), element);
  }

  GcMetrics gc() {
    GcMetrics gc;
    gc_.fill(gc, fields_, {});
    gc.heap_peak_bytes = peak_.raise(number(kHeapPeak), gc.heap_used_bytes);
    const Count cells = number(kCells);
    const Count used = difference(cells, number(kCellsFree));
    if (!used) return gc;
    gc.cells_used = used;
    gc.cells_total = cells;
    if (const Count bytes = number(kCellBytes)) {
      gc.cells_used_bytes = scaled(used, *bytes);
      gc.cells_total_bytes = scaled(cells, *bytes);
    }
    return gc;
  }

  Result<SystemMetrics> read_system(memory::Memory& memory, Moment moment) {
    SystemMetrics system;
    system.name = parts_.name(fields_);
    system_.fill(system, fields_, {});
    parts_.loop().fill(system, fields_, true, moment);
    system.uptime_ns = age_ns(number(kSystemStart), moment.now_ns);
    for (const QueueUse& queue : kQueues) {
      system.*queue.waiting = difference(number(queue.count), number(queue.taken));
    }
    if (system.pending_requests && system.pending_responses) {
      system.queue_depth = *system.pending_requests + *system.pending_responses;
    }
    if (auto filled = parts_.fill_pools(system, memory, fields_); !filled) {
      return base::pass_on(filled);
    }
    return system;
  }

  Result<void> read_clients(std::vector<ClientMetrics>& clients) const {
    const FieldHandle name = fields_.find(kClientName);
    const Count count = number(kClientCount);
    if (!name || !count) return {};
    if (*count > fields_.capacity(name)) {
      return fail("read {}: {} of at most {}: this is no list of clients", kClientCount, *count,
                  fields_.capacity(name));
    }
    for (std::size_t i = 0; i < *count; ++i) {
      ClientMetrics client;
      client.name = fields_.text(name, {i}).value_or("");
      client.type = fields_.text(fields_.find(kClientType), {i}).value_or("");
      client_.fill(client, fields_, {i});
      const Count sum_ns = scaled(number(kClientLatencySum, {i}), kMicroseconds);
      const Count samples = number(kClientLatencyCount, {i});
      if (sum_ns && samples) client.latency = model::DurationSum{*sum_ns, *samples};
      clients.push_back(std::move(client));
    }
    return {};
  }

  FieldReader fields_;
  NumberTable<GcMetrics> gc_;
  NumberTable<InterpreterMetrics> interpreter_;
  NumberTable<SystemMetrics> system_;
  SystemParts parts_;
  NumberTable<ClientMetrics> client_;
  RuntimeRegistry registry_;
  HeapPeak peak_;
};

}  // namespace

std::vector<std::string> valkyria_2025_12_paths() {
  std::vector<std::string> paths{
      kHeapPeak,    kCells,      kCellsFree,  kCellBytes,        kSystem,
      kSystemStart, kClientName, kClientType, kClientLatencySum, kClientLatencyCount};
  append_paths(paths, kGcNumbers);
  append_paths(paths, kInterpreterNumbers);
  append_paths(paths, kSystemNumbers);  // kClientCount is in there
  append_paths(paths, kSystemPaths);
  append_paths(paths, kClientNumbers);
  for (const QueueUse& queue : kQueues) {
    paths.emplace_back(queue.count);
    paths.emplace_back(queue.taken);
  }
  append_paths(paths, kRegistry);
  return without_twins(std::move(paths));
}

std::unique_ptr<Reader> make_valkyria_2025_12_reader(Layout layout, std::uint64_t load_bias) {
  return std::make_unique<ValkyriaReader>(std::move(layout), load_bias);
}

}  // namespace state
