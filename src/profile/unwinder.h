// From a sample's registers and its copy of the stack to the frames of the thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "elf/unwind_row.h"
#include "profile/module.h"
#include "profile/registers.h"
#include "profile/stack_bytes.h"

namespace profile {

struct Frame {
  // Where it is; of all but the innermost, and those that a signal interrupted, where it goes on.
  std::uint64_t address = 0;
  bool is_exact = false;  // it is at `address` now, not behind a call
  Registers registers;
  std::optional<std::uint64_t> frame_address;  // none: the last one of an incomplete stack

  // An address within the instruction that the frame is at: of a call its last byte.
  std::uint64_t lookup_address() const { return is_exact ? address : address - 1; }
};

// Why a stack ends where it does.
enum class Ending {
  kComplete,   // at the thread's first frame
  kTruncated,  // beyond what was copied of the stack
  kNoRow,      // in code that nothing describes
  kBadMemory,  // at a frame that makes no sense
  kTooDeep,    // past kMaxFrames
};

struct Unwound {
  std::vector<Frame> frames;  // the innermost first; at least one
  Ending ending = Ending::kNoRow;
};

inline constexpr std::size_t kMaxFrames = 4'096;

// The row for an address as linked, of a file; null: none.
using RowSource = std::function<const elf::UnwindRow*(std::size_t file, std::uint64_t address)>;

// Everything but the modules is the target's and may be anything: it takes at most kMaxFrames
// steps.
Unwound unwind(const Registers& innermost, const StackBytes& stack, const ModuleMap& modules,
               const RowSource& rows);

}  // namespace profile
