// The process that unwinds, and what we know of it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "confined/child.h"
#include "profile/found_stacks.h"
#include "target/code_map.h"

namespace profile {

// The hidden command of ours that does the work.
inline constexpr const char* kUnwindConfined = "unwind-confined";

// A confined process of ours that has the files of one target's code open and nothing else: what it
// works on, stacks, call-frame information and DWARF, is the target's own, and libdw is not made
// for hostile files. Ends with this object. One thread, which must be the one that started it.
class UnwindProcess {
 public:
  // Looks for separate debug files below `debug_directories`. `calls` are the evaluator's, where
  // they are in the target (state/lisp_functions.h). Needs what starting a confined process needs
  // (confined/task.h).
  static base::Result<UnwindProcess> start(const target::CodeMap& code,
                                           const std::vector<std::string>& debug_directories,
                                           std::vector<elf::CallSite> calls = {});

  // Stacks of a batch, with what was found for the first time. Fails where the process has ended,
  // was killed for what it used, or does not answer in time: then it is of no use any more.
  base::Result<FoundStacks> find(const std::vector<StackRequest>& requests,
                                 const confined::Patience& patience);

  const ModuleMap& modules() const { return facts_.modules; }

 private:
  UnwindProcess(confined::Child child, base::UniqueFd to, base::UniqueFd from, CodeFacts facts)
      : child_(std::move(child)),
        to_(std::move(to)),
        from_(std::move(from)),
        facts_(std::move(facts)) {}

  confined::Child child_;
  base::UniqueFd to_;
  base::UniqueFd from_;
  CodeFacts facts_;
  std::size_t functions_ = 0;  // that were found so far
  std::size_t locations_ = 0;
  std::size_t told_bytes_ = 0;  // what both take
};

// What the hidden command does: confines this process, then answers until the other end is gone.
// `files`: how many files of code it was given. Gives the exit code.
int run_unwind_confined(std::size_t files);

}  // namespace profile
