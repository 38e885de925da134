// Where a thread was when its processor's clock ticked: before anybody has made sense of it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace model {

// x86-64, as DWARF numbers them.
inline constexpr std::size_t kSampledRegisters = 17;

// A frame of the Lisp evaluator in which a named function runs. Addresses are the target's.
struct LispFrame {
  std::uint64_t address = 0;   // where the runtime keeps it
  std::uint64_t function = 0;  // what stands in it for the function
};

// Where a runtime keeps the frames of its evaluator in a chain for each Lisp thread: `threads` is
// an array of pointers to what it keeps of a thread. In there stand the thread's number, 4 bytes,
// and the address of its innermost frame; in a frame the address of its caller, and of what stands
// for the function, 0 where a nameless one runs or none.
struct LispChain {
  std::uint64_t threads_address = 0;
  std::uint32_t max_threads = 0;
  std::uint32_t thread_offset = 0;
  std::uint32_t frames_offset = 0;
  std::uint32_t caller_offset = 0;
  std::uint32_t function_offset = 0;
};

struct StackSample {
  std::uint32_t slot = 0;    // of the target
  std::uint32_t thread = 0;  // as the kernel numbers it for all of the machine
  std::uint64_t time_ns = 0;
  std::array<std::uint64_t, kSampledRegisters> registers{};
  bool is_in_kernel = false;    // the thread was in a system call or a fault
  bool is_in_pause = false;     // a collection that stops the world was open
  bool collects = false;        // and this thread ran it
  std::vector<LispFrame> lisp;  // the innermost first
  std::uint64_t stack_address = 0;
  std::vector<std::byte> stack;  // from there on; what could not be read is zero
};

}  // namespace model
