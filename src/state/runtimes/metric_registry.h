// A runtime's own registry of metrics: arrays of {name, labels, value} with texts behind pointers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "memory/memory.h"
#include "model/registered_series.h"
#include "state/field_reader.h"
#include "state/runtimes/text_cache.h"

namespace state {

// Paths of one array; each but `count` has one `[]`, and the labels' two. The last two are for
// runtimes that have them.
struct MetricArrayPaths {
  const char* count;
  const char* name;
  const char* label_count;
  const char* label_keys;
  const char* label_values;
  const char* help = nullptr;
  const char* active = nullptr;  // false: nobody uses the entry
};

// One entry, with its texts. `index` is its place in the array, for its numbers.
struct RegisteredMetric {
  std::size_t index = 0;
  std::string name;
  std::vector<std::pair<std::string, std::string>> labels;
  std::string help = {};  // empty: none is known

  // Empty: it has no such label.
  std::string_view label(std::string_view key) const;
};

// One of the registry's arrays.
class MetricArray {
 public:
  MetricArray(const MetricArrayPaths& paths, const FieldReader& fields);

  bool is_known() const;

  // The entries that `fields` has read and whose texts are known by now; new texts are read first.
  // Fails when memory can't be read, or when the count is beyond the array.
  base::Result<std::vector<RegisteredMetric>> read(memory::Memory& memory,
                                                   const FieldReader& fields,
                                                   TextCache& texts) const;

  // How many entries are in use: where there are more than read() gives, the others' texts are not
  // known or their names longer than is read, or they say to have more labels than there is room.
  std::size_t entries(const FieldReader& fields) const;

 private:
  std::size_t count(const FieldReader& fields) const;
  bool is_used(const FieldReader& fields, std::size_t index) const;
  std::optional<std::size_t> label_count(const FieldReader& fields, std::size_t index) const;
  std::vector<std::uint64_t> pointers(const FieldReader& fields) const;
  std::optional<RegisteredMetric> metric(const FieldReader& fields, const TextCache& texts,
                                         std::size_t index) const;

  FieldHandle count_, name_, label_count_, keys_, values_, help_, active_;
  std::size_t max_labels_ = 0;
  bool tells_use_ = false;
};

// Paths of the numbers of the entries, with one `[]`, `bounds` and `buckets` with two.
struct RegisteredValuePaths {
  const char* counter;
  const char* gauge;
  const char* histogram_sum_us;
  const char* histogram_bound_count;
  const char* histogram_bounds;
  const char* histogram_buckets;
};

// The value of one entry, by its index; none where it can't be read or believed: a counter of 2^63
// and more, bounds that are below zero, don't rise or are no numbers, more of them than there is
// room for. The sum has no sign, so observations below zero make it wrong.
class RegisteredValues {
 public:
  RegisteredValues(const RegisteredValuePaths& paths, const FieldReader& fields);

  std::optional<model::RegisteredValue> counter(const FieldReader& fields, std::size_t index) const;
  std::optional<model::RegisteredValue> gauge(const FieldReader& fields, std::size_t index) const;
  std::optional<model::RegisteredValue> histogram(const FieldReader& fields,
                                                  std::size_t index) const;

 private:
  FieldHandle counter_, gauge_, sum_us_, bound_count_, bounds_, buckets_;
};

// Adds the entry to what is passed on under its own name, or to what is not readable.
void pass_on(model::Registry& registry, RegisteredMetric metric,
             std::optional<model::RegisteredValue> value);

}  // namespace state
