#include "expose/history_json.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/clock.h"
#include "base/utf8.h"
#include "expose/json_text.h"

namespace expose {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kIntervalMs = 1'000;
// Up to here a double holds every whole number.
constexpr double kMaxWhole = 9'007'199'254'740'992.0;

Json number(double value) {
  if (std::isnan(value)) return nullptr;
  const bool is_whole = value == std::floor(value) && std::abs(value) < kMaxWhole;
  return is_whole ? Json(static_cast<std::int64_t>(value)) : Json(value);
}

Json values_json(const std::vector<double>& values) {
  Json json = Json::array();
  for (const double value : values) json.push_back(number(value));
  return json;
}

// Null for a second in which none was known.
Json buckets_json(const model::LatencyColumns& latency, std::size_t seconds) {
  Json json = Json::array();
  for (std::size_t second = 0; second < seconds; ++second) {
    Json counts = Json::array();
    for (const auto& column : latency.counts) counts.push_back(number(column[second]));
    json.push_back(counts.front().is_null() ? Json(nullptr) : std::move(counts));
  }
  return json;
}

Json part_json(const model::HistoryPart& part, std::size_t seconds) {
  Json json = Json::object();
  for (const auto& [name, text] : part.labels) json[std::string(name)] = base::valid_utf8(text);
  Json columns = Json::object();
  for (const model::Column& column : part.columns) {
    columns[std::string(column.name)] = values_json(column.values);
  }
  if (part.latency) {
    Json bounds = Json::array();
    for (const std::uint64_t bound_ns : part.latency->bounds_ns) {
      bounds.push_back(static_cast<double>(bound_ns) / 1e9);
    }
    json["latency_bounds_s"] = std::move(bounds);
    columns["latency_buckets"] = buckets_json(*part.latency, seconds);
    columns["latency_sum_s"] = values_json(part.latency->sum_seconds);
  }
  json["columns"] = std::move(columns);
  return json;
}

const char* list_of(model::HistoryKind kind) {
  switch (kind) {
    case model::HistoryKind::kSystem:
      return "systems";
    case model::HistoryKind::kServer:
      return "servers";
    case model::HistoryKind::kClient:
      return "clients";
  }
  return "systems";
}

}  // namespace

std::string write_history_json(const model::History& history, std::string_view epoch) {
  Json times = Json::array();
  for (const std::uint64_t time_ns : history.times_ns) {
    times.push_back(base::unix_ns_of(time_ns) / 1'000'000);
  }
  Json document = {{"epoch", epoch},
                   {"process", base::valid_utf8(history.process)},
                   {"interval_ms", kIntervalMs},
                   {"unix_ms", std::move(times)},
                   {"columns", Json::object()},
                   {"systems", Json::array()},
                   {"servers", Json::array()},
                   {"clients", Json::array()},
                   {"left_out", history.left_out}};
  for (const model::Column& column : history.columns) {
    document["columns"][std::string(column.name)] = values_json(column.values);
  }
  for (const model::HistoryPart& part : history.parts) {
    document[list_of(part.kind)].push_back(part_json(part, history.times_ns.size()));
  }
  return json_text(document) + '\n';
}

}  // namespace expose
