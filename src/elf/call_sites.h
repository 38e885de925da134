// Where a program calls a function, and what it gives to it there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "elf/debug_information.h"
#include "elf/unwind_row.h"

namespace elf {

struct CallSite {
  std::uint64_t return_address = 0;
  // What the parameter that was asked for is worth, by the registers of the caller's frame as they
  // are once the function has returned; empty: nobody knows.
  Expression value;
  Expression frame_base;  // of the caller, which `value` may ask for; empty: it has none

  friend bool operator==(const CallSite&, const CallSite&) = default;
};

inline constexpr std::size_t kMaxCallSites = 1'000;

// The calls of a function that come back, as linked, at most kMaxCallSites of them; with what goes
// there in a register, numbered as DWARF does. Of a value only what holds as long as the function
// runs is told: a register that it may change is nobody's.
std::vector<CallSite> find_call_sites(const DebugInformation& debug, std::string_view function,
                                      std::size_t register_number);

}  // namespace elf
