// Where a program calls a function, and what it gives to it there.
#pragma once

#include <cstdint>

#include "elf/unwind_row.h"

namespace elf {

struct CallSite {
  std::uint64_t return_address = 0;  // as linked
  // What the parameter that was asked for is worth, by the registers of the caller's frame once the
  // function has returned; empty: nobody knows.
  Expression value;
  Expression frame_base;  // of the caller, which `value` may ask for; empty: it has none
};

}  // namespace elf
