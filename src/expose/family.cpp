#include "expose/family.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <unordered_map>

#include "expose/number.h"
#include "expose/utf8.h"

namespace expose {
namespace {

// Label values are UTF-8, so a byte that never occurs there keeps the parts of a key apart.
std::string key_of(const Sample& sample) {
  constexpr char kSeparator = '\xFF';
  std::string key = sample.name_suffix;
  for (const auto& [name, value] : sample.labels) {
    key += kSeparator;
    key += name;
    key += kSeparator;
    key += value;
  }
  return key;
}

void add_to(Value& sum, const Value& other) {
  assert(sum.index() == other.index());
  if (auto* const count = std::get_if<std::uint64_t>(&sum)) {
    if (const auto* const more = std::get_if<std::uint64_t>(&other)) *count += *more;
  } else if (auto* const seconds = std::get_if<Seconds>(&sum)) {
    if (const auto* const more = std::get_if<Seconds>(&other)) seconds->ns += more->ns;
  } else if (auto* const ratio = std::get_if<double>(&sum)) {
    if (const auto* const more = std::get_if<double>(&other)) *ratio += *more;
  }
}

Labels with_le(Labels labels, std::string le) {
  labels.emplace_back("le", std::move(le));
  return labels;
}

}  // namespace

std::string_view name_of(FamilyType type) {
  switch (type) {
    case FamilyType::kCounter:
      return "counter";
    case FamilyType::kGauge:
      return "gauge";
    case FamilyType::kHistogram:
      return "histogram";
    case FamilyType::kUntyped:
      return "untyped";
  }
  return "untyped";
}

void add_sample(Family& family, Labels labels, Value value) {
  for (auto& label : labels) label.second = valid_utf8(label.second);
  family.samples.push_back(Sample{"", std::move(labels), value});
}

void add_histogram(Family& family, const Labels& labels, const model::Histogram& histogram) {
  if (histogram.counts.empty()) return;
  assert(histogram.counts.size() == histogram.bounds_ns.size() + 1);
  Labels valid = labels;
  for (auto& label : valid) label.second = valid_utf8(label.second);

  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
    cumulative += histogram.counts[i];
    const bool bounded = i < histogram.bounds_ns.size();
    std::string le = bounded ? seconds_text(histogram.bounds_ns[i]) : "+Inf";
    family.samples.push_back(Sample{"_bucket", with_le(valid, std::move(le)), cumulative});
  }
  family.samples.push_back(Sample{"_sum", valid, Seconds{histogram.sum_ns}});
  family.samples.push_back(Sample{"_count", std::move(valid), cumulative});
}

void merge_equal_series(Family& family) {
  std::unordered_map<std::string, std::size_t> position;
  std::vector<Sample> distinct;
  distinct.reserve(family.samples.size());
  for (Sample& sample : family.samples) {
    const auto [known, is_new] = position.try_emplace(key_of(sample), distinct.size());
    if (is_new) {
      distinct.push_back(std::move(sample));
    } else {
      Value& kept = distinct[known->second].value;
      if (family.type == FamilyType::kGauge) {
        kept = std::max(kept, sample.value);
      } else {
        add_to(kept, sample.value);
      }
    }
  }
  family.samples = std::move(distinct);
}

}  // namespace expose
