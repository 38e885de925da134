#include "state/runtimes/minivalk.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "state/field_reader.h"
#include "state/runtimes/libuv.h"
#include "state/runtimes/minivalk_fields.h"
#include "state/runtimes/number_table.h"

namespace state {
namespace {

using base::fail;
using base::Result;
using namespace minivalk;
using model::ClientMetrics;
using model::Count;
using model::GcMetrics;
using model::InterpreterMetrics;
using model::ServerMetrics;
using model::SystemMetrics;

class MinivalkReader : public Reader {
 public:
  MinivalkReader(Layout layout, std::uint64_t load_bias)
      : fields_(std::move(layout), load_bias),
        gc_(kGcNumbers, fields_),
        interpreter_(kInterpreterNumbers, fields_),
        system_(kSystemNumbers, fields_),
        server_(kServerNumbers, fields_),
        client_(kClientNumbers, fields_),
        server_histograms_(kServerHistograms, fields_),
        client_histograms_(kClientHistograms, fields_) {
    for (std::size_t i = 0; i < kStatusPaths.size(); ++i) {
      statuses_[i] = fields_.find(kStatusPaths[i].path);
    }
  }

  Result<Readings> read(memory::Memory& memory, Moment moment) override {
    if (auto copied = fields_.read(memory); !copied) return base::pass_on(copied);
    if (!fields_.is_complete()) return fail("read minivalk_runtime: a part of it is not mapped");
    Readings readings;
    readings.gc = gc();
    interpreter_.fill(readings.interpreter, fields_, {});
    const auto systems = count_of(system_count_, system_name_);
    const auto servers = count_of(server_count_, server_host_);
    const auto clients = count_of(client_count_, client_name_);
    for (const auto* count : {&systems, &servers, &clients}) {
      if (!*count) return base::pass_on(*count);
    }
    for (std::size_t i = 0; i < *systems; ++i) readings.systems.push_back(system(i, moment));
    for (std::size_t i = 0; i < *servers; ++i) readings.servers.push_back(server(i));
    for (std::size_t i = 0; i < *clients; ++i) readings.clients.push_back(client(i));
    readings.events.gc_cycles = readings.gc.cycles;
    if (system_count_ && system_name_) {
      readings.events.requests = sum_over(readings.systems, &SystemMetrics::requests);
      readings.events.connections =
          sum_over(readings.systems, &SystemMetrics::connections_accepted);
    }
    return readings;
  }

  std::vector<model::Member> members() const override {
    std::vector<model::Member> members;
    gc_.append_members(members);
    interpreter_.append_members(members);
    if (system_count_ && system_name_) {
      system_.append_members(members);
      if (system_start_) members.emplace_back(&SystemMetrics::uptime_ns);
      if (system_idle_ && system_waits_) members.emplace_back(&SystemMetrics::loop_idle_ns);
    }
    if (server_count_ && server_host_ && server_port_ && server_protocol_) {
      server_.append_members(members);
      if (has_all_statuses()) members.emplace_back(&ServerMetrics::requests);
      server_histograms_.append_members(members);
    }
    if (client_count_ && client_name_ && client_type_) {
      client_.append_members(members);
      client_histograms_.append_members(members);
      if (has_latency()) members.emplace_back(&ClientMetrics::latency);
    }
    return members;
  }

  std::vector<Difference> differences() const override {
    return of_members(kDifferences, members());
  }

 private:
  // How many elements are there. None where this build has no such thing; more than there is room
  // for means that this is not the memory that we take it for.
  Result<std::size_t> count_of(FieldHandle count, FieldHandle element) const {
    if (!count || !element) return 0;
    const auto number = fields_.number(count);
    const std::size_t capacity = fields_.capacity(element);
    if (!number || *number > capacity) {
      return fail("read {}: {} of at most {}: this is no minivalk",
                  fields_.layout().fields[*count].path, number.value_or(0), capacity);
    }
    return *number;
  }

  // Both are 0 until the first collection is over.
  GcMetrics gc() const {
    GcMetrics gc;
    gc_.fill(gc, fields_, {});
    for (Count* const last : {&gc.heap_live_bytes, &gc.last_collection_unix_ns}) {
      if (*last == 0) last->reset();
    }
    return gc;
  }

  std::string text(FieldHandle field, std::size_t element) const {
    return fields_.text(field, {element}).value_or("");
  }

  SystemMetrics system(std::size_t i, Moment moment) {
    SystemMetrics metrics;
    metrics.name = text(system_name_, i);
    system_.fill(metrics, fields_, {i});
    const auto started_ns = fields_.number(system_start_, {i});
    if (started_ns && *started_ns != 0 && *started_ns <= moment.now_ns) {
      metrics.uptime_ns = moment.now_ns - *started_ns;
    }
    if (idle_.size() <= i) idle_.resize(i + 1);
    metrics.loop_idle_ns = idle_[i].tell(fields_.number(system_idle_, {i}),
                                         fields_.number(system_waits_, {i}), true, moment);
    return metrics;
  }

  bool has_all_statuses() const {
    return std::all_of(statuses_.begin(), statuses_.end(),
                       [](FieldHandle status) { return status.has_value(); });
  }

  // It follows from the histogram.
  bool has_latency() const {
    std::vector<model::Member> members;
    client_histograms_.append_members(members);
    return std::find(members.begin(), members.end(), model::Member(&ClientMetrics::duration_ns)) !=
           members.end();
  }

  // The usual classes are always there, the odd ones when they occur.
  std::vector<model::StatusCount> statuses(std::size_t i) const {
    std::vector<model::StatusCount> counts;
    if (!has_all_statuses()) return counts;
    for (std::size_t k = 0; k < kStatusPaths.size(); ++k) {
      const auto count = fields_.number(statuses_[k], {i});
      if (!count) return {};
      const bool is_odd = kStatusPaths[k].status == model::StatusClass::kOther;
      if (*count > 0 || !is_odd) counts.push_back({kStatusPaths[k].status, *count});
    }
    return counts;
  }

  ServerMetrics server(std::size_t i) const {
    ServerMetrics metrics;
    metrics.host = text(server_host_, i);
    if (const auto port = fields_.number(server_port_, {i})) metrics.port = std::to_string(*port);
    metrics.protocol = text(server_protocol_, i);
    server_.fill(metrics, fields_, {i});
    metrics.requests = statuses(i);
    server_histograms_.fill(metrics, fields_, i);
    return metrics;
  }

  ClientMetrics client(std::size_t i) const {
    ClientMetrics metrics;
    metrics.name = text(client_name_, i);
    metrics.type = text(client_type_, i);
    client_.fill(metrics, fields_, {i});
    client_histograms_.fill(metrics, fields_, i);
    if (metrics.duration_ns) {
      metrics.latency =
          model::DurationSum{metrics.duration_ns->sum_ns, metrics.duration_ns->count()};
    }
    return metrics;
  }

  FieldReader fields_;
  NumberTable<GcMetrics> gc_;
  NumberTable<InterpreterMetrics> interpreter_;
  NumberTable<SystemMetrics> system_;
  NumberTable<ServerMetrics> server_;
  NumberTable<ClientMetrics> client_;
  HistogramTable<ServerMetrics> server_histograms_;
  HistogramTable<ClientMetrics> client_histograms_;
  std::array<FieldHandle, kStatusPaths.size()> statuses_;
  FieldHandle system_count_ = fields_.find(kSystemCount);
  FieldHandle system_name_ = fields_.find(kSystemName);
  FieldHandle system_start_ = fields_.find(kSystemStart);
  FieldHandle system_idle_ = fields_.find(kSystemIdle);
  FieldHandle system_waits_ = fields_.find(kSystemWaits);
  std::vector<IdleTime> idle_;  // by system
  FieldHandle server_count_ = fields_.find(kServerCount);
  FieldHandle server_host_ = fields_.find(kServerHost);
  FieldHandle server_port_ = fields_.find(kServerPort);
  FieldHandle server_protocol_ = fields_.find(kServerProtocol);
  FieldHandle client_count_ = fields_.find(kClientCount);
  FieldHandle client_name_ = fields_.find(kClientName);
  FieldHandle client_type_ = fields_.find(kClientType);
};

}  // namespace

std::vector<std::string> minivalk_paths() {
  std::vector<std::string> paths{kSystemCount,    kSystemName,  kSystemStart, kSystemIdle,
                                 kSystemWaits,    kServerCount, kServerHost,  kServerPort,
                                 kServerProtocol, kClientCount, kClientName,  kClientType};
  append_paths(paths, kGcNumbers);
  append_paths(paths, kInterpreterNumbers);
  append_paths(paths, kSystemNumbers);
  append_paths(paths, kServerNumbers);
  append_paths(paths, kClientNumbers);
  for (const StatusPath& status : kStatusPaths) paths.emplace_back(status.path);
  append_paths(paths, kServerHistograms);
  append_paths(paths, kClientHistograms);
  return paths;
}

std::unique_ptr<Reader> make_minivalk_reader(Layout layout, std::uint64_t load_bias) {
  return std::make_unique<MinivalkReader>(std::move(layout), load_bias);
}

}  // namespace state
