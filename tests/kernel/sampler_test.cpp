// Samples of real stacks of real processes.
#include "probe/sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <thread>

#include "probe/programs.h"
#include "probe_fixture.h"
#include "support/child_process.h"
#include "support/deadline.h"

namespace {

constexpr std::uint32_t kSlot = 3;

// Works on its processor until it is killed.
constexpr const char* kSpin = "while :; do :; done";

class Sampler : public kernel_test::KernelTest {
 protected:
  void SetUp() override {
    KernelTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    auto programs = probe::Programs::load({probe::Group::kGc});
    ASSERT_TRUE(programs) << programs.error().message;
    programs_ = std::make_unique<probe::Programs>(std::move(*programs));
  }
  probe::Sampler open(const probe::SamplerOptions& options) {
    auto sampler = probe::Sampler::open(*programs_, options);
    if (!sampler) throw std::runtime_error(sampler.error().message);
    return std::move(*sampler);
  }
  static std::vector<model::StackSample> take(probe::Sampler& sampler, std::size_t count) {
    std::vector<model::StackSample> samples;
    EXPECT_TRUE(test::wait_until(test::soon(), [&] {
      sampler.take([&](model::StackSample sample) { samples.push_back(std::move(sample)); });
      return samples.size() >= count;
    }));
    return samples;
  }

  std::unique_ptr<probe::Programs> programs_;
};

TEST_F(Sampler, TellsWhereARunningThreadIsAndWhatItsStackHolds) {
  const test::ChildProcess spinning("/bin/sh", {"-c", kSpin});
  ASSERT_TRUE(programs_->watch(kSlot, spinning.pid()));
  probe::Sampler sampler = open({.hz = 499, .stack_bytes = 16 * 1024});
  ASSERT_TRUE(sampler.add(kSlot));
  const auto samples = take(sampler, 50);
  for (const auto& sample : samples) {
    EXPECT_EQ(sample.slot, kSlot);
    EXPECT_EQ(sample.thread, static_cast<std::uint32_t>(spinning.pid()));
    const std::uint64_t stack_pointer = sample.registers[7];
    EXPECT_EQ(sample.stack_address, (stack_pointer - VALK_RED_ZONE_BYTES) & ~7ULL);
    EXPECT_GT(sample.stack.size(), 200u);
    EXPECT_LE(sample.stack.size(), 16u * 1024);
    EXPECT_NE(sample.registers[16], 0u);
  }
  EXPECT_TRUE(std::is_sorted(samples.begin(), samples.end(), [](const auto& a, const auto& b) {
    return a.time_ns < b.time_ns;
  })) << "of one thread";
  EXPECT_EQ(sampler.lost(kSlot), 0u);
}

TEST_F(Sampler, LeavesOthersAndIdleOnesAlone) {
  const test::ChildProcess spinning("/bin/sh", {"-c", kSpin});
  const test::ChildProcess stranger("/bin/sh", {"-c", kSpin});
  const test::ChildProcess idle("/bin/cat", {});
  ASSERT_TRUE(programs_->watch(kSlot, spinning.pid()));
  ASSERT_TRUE(programs_->watch(kSlot + 1, idle.pid()));
  ASSERT_TRUE(programs_->watch(kSlot + 2, stranger.pid()));
  probe::Sampler sampler = open({.hz = 499});
  ASSERT_TRUE(sampler.add(kSlot));
  ASSERT_TRUE(sampler.add(kSlot + 1));
  for (const auto& sample : take(sampler, 50)) EXPECT_EQ(sample.slot, kSlot);
  sampler.remove(kSlot);
  sampler.take([](const model::StackSample&) {});
}

TEST_F(Sampler, CopiesAsMuchOfAStackAsItIsAskedFor) {
  const test::ChildProcess spinning("/bin/sh", {"-c", kSpin});
  ASSERT_TRUE(programs_->watch(kSlot, spinning.pid()));
  for (const std::uint32_t bytes : {0U, 8U, 1'001U, probe::kMaxStackBytes}) {
    probe::Sampler sampler = open({.hz = 499, .stack_bytes = bytes});
    ASSERT_TRUE(sampler.add(kSlot));
    for (const auto& sample : take(sampler, 10)) EXPECT_LE(sample.stack.size(), bytes);
  }
}

TEST_F(Sampler, RefusesWhatIsPastItsLimits) {
  for (const std::uint32_t hz : {0U, probe::kMaxHz + 1, ~0U}) {
    const auto sampler = probe::Sampler::open(*programs_, {.hz = hz});
    ASSERT_FALSE(sampler) << hz;
    EXPECT_NE(sampler.error().message.find("choose from 1 to 10000"), std::string::npos);
  }
  for (const std::uint32_t bytes : {probe::kMaxStackBytes + 1, ~0U}) {
    EXPECT_FALSE(probe::Sampler::open(*programs_, {.hz = 99, .stack_bytes = bytes})) << bytes;
  }
  EXPECT_TRUE(probe::Sampler::open(*programs_, {.hz = 1, .stack_bytes = 0}));
}

TEST_F(Sampler, KnowsNoSlotPastTheLast) {
  probe::Sampler sampler = open({.hz = 99});
  EXPECT_TRUE(sampler.add(VALK_USUAL_SLOTS - 1));
  for (const std::uint32_t slot : {std::uint32_t{VALK_USUAL_SLOTS}, ~0U}) {
    const auto added = sampler.add(slot);
    ASSERT_FALSE(added);
    EXPECT_NE(added.error().message.find(std::to_string(slot)), std::string::npos);
    sampler.remove(slot);
    EXPECT_FALSE(sampler.has_open_pause(slot));
    EXPECT_EQ(sampler.lost(slot), 0u);
  }
}

TEST_F(Sampler, CountsWhatNobodyTakes) {
  std::vector<std::unique_ptr<test::ChildProcess>> spinning;
  spinning.push_back(
      std::make_unique<test::ChildProcess>("/bin/sh", std::vector<std::string>{"-c", kSpin}));
  ASSERT_TRUE(programs_->watch(kSlot, spinning[0]->pid()));
  const std::uint64_t before = programs_->counters()[kSlot].lost[VALK_LOSS_SAMPLES_FULL];
  probe::Sampler sampler = open({.hz = 9'999, .stack_bytes = VALK_MAX_STACK_BYTES});
  ASSERT_TRUE(sampler.add(kSlot));
  EXPECT_TRUE(test::wait_until(test::soon(), [&] { return sampler.lost(kSlot) > before; }));
}

}  // namespace
