// Where a program calls a function, and what it gives to it there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "elf/debug_information.h"
#include "elf/unwind_row.h"

namespace elf {

struct CallSite {
  // What a call is to an evaluator that calls itself, and what its value is then.
  enum class Kind {
    kFunction,  // one of a function of the script: what stands for that
    kBody,      // to evaluate such a function's body: the part of that list which it is at
  };

  std::uint64_t return_address = 0;
  // What the parameter or the variable that was asked for is worth, by the registers of the
  // caller's frame as they are once the function has returned; empty: nobody knows.
  Expression value;
  Expression frame_base;  // of the caller, which `value` may ask for; empty: it has none
  Kind kind = Kind::kFunction;

  friend bool operator==(const CallSite&, const CallSite&) = default;
};

inline constexpr std::size_t kMaxCallSites = 1'000;

// The calls of a function that come back, as linked, at most kMaxCallSites of them; with what goes
// there in a register, numbered as DWARF does. Of a value only what holds as long as the function
// runs is told: a register that it may change is nobody's.
std::vector<CallSite> find_call_sites(const DebugInformation& debug, std::string_view function,
                                      std::size_t register_number);

// The calls of `called` in `caller` itself, and in nothing that was put into that, at most
// kMaxCallSites of them; with what one of the caller's variables of these names is worth there,
// under the same condition: of the innermost block that knows one.
std::vector<CallSite> find_calls_within(const DebugInformation& debug, std::string_view caller,
                                        std::string_view called,
                                        std::span<const std::string_view> variables,
                                        CallSite::Kind kind);

}  // namespace elf
