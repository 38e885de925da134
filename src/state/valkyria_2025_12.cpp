#include "state/valkyria_2025_12.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "state/field_reader.h"
#include "state/valkyria_2025_12_fields.h"

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
        loop_(kLoopNumbers, fields_),
        client_(kClientNumbers, fields_),
        connections_(kConnectionPaths, fields_, load_bias),
        registry_(kRegistry, fields_) {}

  Result<Readings> read(memory::Memory& memory, std::uint64_t now_ns) override {
    if (auto copied = fields_.read(memory); !copied) return base::pass_on(copied);
    if (fields_.unreadable() > 0) return fail("read the runtime: a part of it is not mapped");
    Readings readings;
    readings.gc = gc();
    interpreter_.fill(readings.interpreter, fields_, {});
    // Null until the runtime starts its first AIO system.
    if (number(kSystem).value_or(0) != 0) {
      auto system = read_system(memory, now_ns);
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
    if (has(kHeapObjectBytes) && has(kCellSlabItems) && has(kCellSlabFree) &&
        has(kCellSlabItemBytes)) {
      members.insert(members.end(), {&GcMetrics::heap_used_bytes, &GcMetrics::heap_peak_bytes});
    }
    interpreter_.append_members(members);
    system_.append_members(members);
    loop_.append_members(members);
    if (has(kLoopIdle) && has(kLoopWaitsSince)) members.emplace_back(&SystemMetrics::loop_idle_ns);
    if (has(kSystemStart)) members.emplace_back(&SystemMetrics::uptime_ns);
    for (const SlabUse& slab : kSlabs) {
      if (has(slab.items) && has(slab.free)) members.emplace_back(slab.used);
    }
    const bool has_queues = std::all_of(kQueues.begin(), kQueues.end(), [&](const auto& queue) {
      return has(queue.count) && has(queue.taken);
    });
    if (has_queues) {
      for (const QueueUse& queue : kQueues) members.emplace_back(queue.waiting);
      members.emplace_back(&SystemMetrics::queue_depth);
    }
    if (connections_.is_known()) {
      members.insert(members.end(),
                     {&SystemMetrics::connections_connecting, &SystemMetrics::connections_active,
                      &SystemMetrics::connections_idle, &SystemMetrics::connections_closing,
                      &SystemMetrics::connection_pool_used, &SystemMetrics::streams_active,
                      &SystemMetrics::requests_active});
    }
    client_.append_members(members);
    if (has(kClientLatencySum)) members.emplace_back(&ClientMetrics::latency);
    registry_.append_members(members);
    return members;
  }

 private:
  Count number(const char* path, std::initializer_list<std::size_t> element = {}) const {
    return fields_.number(fields_.find(path), element);
  }

  // Values' cells count too. The runtime's own peak leaves them out, so ours is what we have seen.
  GcMetrics gc() {
    GcMetrics gc;
    gc_.fill(gc, fields_, {});
    const Count cells = difference(number(kCellSlabItems), number(kCellSlabFree));
    const Count objects = number(kHeapObjectBytes);
    const Count item_bytes = number(kCellSlabItemBytes);
    const Count cell_bytes = item_bytes ? scaled(cells, *item_bytes) : std::nullopt;
    if (objects && cell_bytes && *objects <= kMaxBelieved - *cell_bytes) {
      gc.heap_used_bytes = *objects + *cell_bytes;
    }
    peak_bytes_ = std::max(
        {peak_bytes_, number(kHeapPeakObjectBytes).value_or(0), gc.heap_used_bytes.value_or(0)});
    if (gc.heap_used_bytes) gc.heap_peak_bytes = peak_bytes_;
    return gc;
  }

  Result<SystemMetrics> read_system(memory::Memory& memory, std::uint64_t now_ns) {
    SystemMetrics system;
    system.name = fields_.text(fields_.find(kSystemName)).value_or("");
    system_.fill(system, fields_, {});
    loop_.fill(system, fields_, {});
    const Count started_ns = scaled(number(kSystemStart), kMicroseconds);
    if (started_ns && *started_ns != 0 && *started_ns <= now_ns) {
      system.uptime_ns = now_ns - *started_ns;
    }
    system.loop_idle_ns = idle_ns(now_ns);
    for (const SlabUse& slab : kSlabs) {
      system.*slab.used = difference(number(slab.items), number(slab.free));
    }
    for (const QueueUse& queue : kQueues) {
      system.*queue.waiting = difference(number(queue.count), number(queue.taken));
    }
    if (system.pending_requests && system.pending_responses) {
      system.queue_depth = *system.pending_requests + *system.pending_responses;
    }
    if (auto counted = count_connections(memory, system); !counted) {
      return base::pass_on(counted);
    }
    return system;
  }

  // libuv adds a wait when it is over, so the one that goes on is added here. The clock was read
  // before the memory, and the largest so far counts: this never falls.
  Count idle_ns(std::uint64_t now_ns) {
    const Count idle = number(kLoopIdle);
    const Count since = number(kLoopWaitsSince);
    if (!idle || !since) return std::nullopt;
    const std::uint64_t wait_ns = *since != 0 && *since < now_ns ? now_ns - *since : 0;
    idle_ns_ = std::max(idle_ns_, *idle + wait_ns);
    return idle_ns_;
  }

  // From the connections themselves: the runtime's counters of states are never written, and its
  // count of open streams leaks one with every overload.
  Result<void> count_connections(memory::Memory& memory, SystemMetrics& system) const {
    if (!connections_.is_known()) return {};
    const auto list = connections_.read(memory, fields_);
    if (!list) return base::pass_on(list);
    if (!*list) return {};
    std::uint64_t connecting = 0, active = 0, idle = 0, closing = 0, streams = 0;
    for (const Connection& connection : **list) {
      if (!connection.is_server_side) continue;
      if (connection.state == kInit) ++connecting;
      if (connection.state == kClosing) ++closing;
      if (connection.state == kEstablished) {
        ++(connection.active_streams > 0 ? active : idle);
        streams += connection.active_streams;
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
  NumberTable<SystemMetrics> loop_;
  NumberTable<ClientMetrics> client_;
  ConnectionList connections_;
  RuntimeRegistry registry_;
  std::uint64_t peak_bytes_ = 0;
  std::uint64_t idle_ns_ = 0;
};

}  // namespace

std::vector<std::string> valkyria_2025_12_paths() {
  std::vector<std::string> paths{kHeapObjectBytes, kHeapPeakObjectBytes, kCellSlabItems,
                                 kCellSlabFree,    kCellSlabItemBytes,   kSystem,
                                 kSystemName,      kSystemStart,         kLoopIdle,
                                 kLoopInternals,   kLoopWaitsSince,      kClientName,
                                 kClientType,      kClientLatencySum,    kClientLatencyCount};
  append_paths(paths, kGcNumbers);
  append_paths(paths, kInterpreterNumbers);
  append_paths(paths, kSystemNumbers);  // kClientCount is in there
  append_paths(paths, kLoopNumbers);
  append_paths(paths, kClientNumbers);
  for (const SlabUse& slab : kSlabs) {
    paths.emplace_back(slab.items);
    paths.emplace_back(slab.free);
  }
  for (const QueueUse& queue : kQueues) {
    paths.emplace_back(queue.count);
    paths.emplace_back(queue.taken);
  }
  const ConnectionListPaths& list = kConnectionPaths;  // its slab's items are above
  for (const char* path :
       {list.slab, list.slab_item_bytes, list.head_next, list.previous, list.next, list.argument,
        list.on_close, list.on_close_function, list.connection_state, list.connection_handle,
        list.connection_server, list.connection_streams}) {
    paths.emplace_back(path);
  }
  append_paths(paths, kRegistry);
  return paths;
}

std::unique_ptr<Reader> make_valkyria_2025_12_reader(Layout layout, std::uint64_t load_bias) {
  return std::make_unique<ValkyriaReader>(std::move(layout), load_bias);
}

}  // namespace state
