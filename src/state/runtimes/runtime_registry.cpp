#include "state/runtimes/runtime_registry.h"

#include <algorithm>
#include <utility>

#include "state/runtimes/number_table.h"

namespace state {
namespace {

using base::Result;
using model::Count;

constexpr std::uint64_t kNsOfUs = 1'000;

}  // namespace

void append_paths(std::vector<std::string>& paths, const RegistryShape& shape) {
  for (const MetricArrayPaths& array : {shape.counters, shape.gauges, shape.histograms}) {
    for (const char* path : {array.count, array.name, array.label_count, array.label_keys,
                             array.label_values, array.help, array.active}) {
      if (path != nullptr) paths.emplace_back(path);
    }
  }
  const RegisteredValuePaths& values = shape.values;
  for (const char* path :
       {values.counter, values.gauge, values.histogram_sum_us, values.histogram_bound_count,
        values.histogram_bounds, values.histogram_buckets}) {
    paths.emplace_back(path);
  }
}

RuntimeRegistry::RuntimeRegistry(const RegistryShape& shape, const FieldReader& fields)
    : shape_(shape),
      counters_(shape.counters, fields),
      gauges_(shape.gauges, fields),
      histograms_(shape.histograms, fields),
      values_(shape.values, fields) {}

Result<void> RuntimeRegistry::read(memory::Memory& memory, const FieldReader& fields,
                                   Readings& readings) {
  RegistryServers servers(shape_.server_label);
  model::Registry passed;
  const auto number = [&](const char* path, std::size_t index) {
    return fields.number(fields.find(path), {index});
  };
  const auto take_counter = [&](const RegisteredMetric& metric) {
    return servers.add_counter(metric, number(shape_.values.counter, metric.index));
  };
  const auto take_gauge = [&](const RegisteredMetric& metric) {
    return servers.add_gauge(metric, number(shape_.values.gauge, metric.index));
  };
  const auto take_histogram = [&](const RegisteredMetric& metric) {
    return metric.name == RegistryServers::kRequestDuration &&
           servers.add_request_duration(metric, http_duration(fields, metric.index));
  };
  const auto read_array = [&](const MetricArray& array, auto take, auto value) -> Result<void> {
    auto metrics = array.read(memory, fields, texts_);
    if (!metrics) return base::pass_on(metrics);
    passed.unreadable += array.entries(fields) - metrics->size();
    for (RegisteredMetric& metric : *metrics) {
      if (take(metric) || shape_.is_own(metric.name)) continue;
      auto known = (values_.*value)(fields, metric.index);
      pass_on(passed, std::move(metric), std::move(known));
    }
    return {};
  };
  for (const auto& done : {read_array(counters_, take_counter, &RegisteredValues::counter),
                           read_array(gauges_, take_gauge, &RegisteredValues::gauge),
                           read_array(histograms_, take_histogram, &RegisteredValues::histogram)}) {
    if (!done) return done;
  }
  auto known = with_rest(servers.take(), memory, fields);
  if (!known) return base::pass_on(known);
  totals_.raise(*known);
  readings.servers = std::move(*known);
  if (counters_.is_known() || gauges_.is_known() || histograms_.is_known()) {
    readings.registry = std::move(passed);
  }
  return {};
}

// The second look costs a call, so only a rest that is to be told has one.
Result<std::vector<model::ServerMetrics>> RuntimeRegistry::with_rest(
    std::vector<RegisteredServer> registered, memory::Memory& memory,
    const FieldReader& fields) const {
  std::vector<model::ServerMetrics> servers;
  for (RegisteredServer& server : registered) {
    Count rest = server.rest.first_look();
    if (rest.value_or(0) > totals_.rest_of(server.metrics)) {
      const auto again =
          server.rest.second_look(memory, fields, fields.find(shape_.values.counter));
      if (!again) return base::pass_on(again);
      rest = *again ? Count(std::min(*rest, **again)) : std::nullopt;
    }
    if (rest.value_or(0) > 0) {
      server.metrics.requests.push_back({model::StatusClass::kOther, *rest});
    }
    servers.push_back(std::move(server.metrics));
  }
  return servers;
}

std::optional<model::Histogram> RuntimeRegistry::http_duration(const FieldReader& fields,
                                                               std::size_t index) const {
  const std::span bounds_ns = shape_.http_bounds_ns;
  const Count sum_ns =
      scaled(fields.number(fields.find(shape_.values.histogram_sum_us), {index}), kNsOfUs);
  const FieldHandle bound_count = fields.find(shape_.values.histogram_bound_count);
  if (!sum_ns || fields.number(bound_count, {index}) != bounds_ns.size()) return std::nullopt;
  const FieldHandle buckets = fields.find(shape_.values.histogram_buckets);
  model::Histogram histogram{bounds_ns, {}, *sum_ns};
  std::uint64_t total = 0;
  for (std::size_t bucket = 0; bucket <= bounds_ns.size(); ++bucket) {
    const Count count = fields.number(buckets, {index, bucket});
    if (!count || *count > kMaxBelieved - total) return std::nullopt;
    histogram.counts.push_back(*count);
    total += *count;
  }
  return histogram;
}

void RuntimeRegistry::append_members(std::vector<model::Member>& members) const {
  if (counters_.is_known()) RegistryServers::append_counter_members(members);
  if (gauges_.is_known()) RegistryServers::append_gauge_members(members);
  if (histograms_.is_known()) RegistryServers::append_histogram_members(members);
}

}  // namespace state
