#include "state/metric_registry.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace state {
namespace {

using base::fail;
using base::Result;

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
      values_(fields.find(paths.label_values)) {
  if (keys_) {
    const auto& repeats = fields.layout().fields[*keys_].repeats;
    if (repeats.size() == 2) max_labels_ = repeats[1].count;
  }
}

bool MetricArray::is_known() const {
  return count_ && name_ && label_count_ && keys_ && values_ && max_labels_ > 0;
}

Result<std::vector<RegisteredMetric>> MetricArray::read(memory::Memory& memory,
                                                        const FieldReader& fields,
                                                        TextCache& texts) const {
  std::vector<RegisteredMetric> metrics;
  if (!is_known()) return metrics;
  const auto count = fields.number(count_);
  if (!count || *count > fields.capacity(name_)) {
    return fail("read {}: {} of at most {}: this is no registry of metrics",
                fields.layout().fields[*count_].path, count.value_or(0), fields.capacity(name_));
  }
  std::vector<std::uint64_t> pointers;
  const auto labels_of = [&](std::size_t i) {
    return std::min<std::size_t>(fields.number(label_count_, {i}).value_or(0), max_labels_);
  };
  for (std::size_t i = 0; i < *count; ++i) {
    pointers.push_back(fields.number(name_, {i}).value_or(0));
    for (std::size_t k = 0; k < labels_of(i); ++k) {
      pointers.push_back(fields.number(keys_, {i, k}).value_or(0));
      pointers.push_back(fields.number(values_, {i, k}).value_or(0));
    }
  }
  if (auto known = texts.read(memory, pointers); !known) return tl::make_unexpected(known.error());

  const auto text_of = [&](FieldHandle field, std::initializer_list<std::size_t> element) {
    return texts.find(fields.number(field, element).value_or(0));
  };
  for (std::size_t i = 0; i < *count; ++i) {
    const auto name = text_of(name_, {i});
    if (!name) continue;
    RegisteredMetric metric{i, *name, {}};
    bool complete = true;
    for (std::size_t k = 0; k < labels_of(i); ++k) {
      auto key = text_of(keys_, {i, k});
      auto value = text_of(values_, {i, k});
      complete = complete && key && value;
      if (complete) metric.labels.emplace_back(std::move(*key), std::move(*value));
    }
    // One whose labels are not known would be taken for another one.
    if (complete) metrics.push_back(std::move(metric));
  }
  return metrics;
}

}  // namespace state
