// What this kernel can do for us.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"

namespace probe {

// Something that the kernel refuses, and what to do about it.
struct KernelFault {
  std::string what;
  std::string fix;
};

// Whether the kernel would not let us load BPF programs. Cheap: loads the smallest program there is
// and throws it away.
std::optional<KernelFault> find_bpf_fault();

// Whether the kernel has no uprobes.
std::optional<KernelFault> find_uprobe_fault();

// Whether the kernel tells where its structures have their members (CONFIG_DEBUG_INFO_BTF).
bool has_kernel_type_information();

// Fails, with the fix, where the kernel would not let us load BPF programs or attach uprobes at
// all.
base::Result<void> check_kernel();

// Of the libbpf that is loaded, such as "1.1".
std::string libbpf_version();

// Sends libbpf's own messages to the log: what it calls warnings as debug messages, since each
// failure that matters is reported by us, once, with its object. Call once.
void redirect_libbpf_log();

}  // namespace probe
