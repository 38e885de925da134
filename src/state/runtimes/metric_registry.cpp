#include "state/runtimes/metric_registry.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "state/runtimes/number_table.h"

namespace state {
namespace {

using base::fail;
using base::Result;

constexpr std::uint64_t kNsPerUs = 1'000;
// The runtimes that we know have room for 8 or so; who claims far more wants our memory.
constexpr std::uint64_t kMaxLabels = 32;

// A name that may be cut is not the name.
bool is_whole(const std::optional<std::string>& text) {
  return text && text->size() < TextCache::kMaxBytes;
}

FieldHandle find_optional(const FieldReader& fields, const char* path) {
  return path == nullptr ? std::nullopt : fields.find(path);
}

}  // namespace

std::string_view RegisteredMetric::label(std::string_view key) const {
  const auto found = std::find_if(labels.begin(), labels.end(),
                                  [&](const auto& label) { return label.first == key; });
  return found == labels.end() ? std::string_view() : std::string_view(found->second);
}

MetricArray::MetricArray(const MetricArrayPaths& paths, const FieldReader& fields)
    : count_(fields.find(paths.count)),
      name_(fields.find(paths.name)),
      label_count_(fields.find(paths.label_count)),
      keys_(fields.find(paths.label_keys)),
      values_(fields.find(paths.label_values)),
      help_(find_optional(fields, paths.help)),
      active_(find_optional(fields, paths.active)),
      tells_use_(paths.active != nullptr) {
  if (keys_) {
    const auto& repeats = fields.layout().fields[*keys_].repeats;
    if (repeats.size() == 2 && repeats[1].count <= kMaxLabels) max_labels_ = repeats[1].count;
  }
}

bool MetricArray::is_known() const {
  const bool knows_use = !tells_use_ || active_;
  return count_ && name_ && label_count_ && keys_ && values_ && max_labels_ > 0 && knows_use;
}

std::size_t MetricArray::count(const FieldReader& fields) const {
  return std::min<std::size_t>(fields.number(count_).value_or(0), fields.capacity(name_));
}

bool MetricArray::is_used(const FieldReader& fields, std::size_t index) const {
  return !tells_use_ || fields.number(active_, {index}).value_or(0) != 0;
}

std::size_t MetricArray::entries(const FieldReader& fields) const {
  std::size_t used = 0;
  if (!is_known()) return used;
  for (std::size_t i = 0; i < count(fields); ++i) used += is_used(fields, i) ? 1 : 0;
  return used;
}

// None: it is not known, or more than there is room for.
std::optional<std::size_t> MetricArray::label_count(const FieldReader& fields,
                                                    std::size_t index) const {
  const auto labels = fields.number(label_count_, {index});
  return labels && *labels <= max_labels_ ? labels : std::nullopt;
}

// To all texts of all entries.
std::vector<std::uint64_t> MetricArray::pointers(const FieldReader& fields) const {
  std::vector<std::uint64_t> pointers;
  for (std::size_t i = 0; i < count(fields); ++i) {
    if (!is_used(fields, i)) continue;
    pointers.push_back(fields.number(name_, {i}).value_or(0));
    if (help_) pointers.push_back(fields.number(help_, {i}).value_or(0));
    for (std::size_t k = 0; k < label_count(fields, i).value_or(0); ++k) {
      pointers.push_back(fields.number(keys_, {i, k}).value_or(0));
      pointers.push_back(fields.number(values_, {i, k}).value_or(0));
    }
  }
  return pointers;
}

// One whose labels are not all known would be taken for another one.
std::optional<RegisteredMetric> MetricArray::metric(const FieldReader& fields,
                                                    const TextCache& texts,
                                                    std::size_t index) const {
  const auto text_of = [&](FieldHandle field, std::initializer_list<std::size_t> element) {
    return texts.find(fields.number(field, element).value_or(0));
  };
  const auto name = text_of(name_, {index});
  const auto labels = label_count(fields, index);
  if (!is_whole(name) || !labels) return std::nullopt;
  RegisteredMetric metric{index, *name, {}, text_of(help_, {index}).value_or("")};
  for (std::size_t k = 0; k < *labels; ++k) {
    auto key = text_of(keys_, {index, k});
    auto value = text_of(values_, {index, k});
    if (!is_whole(key) || !value) return std::nullopt;
    metric.labels.emplace_back(std::move(*key), std::move(*value));
  }
  return metric;
}

Result<std::vector<RegisteredMetric>> MetricArray::read(memory::Memory& memory,
                                                        const FieldReader& fields,
                                                        TextCache& texts) const {
  std::vector<RegisteredMetric> metrics;
  if (!is_known()) return metrics;
  const auto said = fields.number(count_);
  if (!said || *said > fields.capacity(name_)) {
    return fail("read {}: {} of at most {}: this is no registry of metrics",
                fields.layout().fields[*count_].path, said.value_or(0), fields.capacity(name_));
  }
  if (auto known = texts.read(memory, pointers(fields)); !known) {
    return base::pass_on(known);
  }
  for (std::size_t i = 0; i < *said; ++i) {
    if (!is_used(fields, i)) continue;
    if (auto entry = metric(fields, texts, i)) metrics.push_back(std::move(*entry));
  }
  return metrics;
}

RegisteredValues::RegisteredValues(const RegisteredValuePaths& paths, const FieldReader& fields)
    : counter_(fields.find(paths.counter)),
      gauge_(fields.find(paths.gauge)),
      sum_us_(fields.find(paths.histogram_sum_us)),
      bound_count_(fields.find(paths.histogram_bound_count)),
      bounds_(fields.find(paths.histogram_bounds)),
      buckets_(fields.find(paths.histogram_buckets)) {}

std::optional<model::RegisteredValue> RegisteredValues::counter(const FieldReader& fields,
                                                                std::size_t index) const {
  return fields.number(counter_, {index});
}

std::optional<model::RegisteredValue> RegisteredValues::gauge(const FieldReader& fields,
                                                              std::size_t index) const {
  return fields.signed_number(gauge_, {index});
}

std::optional<model::RegisteredValue> RegisteredValues::histogram(const FieldReader& fields,
                                                                  std::size_t index) const {
  const auto sum_ns = scaled(fields.number(sum_us_, {index}), kNsPerUs);
  const auto bound_count = fields.number(bound_count_, {index});
  if (!sum_ns || !bound_count) return std::nullopt;
  model::RegisteredHistogram histogram{{}, {}, *sum_ns};
  auto& bounds = histogram.bounds_seconds;
  std::uint64_t total = 0;
  // Whatever the number of bounds is, this ends with the array: there is no element beyond.
  for (std::size_t bucket = 0; bucket <= *bound_count; ++bucket) {
    const auto count = fields.number(buckets_, {index, bucket});
    if (!count || *count > kMaxBelieved - total) return std::nullopt;
    total += *count;
    histogram.counts.push_back(*count);
    if (bucket == *bound_count) break;
    const auto bound = fields.real(bounds_, {index, bucket});
    if (!bound || std::signbit(*bound)) return std::nullopt;
    if (!bounds.empty() && *bound <= bounds.back()) return std::nullopt;
    bounds.push_back(*bound);
  }
  return histogram;
}

void pass_on(model::Registry& registry, RegisteredMetric metric,
             std::optional<model::RegisteredValue> value) {
  if (!value) {
    ++registry.unreadable;
    return;
  }
  registry.series.push_back({std::move(metric.name), std::move(metric.help),
                             std::move(metric.labels), std::move(*value)});
}

}  // namespace state
