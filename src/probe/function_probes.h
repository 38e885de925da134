// Function probes: named functions of runtimes without probes that tell part of the same.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "elf/elf_file.h"
#include "probe/contract.h"
#include "probe/site.h"

namespace probe {

// What a runtime with function probes calls its only AIO system.
inline constexpr std::string_view kOnlySystem = "main";

struct FunctionProbe {
  std::string_view runtime;   // the name of its layout
  std::string_view function;  // its symbol
  At at;
  std::string_view probe;  // of the contract: whose part it takes
  valk_handler handler;    // of the probe's group
};

// All of them. Only functions that are really called: some have a symbol, but every call of them
// is inlined.
std::span<const FunctionProbe> function_probes();

struct FunctionSite {
  const FunctionProbe* probe;
  std::uint64_t file_offset = 0;
  std::uint64_t address = 0;  // as linked
};

struct RefusedFunction {
  const FunctionProbe* probe;
  std::string reason;
};

// Each function probe of one runtime stands in one of the two.
struct FunctionCheck {
  std::vector<FunctionSite> good;
  std::vector<RefusedFunction> refused;
};

// Finds the functions of a runtime in one of its builds. A group (contract.h) is good as a whole or
// not at all: half of its events would make wrong numbers. With `return_fault`, the reason against
// probes at returns, those are refused.
FunctionCheck check_functions(const elf::ElfFile& file, std::string_view runtime,
                              const std::optional<std::string>& return_fault);

// Where to attach.
std::vector<Site> sites_of(const FunctionCheck& check);

// Why no return of a process may be probed: since Linux 6.11 a probed return makes a system call,
// and a seccomp filter that doesn't know it kills the process. None: it may.
std::optional<std::string> find_return_fault(bool is_under_seccomp,
                                             std::string_view kernel_release);

// Such as "entry of valk_gc_malloc_collect".
std::string name_of(const FunctionProbe& probe);

// The group of the probe whose part it takes.
Group group_of(const FunctionProbe& probe);

}  // namespace probe
