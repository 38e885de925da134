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
  // Not 0: beside a function, either may be of another one, unless both are of the same. Without
  // one, it is the part of its body, a list, that it evaluates.
  std::uint64_t witness = 0;
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

// What a frame of an evaluator's own stack is, by its kind.
struct Continuation {
  enum class Role : std::uint16_t {
    kOther,   // tells nothing
    kNode,    // has an expression of the function that runs
    kRest,    // has the rest of a list of it, which may be the list's end
    kCall,    // a function was called: what lies above is of that
    kBottom,  // the evaluator began
  };
  Role role = Role::kOther;
  std::uint16_t offset = 0;  // from the frame, of what it has
};

// Where an evaluator that does not call itself keeps its calls: `runtime_address` is a pointer to
// what has an array of the threads of Lisp. In there stand what the thread library calls a thread,
// 8 bytes, and the address of its context; in the context those of its evaluator's stack and of the
// expression that it evaluates. The stack tells where its frames are, one after the other, and how
// many. What tells a function is what belongs to its text: an element of a list, or a list's end.
struct LispEvaluation {
  std::uint64_t runtime_address = 0;
  std::uint32_t thread_bytes = 0;
  std::uint32_t max_threads = 0;
  std::uint32_t handle_offset = 0;   // from the runtime, of the first thread
  std::uint32_t context_offset = 0;  // the same
  std::uint32_t stack_offset = 0;    // from the context
  std::uint32_t expression_offset = 0;
  std::uint32_t frames_offset = 0;  // from the stack
  std::uint32_t count_offset = 0;
  std::uint32_t capacity_offset = 0;
  std::int32_t outer_offset = 0;  // to the stack of the evaluator that began it; 0: not known
  std::uint32_t frame_bytes = 0;
  std::uint32_t kind_offset = 0;  // from a frame
  std::uint32_t environment_offset = 0;
  std::uint32_t parent_offset = 0;  // from an environment; 0 stands there where no function runs
  std::uint32_t head_offset = 0;  // from a part of a list, which points to an element and the rest
  std::uint32_t tail_offset = 0;
  // Where a list's last part may be, from its end, which was made just before.
  std::array<std::uint32_t, 2> end_distances{};
  std::uint32_t flags_offset = 0;  // from an expression
  std::uint32_t call_mask = 0;     // of the flags, of an expression that is a call
  std::uint32_t call_flags = 0;
  std::array<Continuation, 16> kinds{};
};

// What became of a look at the evaluator's frames.
enum class LispEnding {
  kWhole,
  kCut,     // it has more of them than were read
  kBroken,  // they could not be followed to the end
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
  LispEnding lisp_ending = LispEnding::kWhole;
  std::uint64_t stack_address = 0;
  std::vector<std::byte> stack;  // from there on; what could not be read is zero
};

}  // namespace model
