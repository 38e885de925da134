// What the functions are called that a sampled thread's evaluator runs.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "elf/call_sites.h"
#include "memory/memory.h"
#include "model/stack_sample.h"
#include "state/layout.h"

namespace state {

// The Lisp functions of one process, by what its stacks hold of them. What it remembers is of this
// process alone. One thread at a time.
class LispFunctions {
 public:
  virtual ~LispFunctions() = default;

  // What has to be read with each sample; none: nothing.
  virtual std::optional<model::LispChain> chain() const { return std::nullopt; }

  // The same of an evaluator with a stack of its own. A frame's address is then that of the
  // evaluator's stack, which lies in the native frame of the evaluator.
  virtual std::optional<model::LispEvaluation> evaluation() const { return std::nullopt; }

  // Where the evaluator calls a function, in the process, and what stands for that in the frame
  // that calls; empty: such frames are not in the native stack.
  virtual std::vector<elf::CallSite> call_sites() const { return {}; }

  // To be called before the first sample is taken: a function that is known by then is known for
  // sure. Without it, there are fewer names in the first second.
  virtual void prepare(memory::Memory& memory) { static_cast<void>(memory); }

  // What the function of a frame is called, in any bytes; empty: it has no name that can be known.
  // None: it is one of the runtime's own, and no function of the script. May read the memory, in
  // bounded pieces; what it found is remembered as long as it can't become wrong.
  virtual std::optional<std::string> name(const model::LispFrame& frame,
                                          memory::Memory& memory) = 0;
};

// By the layout's name and fields; null: nothing is known of where this build has its Lisp
// functions. `load_bias` is of the executable.
std::unique_ptr<LispFunctions> open_lisp_functions(const Layout& layout, std::uint64_t load_bias);

}  // namespace state
