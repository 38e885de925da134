#include "expose/family.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <functional>
#include <map>

#include "base/utf8.h"

namespace expose {
namespace {

// Within a family the names of the labels are the same.
std::size_t hash_of(const Labels& labels) {
  std::size_t hash = 0;
  for (const auto& label : labels) {
    hash = hash * 31 + std::hash<std::string_view>{}(label.second);
  }
  return hash;
}

// Twins are rare: this finds at little cost that there are none. Different labels may look equal.
bool may_have_twins(const Family& family) {
  if (family.series.size() < 2) return false;
  std::vector<std::size_t> hashes;
  hashes.reserve(family.series.size());
  for (const Series& series : family.series) hashes.push_back(hash_of(series.labels));
  std::sort(hashes.begin(), hashes.end());
  return std::adjacent_find(hashes.begin(), hashes.end()) != hashes.end();
}

// Within a family the values are of one kind.
void add_to(Value& sum, const Value& other) {
  assert(sum.index() == other.index());
  if (auto* const histogram = std::get_if<model::Histogram>(&sum)) {
    model::add(*histogram, std::get<model::Histogram>(other));
    return;
  }
  auto& number = std::get<Number>(sum);
  const auto& more = std::get<Number>(other);
  assert(number.index() == more.index());
  if (auto* const count = std::get_if<std::uint64_t>(&number)) {
    *count += std::get<std::uint64_t>(more);
  } else if (auto* const seconds = std::get_if<Seconds>(&number)) {
    seconds->ns += std::get<Seconds>(more).ns;
  } else if (auto* const signed_count = std::get_if<std::int64_t>(&number)) {
    *signed_count += std::get<std::int64_t>(more);
  } else {
    std::get<double>(number) += std::get<double>(more);
  }
}

}  // namespace

std::string_view name_of(FamilyType type) {
  switch (type) {
    case FamilyType::kCounter:
      return "counter";
    case FamilyType::kGauge:
    case FamilyType::kInfo:
      return "gauge";
    case FamilyType::kHistogram:
      return "histogram";
    case FamilyType::kUntyped:
      return "untyped";
  }
  return "untyped";
}

void add_series(Family& family, Labels labels, Value value,
                std::optional<std::uint64_t> created_unix_ns) {
  if (const auto* const histogram = std::get_if<model::Histogram>(&value)) {
    if (histogram->counts.empty()) return;
    assert(histogram->counts.size() == histogram->bounds_ns.size() + 1);
  }
  if (const auto* const histogram = std::get_if<model::RegisteredHistogram>(&value)) {
    assert(histogram->counts.size() == histogram->bounds_seconds.size() + 1);
  }
  for (auto& label : labels) base::make_valid_utf8(label.second);
  family.series.push_back({std::move(labels), std::move(value), created_unix_ns});
}

void merge_equal_series(Family& family) {
  if (!may_have_twins(family)) return;
  std::map<Labels, std::size_t> position;
  std::vector<Series> distinct;
  distinct.reserve(family.series.size());
  for (Series& series : family.series) {
    const auto [known, is_new] = position.try_emplace(series.labels, distinct.size());
    if (is_new) {
      distinct.push_back(std::move(series));
      continue;
    }
    Series& kept = distinct[known->second];
    if (family.type == FamilyType::kGauge || family.type == FamilyType::kInfo) {
      auto& number = std::get<Number>(kept.value);
      number = std::max(number, std::get<Number>(series.value));
    } else {
      add_to(kept.value, series.value);
      // "Unknown" is less than any time, and stays.
      kept.created_unix_ns = std::min(kept.created_unix_ns, series.created_unix_ns);
    }
  }
  family.series = std::move(distinct);
}

}  // namespace expose
