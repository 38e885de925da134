// From single stacks to a profile.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "model/profile.h"
#include "model/stack_sample.h"
#include "profile/found_stacks.h"

namespace profile {

// What a Lisp frame's function is called; empty: it has no name that can be known. None: it is one
// of the runtime's own, which is left out as the evaluator is.
using LispName = std::function<std::optional<std::string>(const model::LispFrame&)>;
// What a thread calls itself.
using ThreadName = std::function<std::string(std::uint32_t thread)>;

// Adds stacks up. Frames of the evaluator become the Lisp functions that they evaluate: what the
// runtime's own code does between one Lisp function and the next is how a call is made, and left
// out; what it does in the innermost one is shown. One thread.
class Aggregate {
 public:
  // Past either stacks are told as one that says so.
  static constexpr std::size_t kMaxStacks = 100'000;
  // In all of them: 64 MiB, as each stands twice.
  static constexpr std::size_t kMaxFramesOfStacks = 4'000'000;

  // `mappings`: by module, in the order in which the unwinding process knows them.
  Aggregate(std::vector<model::ProfileMapping> mappings, LispName lisp_name,
            ThreadName thread_name);

  // `samples` and `found.stacks` go together.
  void add(const std::vector<model::StackSample>& samples, const FoundStacks& found);

  // All that was added since the last call, with the functions and locations that it has and no
  // others; what is known only at the end is for the caller to fill in.
  model::Profile take();

 private:
  using Key = std::tuple<std::size_t, model::GcPhase, std::vector<std::size_t>>;

  void add_one(const model::StackSample& sample, const FoundStack& stack);
  void add_functions(const FoundStacks& found);
  std::vector<std::size_t> locations_of(const model::StackSample& sample, const FoundStack& stack);
  std::vector<std::optional<std::size_t>> lisp_locations_of(
      const std::vector<model::LispFrame>& frames);
  std::size_t lisp_location(const std::string& told);
  std::size_t marker_location(const std::string& name,
                              model::FunctionKind kind = model::FunctionKind::kMarker);
  std::size_t thread_of(std::uint32_t number);
  std::optional<std::size_t> without_evaluator(std::size_t location);

  const LispName lisp_name_;
  const ThreadName thread_name_;
  model::Profile profile_;
  std::vector<std::size_t> functions_;  // of the process that unwinds, to the profile's
  std::vector<std::size_t> locations_;  // the same of locations
  // What is shown of a location where Lisp functions are; none: nothing.
  std::map<std::size_t, std::optional<std::size_t>> without_evaluator_;
  std::map<std::string, std::size_t> lisp_locations_;    // by name
  std::map<std::string, std::size_t> marker_locations_;  // by name
  std::map<std::uint32_t, std::size_t> threads_;         // by number
  std::map<Key, std::size_t> stacks_;
  std::size_t frames_ = 0;  // in `stacks_`
};

}  // namespace profile
