// The maps hold as many processes as are asked for.
#include <gtest/gtest.h>

#include <valkyria/abi/limits.h>

#include "probe_fixture.h"

namespace kernel_test {
namespace {

class RoomsTest : public KernelTest, public testing::WithParamInterface<std::uint32_t> {
 protected:
  static probe::Programs load() {
    auto programs = probe::Programs::load(all_groups(),
                                          {probe::best_attach_method(), std::nullopt, GetParam()});
    if (!programs) throw std::runtime_error(programs.error().message);
    return std::move(*programs);
  }
};

TEST_P(RoomsTest, HaveASlotForEachTargetAndForTheExporter) {
  const probe::Programs programs = load();
  EXPECT_EQ(programs.max_targets(), GetParam());
  EXPECT_EQ(programs.own_slot(), GetParam());
  for (const char* const map : {"counters", "targets", "pauses", "gc_places", "evals"}) {
    EXPECT_EQ(programs.max_entries(map), GetParam() + 1) << map;
  }
}

TEST_P(RoomsTest, HoldNoLessThanWhatTheProgramsAreCompiledWith) {
  const probe::Programs programs = load();
  EXPECT_GE(programs.max_entries("http_servers"), VALK_USUAL_ENDPOINTS + GetParam() + 1);
  EXPECT_GE(programs.max_entries("open_evals"), std::uint32_t{VALK_USUAL_EVAL_CONTEXTS});
  EXPECT_GE(programs.max_entries("gc_heaps"), VALK_HEAPS_A_TARGET * GetParam());
  EXPECT_EQ(programs.max_entries("functions"), VALK_MAX_FUNCTIONS + GetParam() + 1);
  EXPECT_EQ(programs.max_entries("no_such_map"), 0u);
}

TEST_P(RoomsTest, CountInTheLastSlotToo) {
  const Binary binary = read_binary(puppet_path("probe_puppet"));
  Puppet puppet;
  const std::uint32_t last = GetParam() - 1;
  probe::Programs programs = load();
  ASSERT_TRUE(programs.watch(last, puppet.pid()));
  std::vector<probe::AttachFailure> failures;
  const auto attachment =
      probe::Attachment::attach(programs, {binary.executable.fd.get(), puppet.pid(), last},
                                probe::Means::kSites, probe::sites_of(binary.sites), failures);
  ASSERT_TRUE(failures.empty());
  puppet.tell("requests 1 3");
  puppet.tell("gc 2");
  probe::AttachedBySlot attached(last + 1);
  attached[last] = attachment.attached();
  const auto slots = probe::read_slots(programs, attached);
  ASSERT_TRUE(slots) << slots.error().message;
  ASSERT_EQ(slots->size(), GetParam());
  EXPECT_EQ(all_requests(slots->at(last)), 3u);
  EXPECT_EQ(slots->at(last).gc.cycles, 2u);
  EXPECT_EQ(probe::read_hits(programs, last)[VALK_PROBE_REQUEST_END], 3u);
}

INSTANTIATE_TEST_SUITE_P(MaxTargets, RoomsTest,
                         testing::Values(1U, std::uint32_t{VALK_USUAL_TARGETS},
                                         std::uint32_t{VALK_MOST_TARGETS}));

}  // namespace
}  // namespace kernel_test
