// What a DWARF expression comes to in a frame.
#pragma once

#include <cstdint>
#include <optional>

#include "elf/unwind_row.h"
#include "profile/registers.h"
#include "profile/stack_bytes.h"

namespace profile {

// What an expression may look at.
struct ExpressionInput {
  const Registers& registers;
  const StackBytes& stack;
  std::optional<std::uint64_t> frame_address;  // DW_OP_call_frame_cfa, and the first on the stack
  std::optional<std::uint64_t> frame_base;     // DW_OP_fbreg
};

// The value on top at the end; none: it needs what is not known, or is broken. Whether that is an
// address or a value, the caller knows. `begin_with_frame_address`: it stands on the stack at the
// beginning, as rules of registers have it.
std::optional<std::uint64_t> evaluate(const elf::Expression& expression,
                                      const ExpressionInput& input,
                                      bool begin_with_frame_address = false);

}  // namespace profile
