// What is attached to the target while it works.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bench_support/empty_program.h"
#include "bench_support/watched_process.h"

namespace bench {

// Whoever is attached leaves when this goes.
using Attached = std::shared_ptr<void>;

struct Variant {
  std::string name;
  bool is_of_all_groups;  // else it is a group alone
  std::function<Attached()> attach;
};

inline constexpr const char* kDefaultVariant = "default";
inline constexpr const char* kEmptyVariant = "empty";
inline constexpr const char* kBpftraceVariant = "bpftrace";

// All default groups, each of them alone, an empty program on the same sites, and bpftrace where
// it can be had; else says on stderr why not. The arguments must outlive the result.
std::vector<Variant> variants(const WatchedProcess& target, const std::string& program,
                              const EmptyProgram& empty);

}  // namespace bench
