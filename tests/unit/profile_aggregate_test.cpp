// Stacks of samples added up, with Lisp functions in the place of the evaluator.
#include "profile/aggregate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

namespace {

using model::FunctionKind;
using model::GcPhase;
using model::LispEnding;
using profile::Ending;
using testing::ElementsAre;

// A Lisp frame that is the runtime's own.
constexpr std::uint64_t kOfRuntime = 1'000'000;

struct NativeFrame {
  std::string function;
  std::optional<std::uint64_t> end;
};

class AggregateOfStacks : public testing::Test {
 protected:
  // The innermost frame first. A Lisp frame's function is a number: "f7".
  void add(const std::vector<NativeFrame>& frames, const std::vector<model::LispFrame>& lisp,
           Ending ending = Ending::kComplete) {
    sample_.lisp = lisp;
    profile::FoundStacks found;
    found.stacks = {{ending, {}}};
    for (const NativeFrame& frame : frames) {
      found.stacks[0].frames.push_back({location_of(frame.function, found), frame.end});
    }
    aggregate_.add({sample_}, found);
    sample_ = {};
    sample_.thread = 11;
  }
  std::vector<std::string> names_of(const model::ProfileStack& stack) const {
    std::vector<std::string> names;
    for (const std::size_t location : stack.locations) {
      for (const auto& line : profile_.locations.at(location).lines) {
        names.push_back(profile_.functions.at(line.function).name);
      }
    }
    return names;
  }
  // What the one stack is called, after one add().
  std::vector<std::string> only_stack() {
    profile_ = aggregate_.take();
    EXPECT_EQ(profile_.stacks.size(), 1u);
    return names_of(profile_.stacks.at(0));
  }
  FunctionKind kind_of(const std::string& name) const {
    for (const auto& function : profile_.functions) {
      if (function.name == name) return function.kind;
    }
    ADD_FAILURE() << name;
    return FunctionKind::kNative;
  }

  model::StackSample sample_ = [] {
    model::StackSample sample;
    sample.thread = 11;
    return sample;
  }();
  profile::Aggregate aggregate_{
      {{0x1000, 0x2000, 0, "/bin/lisp", "ab"}},
      [](const model::LispFrame& frame) -> std::optional<std::string> {
        if (frame.function == kOfRuntime) return std::nullopt;
        return frame.function == 0 ? "" : "f" + std::to_string(frame.function);
      },
      [](std::uint32_t thread) { return "thread" + std::to_string(thread); }};
  model::Profile profile_;

 private:
  std::size_t location_of(const std::string& name, profile::FoundStacks& found) {
    const auto [known, is_new] = known_.try_emplace(name, known_.size());
    if (is_new) {
      found.new_functions.push_back({name, "", ""});
      found.new_locations.push_back({0x1000 + known->second, 0, {{known->second, 1}}});
    }
    return known->second;
  }

  std::map<std::string, std::size_t> known_;
};

TEST_F(AggregateOfStacks, PutsALispFunctionInThePlaceOfTheEvaluator) {
  add({{"builtin_add", 0x110},
       {"evaluate_pair", 0x200},
       {"evaluate", 0x300},
       {"run_file", 0x400},
       {"main", {}}},
      {{0x180, 7}});
  EXPECT_THAT(only_stack(), ElementsAre("builtin_add", "f7", "run_file", "main"));
  EXPECT_EQ(kind_of("f7"), FunctionKind::kLisp);
  EXPECT_EQ(kind_of("main"), FunctionKind::kNative);
}

TEST_F(AggregateOfStacks, LeavesOutHowOneLispFunctionCallsTheNext) {
  add({{"memcpy", 0x110},
       {"evaluate", 0x200},
       {"call_map", 0x280},
       {"evaluate", 0x300},
       {"evaluate", 0x400},
       {"main", {}}},
      {{0x150, 3}, {0x290, 2}, {0x350, 1}});
  EXPECT_THAT(only_stack(), ElementsAre("memcpy", "f3", "f2", "f1", "main"));
}

TEST_F(AggregateOfStacks, ShowsSeveralLispFramesOfOneNativeFrame) {
  add({{"evaluate", 0x200}, {"main", {}}}, {{0x110, 5}, {0x120, 5}, {0x130, 4}});
  EXPECT_THAT(only_stack(), ElementsAre("f5", "f5", "f4", "main"));
}

TEST_F(AggregateOfStacks, KeepsLispFramesOutsideOfAllThatCouldBeFollowed) {
  add({{"evaluate", 0x200}, {"evaluate", {}}}, {{0x110, 5}, {0x900, 4}}, Ending::kNoRow);
  EXPECT_THAT(only_stack(), ElementsAre("f5", "f4", "[unknown caller]"));
}

TEST_F(AggregateOfStacks, ShowsTheEvaluatorWhereNoLispFunctionIsKnown) {
  add({{"evaluate_pair", 0x200}, {"evaluate", 0x300}, {"main", {}}}, {});
  EXPECT_THAT(only_stack(), ElementsAre("evaluate_pair", "evaluate", "main"));
}

TEST_F(AggregateOfStacks, LeavesOutLispFramesOfTheRuntimesOwn) {
  add({{"evaluate", 0x200}, {"main", {}}}, {{0x110, kOfRuntime}, {0x120, 5}});
  EXPECT_THAT(only_stack(), ElementsAre("f5", "main"));
  add({{"evaluate", 0x200}}, {{0x110, kOfRuntime}});
  EXPECT_THAT(only_stack(), ElementsAre("evaluate"));
}

TEST_F(AggregateOfStacks, NeverMakesUpAName) {
  add({{"evaluate", 0x200}}, {{0x110, 0}, {0x120, 9}});
  EXPECT_THAT(only_stack(), ElementsAre("<lambda>", "f9"));
  EXPECT_EQ(kind_of("<lambda>"), FunctionKind::kLisp);
}

// An evaluator with a stack of its own: all its calls are where it keeps that.
TEST_F(AggregateOfStacks, ShowsAllCallsOfOneEvaluatorInItsPlace) {
  add({{"work", 0x100},
       {"valk_eval_apply_func_iter", 0x200},
       {"valk_lval_eval", 0x300},
       {"valk_builtin_select", 0x400},
       {"valk_lval_eval", 0x500},
       {"main", 0x600}},
      {{0x280, 7}, {0x280, kOfRuntime}, {0x280, 0}, {0x280, 8}});
  EXPECT_THAT(only_stack(),
              ElementsAre("work", "f7", "<lambda>", "f8", "valk_builtin_select", "main"));
}

// A chain that the target made up.
TEST_F(AggregateOfStacks, StandsLispFramesInAnyOrder) {
  add({{"a", 0x100}, {"evaluate", 0x200}, {"b", 0x150}},
      {{~std::uint64_t{0}, 1}, {0, 2}, {0x180, 3}});
  EXPECT_THAT(only_stack(), ElementsAre("a", "b", "f1", "f2", "f3"));
}

TEST_F(AggregateOfStacks, SaysWhereAStackIsNotWhole) {
  for (const auto& [ending, marker] : {std::pair{Ending::kTruncated, "[truncated]"},
                                       {Ending::kTooDeep, "[truncated]"},
                                       {Ending::kNoRow, "[unknown caller]"},
                                       {Ending::kBadMemory, "[unknown caller]"}}) {
    add({{"a", 0x100}}, {}, ending);
  }
  add({{"a", 0x100}}, {});
  profile_ = aggregate_.take();
  ASSERT_EQ(profile_.stacks.size(), 3u);
  EXPECT_THAT(names_of(profile_.stacks[0]), ElementsAre("a", "[truncated]"));
  EXPECT_THAT(names_of(profile_.stacks[1]), ElementsAre("a", "[unknown caller]"));
  EXPECT_THAT(names_of(profile_.stacks[2]), ElementsAre("a"));
  EXPECT_EQ(kind_of("[truncated]"), FunctionKind::kMarker);
  EXPECT_EQ(profile_.counts.samples, 5u);
  EXPECT_EQ(profile_.counts.truncated, 2u);
  EXPECT_EQ(profile_.counts.failed, 2u);
}

// More Lisp functions than were read: those that are missing are outside of the known ones, and so
// is what the runtime's own code does between them.
TEST_F(AggregateOfStacks, SaysWhereLispFunctionsAreMissing) {
  sample_.lisp_ending = LispEnding::kCut;
  add({{"work", 0x110},
       {"evaluate", 0x200},
       {"call_map", 0x300},
       {"evaluate", 0x400},
       {"run_file", 0x500},
       {"main", {}}},
      {{0x180, 8}, {0x190, 7}});
  EXPECT_THAT(only_stack(), ElementsAre("work", "f8", "f7", "[truncated]", "run_file", "main"));
  EXPECT_EQ(kind_of("[truncated]"), FunctionKind::kMarker);
  EXPECT_EQ(profile_.counts.truncated, 1u);
  EXPECT_EQ(profile_.counts.failed, 0u);
  sample_.lisp_ending = LispEnding::kBroken;
  add({{"evaluate", 0x200}, {"main", {}}}, {{0x180, 7}});
  EXPECT_THAT(only_stack(), ElementsAre("f7", "[unknown caller]", "main"));
  EXPECT_EQ(profile_.counts.truncated, 0u);
  EXPECT_EQ(profile_.counts.failed, 1u);
}

// By the Lisp functions where nobody knows which native ones are the evaluator's.
TEST_F(AggregateOfStacks, SaysThatLispFunctionsAreMissingInAStrippedProgram) {
  sample_.lisp_ending = LispEnding::kCut;
  add({{"+0x1", 0x200}, {"+0x2", 0x300}}, {{0x180, 7}});
  EXPECT_THAT(only_stack(), ElementsAre("f7", "[truncated]", "+0x1", "+0x2"));
}

TEST_F(AggregateOfStacks, SaysThatAllLispFunctionsAreMissing) {
  sample_.lisp_ending = LispEnding::kBroken;
  add({{"evaluate", 0x200}, {"main", {}}}, {});
  EXPECT_THAT(only_stack(), ElementsAre("evaluate", "[unknown caller]", "main"));
  sample_.lisp_ending = LispEnding::kBroken;
  add({{"+0x1", 0x200}, {"+0x2", 0x300}}, {});
  EXPECT_THAT(only_stack(), ElementsAre("+0x1", "+0x2", "[unknown caller]"));
  sample_.lisp_ending = LispEnding::kBroken;
  add({{"evaluate", 0x200}, {"main", {}}}, {{0x180, kOfRuntime}});
  EXPECT_THAT(only_stack(), ElementsAre("evaluate", "[unknown caller]", "main"));
}

TEST_F(AggregateOfStacks, MarksAPlaceOnceAndCountsASampleOnce) {
  sample_.lisp_ending = LispEnding::kCut;
  add({{"evaluate", 0x200}}, {{0x180, 7}, {0x900, 8}}, Ending::kTruncated);
  EXPECT_THAT(only_stack(), ElementsAre("f7", "f8", "[truncated]"));
  EXPECT_EQ(profile_.counts.truncated, 1u);
  sample_.lisp_ending = LispEnding::kBroken;
  add({{"+0x1", 0x200}}, {}, Ending::kTruncated);
  EXPECT_THAT(only_stack(), ElementsAre("+0x1", "[truncated]"));
  EXPECT_EQ(profile_.counts.truncated + profile_.counts.failed, 1u);
  sample_.lisp_ending = LispEnding::kBroken;
  add({{"evaluate", 0x200}, {"callback", 0x300}}, {{0x180, 7}}, Ending::kNoRow);
  EXPECT_THAT(only_stack(), ElementsAre("f7", "[unknown caller]", "callback", "[unknown caller]"));
  EXPECT_EQ(profile_.counts.failed, 1u);
}

TEST_F(AggregateOfStacks, PutsTheKernelInnermost) {
  sample_.is_in_kernel = true;
  add({{"read", 0x100}, {"main", {}}}, {});
  EXPECT_THAT(only_stack(), ElementsAre("[kernel]", "read", "main"));
  EXPECT_EQ(kind_of("[kernel]"), FunctionKind::kKernel);
}

TEST_F(AggregateOfStacks, KeepsPhasesAndThreadsApart) {
  add({{"a", {}}}, {});
  sample_.is_in_pause = true;
  add({{"a", {}}}, {});
  sample_.is_in_pause = sample_.collects = true;
  add({{"a", {}}}, {});
  sample_.collects = true;  // a flag that says nothing without a pause
  add({{"a", {}}}, {});
  sample_.thread = 12;
  add({{"a", {}}}, {});
  profile_ = aggregate_.take();
  ASSERT_EQ(profile_.stacks.size(), 4u);
  EXPECT_EQ(profile_.stacks[0].phase, GcPhase::kOutside);
  EXPECT_EQ(profile_.stacks[0].samples, 2u);
  EXPECT_EQ(profile_.stacks[1].phase, GcPhase::kPaused);
  EXPECT_EQ(profile_.stacks[2].phase, GcPhase::kCollecting);
  EXPECT_EQ(profile_.stacks[3].thread, 1u);
  ASSERT_EQ(profile_.threads.size(), 2u);
  EXPECT_EQ(profile_.threads[1].number, 12u);
  EXPECT_EQ(profile_.threads[1].name, "thread12");
}

TEST_F(AggregateOfStacks, KnowsTheCollector) {
  add({{"mark", 0x100}, {"heap_collect", 0x200}, {"valk_gc_heap2_alloc", {}}}, {});
  only_stack();
  EXPECT_EQ(kind_of("mark"), FunctionKind::kCollector);
  EXPECT_EQ(kind_of("valk_gc_heap2_alloc"), FunctionKind::kNative);
}

TEST_F(AggregateOfStacks, KeepsPlacesWithoutFunctions) {
  profile::FoundStacks found;
  found.new_functions = {{"evaluate", "", ""}, {"inlined", "", ""}};
  found.new_locations = {{0x1234, 0, {}}, {0x1300, 5, {{1, 3}, {0, 4}}}};
  found.stacks = {{Ending::kComplete, {{0, 0x100}, {1, {}}}}};
  sample_.lisp = {{0x50, 1}};
  aggregate_.add({sample_}, found);
  EXPECT_THAT(only_stack(), ElementsAre("f1", "inlined")) << "without the evaluator's";
  EXPECT_EQ(profile_.stacks[0].locations.size(), 3u) << "so does what has no name";
}

TEST_F(AggregateOfStacks, TellsNoModuleThatIsNotThere) {
  profile::FoundStacks found;
  found.new_locations = {{0x1234, 0, {}}, {0x9999, 1, {}}};
  found.stacks = {{Ending::kComplete, {{0, 0x100}, {1, {}}}}};
  aggregate_.add({sample_}, found);
  only_stack();
  EXPECT_EQ(profile_.locations.at(0).mapping, 0u);
  EXPECT_EQ(profile_.locations.at(0).address, 0x1234u);
  EXPECT_FALSE(profile_.locations.at(1).mapping);
}

std::uint64_t sum_of(const model::Profile& profile) {
  return std::accumulate(profile.stacks.begin(), profile.stacks.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const auto& stack) { return sum + stack.samples; });
}

TEST_F(AggregateOfStacks, CountsEachSampleOnce) {
  for (std::uint64_t i = 0; i < 300; ++i) {
    sample_.thread = static_cast<std::uint32_t>(i % 3);
    add({{"a", 0x100}, {"evaluate", 0x200}}, {{0x110, i % 7}}, static_cast<Ending>(i % 5));
  }
  profile_ = aggregate_.take();
  EXPECT_EQ(profile_.counts.samples, 300u);
  EXPECT_EQ(sum_of(profile_), 300u);
}

// Adds one place of its own for each of so many samples.
void add_distinct(profile::Aggregate& aggregate, std::size_t count, std::size_t frames_each) {
  profile::FoundStacks found;
  std::vector<model::StackSample> samples(count);
  for (std::size_t i = 0; i < count; ++i) {
    found.new_locations.push_back({i, {}, {}});
    found.stacks.push_back(
        {Ending::kComplete, std::vector<profile::FoundFrame>(frames_each, {i, {}})});
  }
  aggregate.add(samples, found);
}

TEST_F(AggregateOfStacks, TellsMoreStacksThanItKeepsAsOne) {
  constexpr std::size_t kOver = 5;
  add_distinct(aggregate_, profile::Aggregate::kMaxStacks + kOver, 1);
  profile_ = aggregate_.take();
  ASSERT_EQ(profile_.stacks.size(), profile::Aggregate::kMaxStacks + 1);
  EXPECT_THAT(names_of(profile_.stacks.back()), ElementsAre("[further stacks]"));
  EXPECT_EQ(profile_.stacks.back().samples, kOver);
  EXPECT_EQ(sum_of(profile_), profile_.counts.samples);
}

TEST_F(AggregateOfStacks, KeepsNoMoreFramesThanItsLimit) {
  constexpr std::size_t kEach = profile::kMaxFrames;
  constexpr std::size_t kFit = profile::Aggregate::kMaxFramesOfStacks / kEach + 1;
  add_distinct(aggregate_, kFit + 3, kEach);
  profile_ = aggregate_.take();
  EXPECT_EQ(profile_.stacks.size(), kFit + 1);
  EXPECT_EQ(profile_.stacks.back().samples, 3u);
}

TEST_F(AggregateOfStacks, KeepsNoMoreThreadsThanItsLimit) {
  for (std::uint32_t thread = 1; thread <= 10'003; ++thread) {
    sample_.thread = thread;
    add({{"a", {}}}, {});
  }
  profile_ = aggregate_.take();
  ASSERT_EQ(profile_.threads.size(), 10'001u);
  EXPECT_EQ(profile_.threads.back().name, "[further threads]");
  EXPECT_EQ(profile_.stacks.back().samples, 3u);
}

TEST_F(AggregateOfStacks, KeepsNoMoreLispNamesThanItsLimit) {
  std::vector<model::LispFrame> lisp(100'002);
  for (std::size_t i = 0; i < lisp.size(); ++i) lisp[i] = {0x110, i + 1};
  add({{"evaluate", 0x200}}, lisp);
  const auto names = only_stack();
  EXPECT_EQ(names.at(99'999), "f100000");
  EXPECT_EQ(names.at(100'000), "<lambda>");
  EXPECT_EQ(names.back(), "<lambda>");
}

TEST_F(AggregateOfStacks, BeginsAnewWithEachTake) {
  add({{"a", 0x100}, {"evaluate", 0x200}, {"main", {}}}, {{0x150, 1}});
  sample_.thread = 12;
  add({{"b", 0x100}, {"main", {}}}, {}, Ending::kNoRow);
  EXPECT_EQ(aggregate_.take().stacks.size(), 2u);
  add({{"b", 0x100}, {"main", {}}}, {}, Ending::kNoRow);
  EXPECT_THAT(only_stack(), ElementsAre("b", "main", "[unknown caller]"));
  EXPECT_EQ(profile_.counts.samples, 1u);
  EXPECT_EQ(profile_.functions.size(), 3u) << "no others than those of its stacks";
  ASSERT_EQ(profile_.threads.size(), 1u);
  EXPECT_EQ(profile_.threads[0].number, 11u);
  EXPECT_TRUE(aggregate_.take().stacks.empty());
}

TEST_F(AggregateOfStacks, OfNothingIsEmpty) {
  aggregate_.add({}, {});
  profile_ = aggregate_.take();
  EXPECT_TRUE(profile_.stacks.empty());
  EXPECT_EQ(profile_.mappings.size(), 1u);
}

}  // namespace
