#include "state/valkyria_2025_12.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "state/field_reader.h"
#include "state/text_cache.h"
#include "state/valkyria_2025_12_fields.h"

namespace state {
namespace {

using namespace valkyria_2025_12;
using base::fail;
using base::Result;
using model::Count;
using model::ServerMetrics;

// What pools and lists tell can be torn; what is more than there is was.
Count difference(Count items, Count free) {
  return items && free && *free <= *items ? Count(*items - *free) : std::nullopt;
}

struct StatusText {
  std::string_view text;
  model::StatusClass status;
};
constexpr std::array kStatuses{
    StatusText{"2xx", model::StatusClass::k2xx}, StatusText{"3xx", model::StatusClass::k3xx},
    StatusText{"4xx", model::StatusClass::k4xx}, StatusText{"5xx", model::StatusClass::k5xx}};

// The registry's servers, by what their series are labelled with.
class Servers {
 public:
  // Null: the series is of no server.
  ServerMetrics* find(const RegisteredMetric& metric) {
    const auto host = metric.label("server");
    const auto port = metric.label("port");
    const auto protocol = metric.label("protocol");
    if (host.empty() || port.empty()) return nullptr;
    ServerMetrics& server = servers_[{std::string(host), std::string(port), std::string(protocol)}];
    server.host = host;
    server.port = port;
    server.protocol = protocol;
    return &server;
  }

  std::vector<ServerMetrics> take() {
    std::vector<ServerMetrics> list;
    for (auto& [key, server] : servers_) list.push_back(std::move(server));
    return list;
  }

 private:
  std::map<std::tuple<std::string, std::string, std::string>, ServerMetrics> servers_;
};

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
        counters_(kCounters, fields_),
        gauges_(kGauges, fields_),
        histograms_(kHistograms, fields_) {}

  Result<Readings> read(memory::Memory& memory, std::uint64_t now_ns) override {
    if (auto copied = fields_.read(memory); !copied) return tl::make_unexpected(copied.error());
    if (fields_.unreadable() > 0) return fail("read the runtime: a part of it is not mapped");
    Readings readings;
    readings.gc = gc();
    interpreter_.fill(readings.interpreter, fields_, {});
    // Null until the runtime starts its first AIO system.
    if (number(kSystem).value_or(0) != 0) {
      auto system = read_system(memory, now_ns);
      if (!system) return tl::make_unexpected(system.error());
      readings.systems.push_back(std::move(*system));
      if (auto clients = read_clients(readings.clients); !clients) {
        return tl::make_unexpected(clients.error());
      }
    }
    auto servers = read_servers(memory);
    if (!servers) return tl::make_unexpected(servers.error());
    readings.servers = std::move(*servers);
    readings.events.gc_cycles = readings.gc.cycles;
    readings.events.requests = sum_over(readings.systems, &SystemMetrics::requests);
    readings.events.connections = sum_over(readings.systems, &SystemMetrics::connections_accepted);
    return readings;
  }

  std::vector<std::string_view> families() const override {
    std::vector<std::string_view> families;
    const auto has = [&](const char* path) { return fields_.find(path).has_value(); };
    gc_.append_families(families);
    if (has(kHeapObjectBytes) && has(kCellSlabItems)) {
      families.insert(families.end(), {"valk_gc_heap_used_bytes", "valk_gc_heap_utilization_ratio",
                                       "valk_gc_heap_peak_bytes"});
    }
    interpreter_.append_families(families);
    system_.append_families(families);
    loop_.append_families(families);
    if (has(kLoopIdle) && has(kLoopWaitsSince)) families.push_back("valk_loop_idle_seconds_total");
    if (has(kSystemStart)) families.push_back("valk_aio_uptime_seconds");
    for (const SlabUse& slab : kSlabs) {
      if (has(slab.items) && has(slab.free)) families.push_back(slab.family);
    }
    if (connections_.is_known()) {
      families.insert(families.end(),
                      {"valk_aio_connections_connecting", "valk_aio_connections_active",
                       "valk_aio_connections_idle", "valk_aio_connections_closing",
                       "valk_aio_streams_active", "valk_aio_requests_active"});
    }
    client_.append_families(families);
    if (has(kClientLatencySum)) families.push_back("http_client_latency_seconds_avg");
    if (counters_.is_known()) {
      families.insert(families.end(), {"http_requests_total", "http_bytes_sent_total",
                                       "http_bytes_recv_total", "http_overload_responses_total"});
    }
    if (gauges_.is_known()) families.push_back("http_connections_active");
    if (histograms_.is_known()) families.push_back("http_request_duration_seconds");
    return families;
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
    const Count cell_bytes = cells ? scaled(*cells, number(kCellSlabItemBytes).value_or(0)) : cells;
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
    if (auto counted = count_connections(memory, system); !counted) {
      return tl::make_unexpected(counted.error());
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
    if (!list) return tl::make_unexpected(list.error());
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

  Result<std::vector<ServerMetrics>> read_servers(memory::Memory& memory) {
    Servers servers;
    const auto counters = counters_.read(memory, fields_, texts_);
    if (!counters) return tl::make_unexpected(counters.error());
    for (const RegisteredMetric& metric : *counters) {
      ServerMetrics* const server = servers.find(metric);
      if (server != nullptr) take_counter(*server, metric);
    }
    const auto gauges = gauges_.read(memory, fields_, texts_);
    if (!gauges) return tl::make_unexpected(gauges.error());
    for (const RegisteredMetric& metric : *gauges) {
      if (metric.name != "http_connections_active") continue;
      ServerMetrics* const server = servers.find(metric);
      if (server != nullptr) server->connections_active = number(kGaugeValue, {metric.index});
    }
    const auto histograms = histograms_.read(memory, fields_, texts_);
    if (!histograms) return tl::make_unexpected(histograms.error());
    for (const RegisteredMetric& metric : *histograms) {
      if (metric.name != "http_request_duration_seconds") continue;
      ServerMetrics* const server = servers.find(metric);
      if (server != nullptr) server->request_duration_ns = duration(metric.index);
    }
    return servers.take();
  }

  void take_counter(ServerMetrics& server, const RegisteredMetric& metric) const {
    const Count value = number(kCounterValue, {metric.index});
    if (metric.name == "http_bytes_sent_total") server.bytes_sent = value;
    if (metric.name == "http_bytes_recv_total") server.bytes_received = value;
    if (metric.name == "http_overload_responses_total") server.overload_responses = value;
    if (metric.name != "http_requests_total" || !value) return;
    // The series without a status is the sum of the others, and would count everything twice.
    for (const StatusText& status : kStatuses) {
      if (metric.label("status") == status.text) server.requests.push_back({status.status, *value});
    }
  }

  std::optional<model::Histogram> duration(std::size_t index) const {
    const Count sum_ns = scaled(number(kHistogramSumUs, {index}), kMicroseconds);
    if (!sum_ns || number(kHistogramBounds, {index}) != kHttpBoundsNs.size()) return std::nullopt;
    model::Histogram histogram{kHttpBoundsNs, {}, *sum_ns};
    for (std::size_t bucket = 0; bucket <= kHttpBoundsNs.size(); ++bucket) {
      const Count count = number(kHistogramBuckets, {index, bucket});
      if (!count) return std::nullopt;
      histogram.counts.push_back(*count);
    }
    return histogram;
  }

  FieldReader fields_;
  NumberTable<GcMetrics> gc_;
  NumberTable<InterpreterMetrics> interpreter_;
  NumberTable<SystemMetrics> system_;
  NumberTable<SystemMetrics> loop_;
  NumberTable<ClientMetrics> client_;
  ConnectionList connections_;
  MetricArray counters_;
  MetricArray gauges_;
  MetricArray histograms_;
  TextCache texts_;
  std::uint64_t peak_bytes_ = 0;
  std::uint64_t idle_ns_ = 0;
};

}  // namespace

std::vector<std::string> valkyria_2025_12_paths() {
  std::vector<std::string> paths{kHeapObjectBytes, kHeapPeakObjectBytes, kCellSlabItems,
                                 kCellSlabFree,    kCellSlabItemBytes,   kSystem,
                                 kSystemName,      kSystemStart,         kLoopIdle,
                                 kLoopInternals,   kLoopWaitsSince,      kClientName,
                                 kClientType,      kClientLatencySum,    kClientLatencyCount,
                                 kCounterValue,    kGaugeValue,          kHistogramSumUs,
                                 kHistogramBounds, kHistogramBuckets};
  append_paths(paths, kGcNumbers);
  append_paths(paths, kInterpreterNumbers);
  append_paths(paths, kSystemNumbers);  // kClientCount is in there
  append_paths(paths, kLoopNumbers);
  append_paths(paths, kClientNumbers);
  for (const SlabUse& slab : kSlabs) {
    paths.emplace_back(slab.items);
    paths.emplace_back(slab.free);
  }
  const ConnectionListPaths& list = kConnectionPaths;  // its slab's items are above
  for (const char* path :
       {list.slab, list.slab_item_bytes, list.head_next, list.previous, list.next, list.argument,
        list.on_close, list.on_close_function, list.connection_state, list.connection_handle,
        list.connection_server, list.connection_streams}) {
    paths.emplace_back(path);
  }
  for (const MetricArrayPaths& array : {kCounters, kGauges, kHistograms}) {
    for (const char* path :
         {array.count, array.name, array.label_count, array.label_keys, array.label_values}) {
      paths.emplace_back(path);
    }
  }
  return paths;
}

std::unique_ptr<Reader> make_valkyria_2025_12_reader(Layout layout, std::uint64_t load_bias) {
  return std::make_unique<ValkyriaReader>(std::move(layout), load_bias);
}

}  // namespace state
