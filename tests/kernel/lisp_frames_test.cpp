// Lisp frames in samples of runtimes that keep them right, too many of them, or wrong: whatever
// they lead to, the sample says that they are not whole.
#include <gtest/gtest.h>

#include <sstream>

#include "probe/programs.h"
#include "probe/sampler.h"
#include "probe_fixture.h"
#include "support/child_process.h"
#include "support/deadline.h"

namespace {

using model::LispEnding;

constexpr std::uint32_t kSlot = 3;
constexpr std::size_t kWhole = 20;  // frames, in the puppet

// As the puppet has them.
model::LispChain chain_at(std::uint64_t threads) {
  model::LispChain chain;
  chain.threads_address = threads;
  chain.max_threads = 4;
  chain.thread_offset = 8;
  chain.frames_offset = 0;
  chain.caller_offset = 0;
  chain.function_offset = 8;
  return chain;
}

model::LispEvaluation evaluation_at(std::uint64_t runtime) {
  using Role = model::Continuation::Role;
  model::LispEvaluation evaluation;
  evaluation.runtime_address = runtime;
  evaluation.thread_bytes = 16;
  evaluation.max_threads = 1;
  evaluation.context_offset = 8;
  evaluation.expression_offset = 8;
  evaluation.count_offset = 8;
  evaluation.capacity_offset = 16;
  evaluation.frame_bytes = 24;
  evaluation.environment_offset = 8;
  evaluation.call_flags = 1;  // no expression is a call
  evaluation.kinds[0] = {Role::kNode, 16};
  evaluation.kinds[1] = {Role::kCall, 0};
  evaluation.kinds[2] = {Role::kBottom, 0};
  return evaluation;
}

struct Frames {
  std::size_t count;
  LispEnding ending;
};

class LispFrames : public kernel_test::KernelTest {
 protected:
  // Of some samples, which all have the same.
  static Frames frames_of(const std::string& how, bool has_chain) {
    test::ChildProcess puppet(kernel_test::puppet_path("chain_puppet"), {how});
    const auto places = puppet.read_line(test::soon());
    if (!places) throw std::runtime_error("the puppet says nothing");
    std::uint64_t threads = 0;
    std::uint64_t runtime = 0;
    std::istringstream(*places) >> threads >> runtime;
    auto programs = probe::Programs::load({probe::Group::kGc}).value();
    EXPECT_TRUE(programs.watch(kSlot, puppet.pid()));
    auto sampler = probe::Sampler::open(programs, {.hz = 499, .stack_bytes = 4'096}).value();
    const auto added = has_chain ? sampler.add(kSlot, chain_at(threads))
                                 : sampler.add(kSlot, std::nullopt, evaluation_at(runtime));
    EXPECT_TRUE(added);
    std::vector<Frames> seen;
    EXPECT_TRUE(test::wait_until(test::soon(), [&] {
      sampler.take([&](const model::StackSample& sample) {
        seen.push_back({sample.lisp.size(), sample.lisp_ending});
      });
      return seen.size() >= 20;
    }));
    for (const Frames& frames : seen) {
      EXPECT_EQ(frames.count, seen[0].count);
      EXPECT_EQ(frames.ending, seen[0].ending);
    }
    return seen.at(0);
  }
};

struct Case {
  const char* how;
  std::size_t count;
  LispEnding ending;
};

class LispFramesOfAChain : public LispFrames, public testing::WithParamInterface<Case> {};

TEST_P(LispFramesOfAChain, SayWhetherTheyAreWhole) {
  const Frames frames = frames_of(GetParam().how, true);
  EXPECT_EQ(frames.count, GetParam().count);
  EXPECT_EQ(frames.ending, GetParam().ending);
}

INSTANTIATE_TEST_SUITE_P(Hows, LispFramesOfAChain,
                         testing::Values(Case{"whole", kWhole, LispEnding::kWhole},
                                         Case{"deep", VALK_MAX_LISP_FRAMES, LispEnding::kCut},
                                         Case{"nameless", 0, LispEnding::kCut},
                                         Case{"cycle", kWhole, LispEnding::kBroken},
                                         Case{"backwards", kWhole, LispEnding::kBroken},
                                         Case{"unaligned", kWhole, LispEnding::kBroken},
                                         Case{"unmapped", kWhole, LispEnding::kBroken},
                                         Case{"nowhere", 0, LispEnding::kBroken},
                                         Case{"lost", 0, LispEnding::kBroken}),
                         [](const auto& one) { return one.param.how; });

class LispFramesOfAnEvaluator : public LispFrames, public testing::WithParamInterface<Case> {};

TEST_P(LispFramesOfAnEvaluator, SayWhetherTheyAreWhole) {
  const Frames frames = frames_of(GetParam().how, false);
  EXPECT_EQ(frames.count, GetParam().count);
  EXPECT_EQ(frames.ending, GetParam().ending);
}

INSTANTIATE_TEST_SUITE_P(Hows, LispFramesOfAnEvaluator,
                         testing::Values(Case{"whole", kWhole, LispEnding::kWhole},
                                         Case{"deep", VALK_MAX_LISP_FRAMES, LispEnding::kCut},
                                         Case{"unmapped", 0, LispEnding::kBroken},
                                         Case{"nowhere", 0, LispEnding::kBroken},
                                         Case{"lost", 0, LispEnding::kBroken}),
                         [](const auto& one) { return one.param.how; });

}  // namespace
