// The table of what probes are good for, against the contract and against what is really served.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "catalogue_rows.h"
#include "probe/function_probes.h"
#include "probe/members_of_probe.h"
#include "state/known_layouts.h"

namespace {

TEST(MembersOfProbe, EveryCountedProbeHasSomeAndEveryProbeHasACost) {
  for (const probe::ProbeSpec& spec : probe::contract()) {
    EXPECT_THAT(probe::cost_of_probe(spec.name), testing::AnyOf("light", "medium", "heavy"))
        << spec.name;
    if (spec.group) {
      EXPECT_TRUE(!probe::members_of_probe(spec.name).empty() || probe::tells_events(spec.name))
          << spec.name;
    }
  }
  EXPECT_EQ(probe::cost_of_probe("gc__pause"), "");
  EXPECT_TRUE(probe::members_of_probe("gc__pause").empty());
}

TEST(MembersOfProbe, NamesEveryMemberThatProbesGive) {
  std::vector<model::Member> named;
  for (const probe::ProbeSpec& spec : probe::contract()) {
    for (const auto means : {probe::Means::kSites, probe::Means::kFunctions}) {
      const auto members = probe::members_of_probe(spec.name, means);
      named.insert(named.end(), members.begin(), members.end());
    }
  }
  for (const model::CatalogueEntry& entry : model::catalogue()) {
    using enum model::Preference;
    const bool may_come_from_probes = entry.from == kStateElseProbe || entry.from == kProbeOnly;
    EXPECT_EQ(may_come_from_probes,
              std::find(named.begin(), named.end(), entry.member) != named.end())
        << entry.name;
  }
}

TEST(GroupsToTry, LeavesOutWhatIsHeavy) {
  const auto groups = probe::groups_to_try();
  EXPECT_FALSE(groups.empty());
  for (const probe::ProbeSpec& spec : probe::contract()) {
    if (!spec.group || probe::cost_of_probe(spec.name) != "heavy") continue;
    EXPECT_THAT(groups, testing::Not(testing::Contains(*spec.group))) << spec.name;
  }
}

// The name in the table is that of a layout; under another one nobody would look for the functions.
TEST(FunctionProbes, AreOfRuntimesWhoseMemoryWeRead) {
  for (const probe::FunctionProbe& function : probe::function_probes()) {
    const auto layouts = state::known_layouts();
    EXPECT_TRUE(std::any_of(layouts.begin(), layouts.end(), [&](const auto& known) {
      return known.name == function.runtime;
    })) << function.runtime;
    ASSERT_NE(probe::find_probe(function.probe), nullptr) << function.probe;
    EXPECT_TRUE(probe::find_probe(function.probe)->hit_slot) << function.probe;
  }
}

}  // namespace
