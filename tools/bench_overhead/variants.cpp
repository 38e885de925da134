#include "variants.h"

#include <cstdio>
#include <exception>
#include <optional>
#include <utility>

#include "bpftrace.h"

namespace bench {
namespace {

template <typename T>
Attached keep(T attached) {
  return std::make_shared<T>(std::move(attached));
}

std::optional<Variant> bpftrace_variant(const std::string& program, int pid) {
  try {
    const Bpftrace trial(program, pid);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_overhead: without bpftrace: %s\n", error.what());
    return std::nullopt;
  }
  return Variant{kBpftraceVariant, true, [&program, pid]() -> Attached {
                   return std::make_shared<Bpftrace>(program, pid);
                 }};
}

}  // namespace

std::vector<Variant> variants(const WatchedProcess& target, const std::string& program,
                              const EmptyProgram& empty) {
  std::vector<Variant> all;
  all.push_back({kDefaultVariant, true, [&target] { return keep(target.attach()); }});
  all.push_back({kEmptyVariant, true, [&target, &empty] { return keep(empty.attach(target)); }});
  if (auto variant = bpftrace_variant(program, target.pid())) all.push_back(std::move(*variant));
  for (const probe::GroupSpec& spec : probe::groups()) {
    if (!spec.by_default) continue;
    all.push_back({std::string(spec.name), false,
                   [&target, group = spec.group] { return keep(target.attach(group)); }});
  }
  return all;
}

}  // namespace bench
