// What can be known about this kernel without changing anything: facts for `doctor`, which judges.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "probe/kernel.h"

namespace probe {

struct KernelVersion {
  int major = 0;
  int minor = 0;

  friend auto operator<=>(const KernelVersion&, const KernelVersion&) = default;
};

// Parses a release such as "6.18.44-cloud-amd64"; zeros where the text is none.
KernelVersion parse_kernel_version(std::string_view release);

// The mode in brackets of a text such as "none [integrity] confidentiality", if there is one.
std::optional<std::string_view> parse_lockdown(std::string_view text);

// What can't be found out is absent.
struct KernelFacts {
  std::string release;
  std::string machine;                   // such as "x86_64"
  std::optional<KernelFault> bpf_fault;  // none: programs can be loaded
  std::optional<KernelFault> uprobe_fault;
  std::optional<bool> ring_buffer;      // unknown unless programs can be loaded
  bool btf = false;                     // of the kernel itself
  std::optional<std::string> lockdown;  // mode, where the kernel has lockdown and shows it
  std::optional<int> perf_event_paranoid;
};

KernelFacts read_kernel_facts();

}  // namespace probe
