// A runtime's own registry of metrics: arrays of {name, labels, value} with texts behind pointers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "memory/memory.h"
#include "state/field_reader.h"
#include "state/text_cache.h"

namespace state {

// Paths of one array; each but `count` has one `[]`, and the labels' two.
struct MetricArrayPaths {
  const char* count;
  const char* name;
  const char* label_count;
  const char* label_keys;
  const char* label_values;
};

// One entry, with its texts. `index` is its place in the array, for its numbers.
struct RegisteredMetric {
  std::size_t index = 0;
  std::string name;
  std::vector<std::pair<std::string, std::string>> labels;

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

 private:
  FieldHandle count_, name_, label_count_, keys_, values_;
  std::size_t max_labels_ = 0;
};

}  // namespace state
