// Names, labels and values that applications choose, on their way into every format.
#include <fuzzer/FuzzedDataProvider.h>

#include <cmath>

#include "fuzz/exposition.h"
#include "model/catalogue.h"

namespace {

std::string text_from(FuzzedDataProvider& input) {
  return input.ConsumeRandomLengthString(48);
}

// Often one that is ours already, or that belongs to another's samples.
std::string name_from(FuzzedDataProvider& input) {
  constexpr const char* kNames[] = {"a", "a_total", "a_bucket", "a_info", "a_created", "b_count"};
  constexpr const char* kSuffixes[] = {"",       "_total", "_bucket",  "_sum",
                                       "_count", "_info",  "_created", "_seconds"};
  std::string name;
  switch (input.ConsumeIntegralInRange<int>(0, 3)) {
    case 0:
      name = input.PickValueInArray(kNames);
      break;
    case 1: {
      const auto rows = model::catalogue();
      name = rows[input.ConsumeIntegralInRange<std::size_t>(0, rows.size() - 1)].name;
      break;
    }
    default:
      return text_from(input);
  }
  return name + input.PickValueInArray(kSuffixes);
}

// As the room `state` lets them through: bounds are finite, not below zero, and rise.
model::RegisteredHistogram histogram_from(FuzzedDataProvider& input) {
  model::RegisteredHistogram histogram;
  histogram.sum_ns = input.ConsumeIntegral<std::uint64_t>() >> 1;
  histogram.counts.push_back(input.ConsumeIntegral<std::uint16_t>());
  for (int i = input.ConsumeIntegralInRange<int>(0, 4); i > 0; --i) {
    const double bound = std::abs(input.ConsumeFloatingPoint<double>());
    if (!std::isfinite(bound)) continue;
    auto& bounds = histogram.bounds_seconds;
    if (!bounds.empty() && bound <= bounds.back()) continue;
    bounds.push_back(bound);
    histogram.counts.push_back(input.ConsumeIntegral<std::uint16_t>());
  }
  return histogram;
}

model::RegisteredValue value_from(FuzzedDataProvider& input) {
  switch (input.ConsumeIntegralInRange<int>(0, 2)) {
    case 0:
      return input.ConsumeIntegral<std::uint64_t>() >> 1;
    case 1:
      return input.ConsumeIntegral<std::int64_t>();
    default:
      return histogram_from(input);
  }
}

model::RegisteredSeries series_from(FuzzedDataProvider& input) {
  constexpr const char* kKeys[] = {"le", "process",  "exported_process",
                                   "x",  "__name__", "quantile"};
  model::RegisteredSeries series{name_from(input), text_from(input), {}, {}};
  for (int i = input.ConsumeIntegralInRange<int>(0, 3); i > 0; --i) {
    const bool is_known = input.ConsumeBool();
    std::string key = is_known ? input.PickValueInArray(kKeys) : text_from(input);
    series.labels.emplace_back(std::move(key), text_from(input));
  }
  series.value = value_from(input);
  return series;
}

model::TargetMetrics target_from(FuzzedDataProvider& input) {
  model::TargetMetrics target;
  target.process = text_from(input);
  target.up = true;
  target.identity.exe = text_from(input);
  target.identity.script = text_from(input);
  if (input.ConsumeBool())
    target.process_metrics.start_unix_ns = input.ConsumeIntegral<std::uint64_t>();
  target.systems.resize(input.ConsumeIntegralInRange<std::size_t>(0, 2));
  for (auto& system : target.systems) {
    system.name = text_from(input);
    system.handles = input.ConsumeIntegral<std::uint8_t>();
  }
  target.servers.resize(input.ConsumeIntegralInRange<std::size_t>(0, 2));
  for (auto& server : target.servers) {
    server.host = text_from(input);
    server.port = text_from(input);
    server.protocol = text_from(input);
    server.bytes_sent = input.ConsumeIntegral<std::uint8_t>();
  }
  model::Registry registry;
  for (int i = input.ConsumeIntegralInRange<int>(0, 8); i > 0; --i) {
    registry.series.push_back(series_from(input));
  }
  target.registry = std::move(registry);
  return target;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider input(data, size);
  model::Snapshot snapshot;
  for (int i = input.ConsumeIntegralInRange<int>(0, 2); i >= 0; --i) {
    snapshot.targets.push_back(target_from(input));
  }
  fuzz::check_exposition(snapshot);
  return 0;
}
