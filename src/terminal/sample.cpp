#include "terminal/sample.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

namespace terminal {
namespace {

constexpr std::string_view kVersionFamily = "valkyria_exporter_build_info";
constexpr std::size_t kMaxBounds = 200;

template <typename Part>
struct Row {
  std::string_view name;
  Known Part::*member;
};

constexpr Row<Target> kTargetRows[] = {
    {"valkyria_process_start_time_seconds", &Target::start_unix_seconds},
    {"valkyria_process_cpu_seconds_total", &Target::cpu_seconds},
    {"valkyria_process_resident_memory_bytes", &Target::resident_bytes},
    {"valk_gc_cycles_total", &Target::cycles},
    {"valk_gc_pause_seconds_total", &Target::pause_seconds},
    {"valk_gc_pause_seconds_max", &Target::pause_seconds_max},
    {"valk_gc_reclaimed_bytes_total", &Target::reclaimed_bytes},
    {"valk_gc_heap_used_bytes", &Target::used_bytes},
    {"valk_gc_heap_live_bytes", &Target::live_bytes},
    {"valk_gc_trigger_bytes", &Target::trigger_bytes},
    {"valk_gc_heap_total_bytes", &Target::total_bytes},
    {"valk_gc_heap_peak_bytes", &Target::peak_bytes},
    {"valk_eval_total", &Target::evals},
};

constexpr Row<System> kSystemRows[] = {
    {"valk_loop_idle_seconds_total", &System::idle_seconds},
    {"valk_loop_stall_duration_seconds_count", &System::stalls},
    {"valk_aio_connections_active", &System::active},
    {"valk_aio_connections_idle", &System::idle},
    {"valk_aio_connections_closing", &System::closing},
    {"valk_aio_connections_rejected_load_total", &System::rejected},
    {"valk_aio_connection_pool_used", &System::pool_used},
    {"valk_aio_connection_pool_total", &System::pool_total},
};

constexpr Row<Server> kServerRows[] = {
    {"http_bytes_recv_total", &Server::bytes_in},
    {"http_bytes_sent_total", &Server::bytes_out},
    {"http_connections_active", &Server::connections},
};

constexpr Row<Client> kClientRows[] = {
    {"http_client_operations_total", &Client::operations},
    {"http_client_errors_total", &Client::errors},
    {"http_client_retries_total", &Client::retries},
    {"http_client_connections_active", &Client::connections},
    {"http_client_cache_hits_total", &Client::cache_hits},
    {"http_client_cache_misses_total", &Client::cache_misses},
};

template <typename Part, std::size_t count>
Known Part::*member_of(const Row<Part> (&rows)[count], std::string_view name) {
  for (const Row<Part>& row : rows) {
    if (row.name == name) return row.member;
  }
  return nullptr;
}

// A number that a page can draw.
Known finite(double value) {
  return std::isfinite(value) ? Known(value) : std::nullopt;
}

void add(Known& total, const Known& value) {
  if (value) total = total.value_or(0) + *value;
}

// Adds what it tells of the histogram `family`.
void take_bucket(const Series& series, std::string_view family, Histogram& histogram) {
  const std::string_view part = std::string_view(series.name).substr(family.size());
  if (part != "_bucket" || histogram.bounds.size() == kMaxBounds) return;
  const std::string_view text = series.label("le");
  double bound = std::numeric_limits<double>::infinity();
  if (text != "+Inf") std::from_chars(text.data(), text.data() + text.size(), bound);
  histogram.bounds.push_back(bound);
  histogram.counts.push_back(series.value);
}

// Finds parts by their labels, and makes them where they come first.
class Builder {
 public:
  void take(const Series& series) {
    if (series.name == "valkyria_exporter_lost_events_total")
      add(sample_.lost_events, series.value);
    if (series.name == kVersionFamily) is_ours_ = true;
    if (series.name == "process_start_time_seconds") sample_.exporter_start = finite(series.value);
    // What has no `process` is of the one target, or the exporter's own; the names tell.
    if (series.name.starts_with("valkyria_exporter_") || series.name.starts_with("process_"))
      return;
    if (take_of_server(series) || take_of_client(series) || take_of_system(series)) return;
    take_of_target(series);
  }

  bool is_ours() const { return is_ours_; }

  // The busiest since their start first, so that rows do not jump.
  Sample finish() {
    for (Target& target : sample_.targets) {
      std::stable_sort(target.servers.begin(), target.servers.end(),
                       [](const Server& a, const Server& b) { return a.requests > b.requests; });
      std::stable_sort(
          target.clients.begin(), target.clients.end(),
          [](const Client& a, const Client& b) { return a.operations > b.operations; });
    }
    return std::move(sample_);
  }

 private:
  Target& target_of(const Series& series) {
    const std::string process(series.label("process"));
    const auto [at, is_new] = places_.try_emplace(process, sample_.targets.size());
    if (is_new) sample_.targets.emplace_back().process = process;
    return sample_.targets[at->second];
  }

  template <typename Part>
  Part& part_of(std::vector<Part>& parts, std::tuple<std::string, std::string, std::string> key,
                const Target& target, std::string_view kind) {
    const auto [at, is_new] =
        part_places_.try_emplace({target.process, std::string(kind), std::move(key)}, parts.size());
    if (is_new) parts.emplace_back();
    return parts[at->second];
  }

  Server& server_of(const Series& series) {
    Target& target = target_of(series);
    std::string name(series.label("server"));
    std::string port(series.label("port"));
    std::string protocol(series.label("protocol"));
    Server& server = part_of(target.servers, {name, port, protocol}, target, "server");
    server.name = std::move(name);
    server.port = std::move(port);
    server.protocol = std::move(protocol);
    return server;
  }

  bool take_of_server(const Series& series) {
    const auto member = member_of(kServerRows, series.name);
    if (member != nullptr) {
      server_of(series).*member = finite(series.value);
    } else if (series.name == "http_requests_total") {
      take_status(server_of(series), series.label("status"), finite(series.value));
    } else if (series.name.starts_with("http_request_duration_seconds_")) {
      take_bucket(series, "http_request_duration_seconds", server_of(series).duration);
    } else {
      return false;
    }
    return true;
  }

  static void take_status(Server& server, std::string_view status, const Known& count) {
    add(server.requests, count);
    if (status == "4xx") add(server.errors_4xx, count);
    if (status == "5xx") add(server.errors_5xx, count);
  }

  bool take_of_client(const Series& series) {
    constexpr std::string_view kDuration = "http_client_request_duration_seconds";
    const auto member = member_of(kClientRows, series.name);
    if (member == nullptr && !series.name.starts_with(kDuration)) return false;
    Target& target = target_of(series);
    std::string name(series.label("client"));
    std::string type(series.label("type"));
    Client& client = part_of(target.clients, {name, type, ""}, target, "client");
    client.name = std::move(name);
    client.type = std::move(type);
    if (member != nullptr) {
      client.*member = finite(series.value);
    } else {
      take_bucket(series, kDuration, client.duration);
    }
    return true;
  }

  bool take_of_system(const Series& series) {
    constexpr std::string_view kDuration = "valk_aio_request_duration_seconds";
    constexpr std::string_view kStall = "valk_loop_stall_duration_seconds";
    const auto member = member_of(kSystemRows, series.name);
    const bool is_duration = series.name.starts_with(kDuration);
    if (member == nullptr && !is_duration && !series.name.starts_with(kStall)) return false;
    Target& target = target_of(series);
    std::string name(series.label("system"));
    System& system = part_of(target.systems, {name, "", ""}, target, "system");
    system.name = std::move(name);
    if (member != nullptr) {
      system.*member = finite(series.value);
    } else if (is_duration) {
      take_bucket(series, kDuration, system.duration);
    } else {
      take_bucket(series, kStall, system.stall);
    }
    return true;
  }

  void take_of_target(const Series& series) {
    if (const auto member = member_of(kTargetRows, series.name)) {
      target_of(series).*member = finite(series.value);
    } else if (series.name == "valkyria_up") {
      target_of(series).up = series.value == 1;
    } else if (series.name == "valkyria_process_info") {
      target_of(series).pid = series.label("pid");
      target_of(series).exe = series.label("exe");
    } else if (series.name == "valkyria_process_state" && series.label("state") != "running") {
      if (series.value == 1) target_of(series).stopped = true;
    }
  }

  using Key =
      std::tuple<std::string, std::string, std::tuple<std::string, std::string, std::string>>;

  Sample sample_;
  bool is_ours_ = false;
  std::map<std::string, std::size_t> places_;
  std::map<Key, std::size_t> part_places_;
};

}  // namespace

base::Result<Sample> read_sample(std::string_view text,
                                 std::chrono::steady_clock::time_point taken) {
  const auto all = parse_metrics(text);
  if (!all) return base::pass_on(all);
  Builder builder;
  for (const Series& series : *all) builder.take(series);
  if (!builder.is_ours()) {
    return base::fail("it has no {}: this is no valkyria_exporter's page", kVersionFamily);
  }
  Sample sample = builder.finish();
  sample.taken = taken;
  return sample;
}

}  // namespace terminal
