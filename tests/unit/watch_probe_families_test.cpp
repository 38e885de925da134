// The table of what probes are good for, against the contract and against what is really served.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "expose/family_groups.h"
#include "probe/families_of_probe.h"
#include "probe/function_probes.h"
#include "state/known_layouts.h"

namespace {

std::set<std::string, std::less<>> families_of_counted_probes() {
  std::set<std::string, std::less<>> names;
  for (const probe::ProbeSpec& spec : probe::contract()) {
    if (!spec.group) continue;
    for (const auto name : probe::families_of_probe(spec.name)) names.emplace(name);
  }
  return names;
}

TEST(FamiliesOfProbe, EveryCountedProbeHasSomeAndEveryProbeHasACost) {
  for (const probe::ProbeSpec& spec : probe::contract()) {
    EXPECT_THAT(probe::cost_of_probe(spec.name), testing::AnyOf("light", "medium", "heavy"))
        << spec.name;
    if (spec.group) {
      EXPECT_FALSE(probe::families_of_probe(spec.name).empty()) << spec.name;
    }
  }
  EXPECT_EQ(probe::cost_of_probe("gc__pause"), "");
  EXPECT_TRUE(probe::families_of_probe("gc__pause").empty());
}

TEST(FamiliesOfProbe, NamesEveryFamilyThatProbesGive) {
  const auto named = families_of_counted_probes();
  for (const auto& families :
       {expose::gc_families({}), expose::connection_families({}), expose::http_families({}),
        expose::eval_families({}), expose::client_families({}), expose::loop_families({})}) {
    for (const auto& family : families) EXPECT_TRUE(named.contains(family.name)) << family.name;
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
