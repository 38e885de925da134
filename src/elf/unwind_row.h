// How the caller's registers are found from a function's, at one place of its code.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace elf {

// One operation of a DWARF expression; `code` is DW_OP_*.
struct Operation {
  std::uint8_t code = 0;
  std::uint64_t first = 0;
  std::uint64_t second = 0;

  friend bool operator==(const Operation&, const Operation&) = default;
};
using Expression = std::vector<Operation>;

// x86-64, as DWARF numbers them.
inline constexpr std::size_t kRegisters = 17;
inline constexpr std::size_t kStackPointer = 7;
inline constexpr std::size_t kReturnAddress = 16;

// Of one register of the caller.
struct RegisterRule {
  enum class Kind {
    kSame,       // the function has not touched it
    kUndefined,  // lost; of the return address: there is no caller
    kSaved,      // in memory, at the frame's address plus `offset`
    kValue,      // the frame's address plus `offset`
    kSavedAt,    // in memory, where the expression leads
    kComputed,   // what the expression comes to
  };
  Kind kind = Kind::kSame;
  std::int64_t offset = 0;
  Expression expression;
};

// The canonical frame address is a register plus an offset, or what an expression comes to.
struct FrameAddress {
  std::optional<std::size_t> base;
  std::int64_t offset = 0;
  Expression expression;
};

// For addresses from `begin` to before `end`, as linked.
struct UnwindRow {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  bool is_signal_frame = false;  // then its caller was interrupted there, and called nobody
  FrameAddress frame;
  std::array<RegisterRule, kRegisters> registers;
};

}  // namespace elf
