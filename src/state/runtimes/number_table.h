// Tables of plain numbers: which path gives which member of the model.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "model/catalogue.h"
#include "state/field_reader.h"

namespace state {

// One line of such a table.
template <typename Owner>
struct Number {
  const char* path;
  model::Count Owner::*into;
  std::uint64_t scale = 1;  // 1000 where the runtime keeps microseconds and we nanoseconds
};
// Clang before 17 has none for aggregates.
template <typename Owner>
Number(const char* path, model::Count Owner::*into, std::uint64_t scale = 1) -> Number<Owner>;

// In another unit, or so many times. What that makes too large is not believed.
inline model::Count scaled(model::Count number, std::uint64_t scale) {
  if (!number || scale == 0) return number ? model::Count(0) : std::nullopt;
  return *number <= kMaxBelieved / scale ? model::Count(*number * scale) : std::nullopt;
}

// A sum of which a part is not known is not known.
inline model::Count sum(model::Count a, model::Count b) {
  return a && b && *a <= kMaxBelieved - *b ? model::Count(*a + *b) : std::nullopt;
}

// What is left of a number, of a pool that is read while it changes: more than there is was torn.
inline model::Count difference(model::Count all, model::Count left) {
  return all && left && *left <= *all ? model::Count(*all - *left) : std::nullopt;
}

// The table of one layout, with its paths looked up.
template <typename Owner>
class NumberTable {
 public:
  // `numbers` lives as long as the program.
  NumberTable(std::span<const Number<Owner>> numbers, const FieldReader& fields)
      : numbers_(numbers) {
    for (const auto& number : numbers) handles_.push_back(fields.find(number.path));
  }

  // Sets what is known of `owner`, which is that element.
  void fill(Owner& owner, const FieldReader& fields,
            std::initializer_list<std::size_t> element) const {
    for (std::size_t i = 0; i < numbers_.size(); ++i) {
      owner.*numbers_[i].into = scaled(fields.number(handles_[i], element), numbers_[i].scale);
    }
  }

  void append_members(std::vector<model::Member>& members) const {
    for (std::size_t i = 0; i < numbers_.size(); ++i) {
      if (handles_[i]) members.emplace_back(numbers_[i].into);
    }
  }

 private:
  std::span<const Number<Owner>> numbers_;
  std::vector<FieldHandle> handles_;
};

template <typename Owner, std::size_t rows>
void append_paths(std::vector<std::string>& paths, const std::array<Number<Owner>, rows>& numbers) {
  for (const auto& number : numbers) paths.emplace_back(number.path);
}

// Each path once, in the order of the first of each: tables may share some.
inline std::vector<std::string> without_twins(std::vector<std::string> paths) {
  std::vector<std::string> distinct;
  for (std::string& path : paths) {
    if (std::find(distinct.begin(), distinct.end(), path) == distinct.end()) {
      distinct.push_back(std::move(path));
    }
  }
  return distinct;
}

// One line of a table of histograms. `buckets` ends in `[]`: one count a bucket, not cumulative,
// the last one for what is above every bound. The bounds live as long as the program.
template <typename Owner>
struct HistogramRow {
  const char* buckets;
  const char* sum_ns;
  std::optional<model::Histogram> Owner::*into;
  std::span<const std::uint64_t> bounds_ns;
};
template <typename Owner>
HistogramRow(const char* buckets, const char* sum_ns, std::optional<model::Histogram> Owner::*into,
             std::span<const std::uint64_t> bounds_ns) -> HistogramRow<Owner>;

template <typename Owner, std::size_t rows>
void append_paths(std::vector<std::string>& paths,
                  const std::array<HistogramRow<Owner>, rows>& histograms) {
  for (const HistogramRow<Owner>& row : histograms) {
    paths.emplace_back(row.buckets);
    paths.emplace_back(row.sum_ns);
  }
}

// The table of one layout, with its paths looked up: histograms in each element of an array.
template <typename Owner>
class HistogramTable {
 public:
  // `rows` lives as long as the program.
  HistogramTable(std::span<const HistogramRow<Owner>> rows, const FieldReader& fields)
      : rows_(rows) {
    for (const auto& row : rows) {
      handles_.push_back({fields.find(row.buckets), fields.find(row.sum_ns)});
    }
  }

  // Sets what is known of `owner`, which is that element.
  void fill(Owner& owner, const FieldReader& fields, std::size_t element) const {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      owner.*rows_[i].into = read(rows_[i].bounds_ns, handles_[i], fields, element);
    }
  }

  void append_members(std::vector<model::Member>& members) const {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (handles_[i].buckets && handles_[i].sum) members.emplace_back(rows_[i].into);
    }
  }

 private:
  struct Handles {
    FieldHandle buckets;
    FieldHandle sum;
  };

  static std::optional<model::Histogram> read(std::span<const std::uint64_t> bounds_ns,
                                              const Handles& handles, const FieldReader& fields,
                                              std::size_t element) {
    const auto sum_ns = fields.number(handles.sum, {element});
    if (!sum_ns) return std::nullopt;
    model::Histogram histogram{bounds_ns, {}, *sum_ns};
    std::uint64_t total = 0;
    for (std::size_t bucket = 0; bucket <= bounds_ns.size(); ++bucket) {
      const auto count = fields.number(handles.buckets, {element, bucket});
      if (!count) return std::nullopt;
      histogram.counts.push_back(*count);
      total += *count;
      if (total > kMaxBelieved) return std::nullopt;
    }
    return histogram;
  }

  std::span<const HistogramRow<Owner>> rows_;
  std::vector<Handles> handles_;
};

}  // namespace state
