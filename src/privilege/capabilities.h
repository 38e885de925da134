// Which capabilities are of use to the exporter, and for what. What doctor, the README, the start
// and each thread go by is this one table.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace privilege {

enum class Need {
  kAlways,          // without it nothing is attached
  kForPerfEvents,   // as kAlways, where probes are attached by perf events (Linux before 6.11)
  kUseful,          // without it something is not told of
  kToConfineAsRoot  // only root needs it: his helpers become nobody. Others' helpers stay who they
                    // are
};

struct Capability {
  unsigned int number;
  const char* name;
  Need need;
  const char* purpose;  // "loads BPF programs"
  const char* without;  // what is absent then
};

// In the order in which they are told of.
std::span<const Capability> capabilities();

// A set of them, bit by bit, as the kernel has it.
using CapabilitySet = std::uint64_t;

constexpr CapabilitySet set_of(unsigned int number) {
  return CapabilitySet{1} << number;
}

// Those of these needs.
CapabilitySet needed_for(std::span<const Need> needs);

// What the calling thread may use now.
CapabilitySet effective_capabilities();

// Whether the calling thread may look into other users' processes.
bool may_look_into_others();

// By name, such as "CAP_BPF, CAP_PERFMON": those that attaching needs and `held` lacks.
// `by_perf_events`: this kernel has no better way to attach.
std::string missing_to_attach(CapabilitySet held, bool by_perf_events);

// What is absent for want of the others, such as "without CAP_DAC_READ_SEARCH processes whose ...";
// empty: nothing.
std::string absent_without(CapabilitySet held, bool is_root);

}  // namespace privilege
