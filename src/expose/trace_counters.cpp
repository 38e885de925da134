#include "expose/trace_counters.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>
#include <utility>
#include <variant>

#include "expose/trace_lane_names.h"

namespace expose {
namespace {

using Json = TraceEvents::Json;
using model::History;
using model::HistoryKind;
using model::HistoryPart;

constexpr double kMiB = 1024.0 * 1024.0;
constexpr double kUnknown = NAN;
constexpr std::size_t kHeapTracks = 3;
constexpr std::uint64_t kMomentsUs = 2'000'000;  // a value comes each second

struct Sample {
  std::uint64_t time_ns = 0;
  double value = kUnknown;
};
using Samples = std::vector<Sample>;

// One counter: a track for each key.
struct Counter {
  std::string name;
  std::vector<std::pair<std::string_view, Samples>> tracks;
  double weight = 0;  // how busy what it is of is
};

const model::Column* column_of(const std::vector<model::Column>& columns, std::string_view name) {
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const auto& one) { return one.name == name; });
  return found != columns.end() ? &*found : nullptr;
}

// As they stood.
Samples gauge(const History& history, const std::vector<model::Column>& columns,
              std::string_view name, double unit = 1) {
  const model::Column* const column = column_of(columns, name);
  Samples samples;
  if (column == nullptr) return samples;
  const std::size_t count = std::min(history.times_ns.size(), column->values.size());
  for (std::size_t i = 0; i < count; ++i) {
    samples.push_back({history.times_ns[i], column->values[i] / unit});
  }
  return samples;
}

// A second, between each two that are known. A counter that falls began anew.
Samples rate(const Samples& counts) {
  Samples rates;
  for (std::size_t i = 1; i < counts.size(); ++i) {
    const double seconds =
        static_cast<double>(counts[i].time_ns) - static_cast<double>(counts[i - 1].time_ns);
    const double more = counts[i].value - counts[i - 1].value;
    if (seconds > 0 && more >= 0) rates.push_back({counts[i].time_ns, more * 1e9 / seconds});
  }
  return rates;
}

std::string label_of(const HistoryPart& part, std::string_view name) {
  for (const auto& [key, value] : part.labels) {
    if (key == name) return value;
  }
  return "";
}

// Within which time so large a share of the observations of a second ended, by linear interpolation
// in its bucket.
double quantile_ms(double share, const model::LatencyColumns& latency, std::size_t second) {
  const auto up_to = [&](std::size_t bound) {
    return latency.counts[bound][second] - latency.counts[bound][second - 1];
  };
  const auto& bounds_ns = latency.bounds_ns;
  const double wanted = share * up_to(bounds_ns.size());
  if (!(wanted > 0) || bounds_ns.empty()) return kUnknown;
  double below = 0;
  for (std::size_t i = 0; i < bounds_ns.size(); ++i) {
    const double count = up_to(i);
    const double lower_ns = i > 0 ? static_cast<double>(bounds_ns[i - 1]) : 0;
    const auto upper_ns = static_cast<double>(bounds_ns[i]);
    if (count >= wanted && count > below) {
      return (lower_ns + (upper_ns - lower_ns) * (wanted - below) / (count - below)) / 1e6;
    }
    below = count;
  }
  return static_cast<double>(bounds_ns.back()) / 1e6;
}

Samples p99(const History& history, const model::LatencyColumns& latency) {
  Samples samples;
  if (latency.counts.size() != latency.bounds_ns.size() + 1) return samples;
  std::size_t seconds = history.times_ns.size();
  for (const auto& counts : latency.counts) seconds = std::min(seconds, counts.size());
  for (std::size_t second = 1; second < seconds; ++second) {
    samples.push_back({history.times_ns[second], quantile_ms(0.99, latency, second)});
  }
  return samples;
}

Counter heap_counter(const History& history) {
  Counter heap{"heap MiB", {}};
  heap.tracks.emplace_back("used", gauge(history, history.columns, "heap_used", kMiB));
  heap.tracks.emplace_back("trigger", gauge(history, history.columns, "heap_trigger", kMiB));
  heap.tracks.emplace_back("total", gauge(history, history.columns, "heap_total", kMiB));
  return heap;
}

double in_mib(const model::Count& bytes) {
  return bytes ? static_cast<double>(*bytes) / kMiB : kUnknown;
}

// The tooth of the saw: a value each second would not show it. Of several heaps each collection
// knows its own alone.
void add_teeth(Counter& heap, const std::vector<const model::TimelineEvent*>& events) {
  if (heaps_of(events).size() > 1) return;
  for (const model::TimelineEvent* const event : events) {
    const auto* const gc = std::get_if<model::GcEvent>(&event->detail);
    if (gc == nullptr) continue;
    const std::uint64_t begun_ns = gc->begun_ns.value_or(event->begun_ns);
    heap.tracks[0].second.push_back({begun_ns, in_mib(gc->used_before_bytes)});
    heap.tracks[0].second.push_back({gc->ended_ns, in_mib(gc->used_after_bytes)});
    heap.tracks[1].second.push_back({gc->ended_ns, in_mib(gc->trigger_bytes)});
    heap.tracks[2].second.push_back({gc->ended_ns, in_mib(gc->total_bytes)});
  }
  for (auto& [key, samples] : heap.tracks) {
    std::stable_sort(samples.begin(), samples.end(),
                     [](const Sample& a, const Sample& b) { return a.time_ns < b.time_ns; });
  }
}

void add_system(std::vector<Counter>& counters, const History& history, const HistoryPart& part) {
  const std::string system = label_of(part, "system");
  Counter connections{"connections " + system, {}};
  connections.tracks.emplace_back("active", gauge(history, part.columns, "connections_active"));
  connections.tracks.emplace_back("idle", gauge(history, part.columns, "connections_idle"));
  connections.tracks.emplace_back("connecting",
                                  gauge(history, part.columns, "connections_connecting"));
  connections.tracks.emplace_back("closing", gauge(history, part.columns, "connections_closing"));
  counters.push_back(std::move(connections));
  Samples busy = rate(gauge(history, part.columns, "loop_idle_seconds"));
  for (Sample& sample : busy) sample.value = std::clamp(100 * (1 - sample.value), 0.0, 100.0);
  counters.push_back({"loop busy % " + system, {{"busy", std::move(busy)}}});
}

// Requests and latency of a server stand or fall together.
void add_server(std::vector<Counter>& counters, const History& history, const HistoryPart& part) {
  const std::string name = fmt::format("{}:{}", label_of(part, "server"), label_of(part, "port"));
  Counter requests{"requests/s " + name, {}};
  for (const auto& [key, column] :
       {std::pair{"2xx", "requests_2xx"}, std::pair{"3xx", "requests_3xx"},
        std::pair{"4xx", "requests_4xx"}, std::pair{"5xx", "requests_5xx"}}) {
    Samples rates = rate(gauge(history, part.columns, column));
    for (const Sample& sample : rates) requests.weight += sample.value;
    requests.tracks.emplace_back(key, std::move(rates));
  }
  const double weight = requests.weight;
  counters.push_back(std::move(requests));
  if (!part.latency) return;
  counters.push_back({"p99 ms " + name, {{"p99", p99(history, *part.latency)}}, weight});
}

// A value at each edge: at the begin the one that stood before the window, or one that comes within
// moments. What was not known there is not told.
void add_edges(const TraceEvents& trace, std::map<std::uint64_t, Json>& values,
               std::string_view key, double at_begin, double at_end) {
  const std::string name(key);
  if (!std::isnan(at_begin) && !values[0].contains(name)) values[0][name] = at_begin;
  values[trace.last_us()][name] = at_end;
}

void add_track(const TraceEvents& trace, std::map<std::uint64_t, Json>& values,
               std::string_view key, const Samples& samples) {
  double at_begin = kUnknown;
  double at_end = kUnknown;
  for (const Sample& sample : samples) {
    if (!std::isfinite(sample.value)) continue;
    const std::uint64_t at_us = trace.us_of(sample.time_ns);
    const bool is_inside = trace.is_inside(sample.time_ns, sample.time_ns);
    const bool is_before = !is_inside && at_us == 0;
    if (!is_inside && !is_before) break;
    const bool is_first = std::isnan(at_end);
    if (is_before || (is_first && at_us <= kMomentsUs)) at_begin = sample.value;
    at_end = sample.value;
    if (is_inside) values[at_us][std::string(key)] = sample.value;
  }
  if (!std::isnan(at_end)) add_edges(trace, values, key, at_begin, at_end);
}

void add_counter(TraceEvents& trace, const Counter& counter) {
  std::map<std::uint64_t, Json> values;  // by time: one event for all keys
  for (const auto& [key, samples] : counter.tracks) add_track(trace, values, key, samples);
  for (const auto& [at_us, keys] : values) trace.add_counter(counter.name, at_us, keys);
}

std::size_t tracks_of(const Counter& counter) {
  return static_cast<std::size_t>(
      std::count_if(counter.tracks.begin(), counter.tracks.end(),
                    [](const auto& track) { return !track.second.empty(); }));
}

// Servers come last, the busiest first.
std::vector<Counter> all_counters(const History& history) {
  std::vector<Counter> counters;
  counters.push_back({"evals/s", {{"evals", rate(gauge(history, history.columns, "evals"))}}});
  for (const HistoryPart& part : history.parts) {
    if (part.kind == HistoryKind::kSystem) add_system(counters, history, part);
  }
  std::vector<Counter> servers;
  for (const HistoryPart& part : history.parts) {
    if (part.kind == HistoryKind::kServer) add_server(servers, history, part);
  }
  std::stable_sort(servers.begin(), servers.end(),
                   [](const Counter& a, const Counter& b) { return a.weight > b.weight; });
  std::move(servers.begin(), servers.end(), std::back_inserter(counters));
  return counters;
}

}  // namespace

void add_heap_counter(TraceEvents& trace, const model::TraceParts& parts,
                      const std::vector<const model::TimelineEvent*>& events) {
  Counter heap = heap_counter(parts.history);
  add_teeth(heap, events);
  add_counter(trace, heap);
}

void add_counters(TraceEvents& trace, const model::TraceParts& parts,
                  std::vector<std::string>& left_out) {
  std::size_t tracks = kHeapTracks;
  for (const Counter& counter : all_counters(parts.history)) {
    const std::size_t more = tracks_of(counter);
    if (tracks + more > kMaxCounterTracks) {
      left_out.push_back(counter.name);
      continue;
    }
    tracks += more;
    add_counter(trace, counter);
  }
}

}  // namespace expose
