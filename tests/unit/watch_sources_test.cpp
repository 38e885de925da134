// Where families come from, by the preference of the catalogue.
#include "watch/sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

#include "model/catalogue.h"
#include "probe/contract.h"
#include "probe/families_of_probe.h"

namespace {

using model::Source;
using Names = std::vector<std::string_view>;

Names whole_catalogue() {
  Names names;
  for (const auto& entry : model::catalogue()) names.push_back(entry.family);
  return names;
}

std::map<std::string_view, Source> by_family(const std::vector<model::FamilySource>& sources) {
  std::map<std::string_view, Source> map;
  for (const auto& source : sources) {
    EXPECT_TRUE(map.emplace(source.family, source.source).second) << source.family;
  }
  return map;
}

std::map<std::string_view, Source> choose(const Names& state, const Names& probes) {
  return by_family(watch::choose_sources(state, probes));
}

TEST(ChooseSources, FollowsThePreferenceOfEachFamily) {
  for (const auto& entry : model::catalogue()) {
    const Names name{entry.family};
    const auto both = choose(name, name);
    const auto state = choose(name, {});
    const auto probes = choose({}, name);
    EXPECT_TRUE(choose({}, {}).empty());
    const auto preferred =
        entry.preference == model::Preference::kProbeElseState ? Source::kProbe : Source::kState;
    ASSERT_EQ(both.size(), 1u) << entry.family;
    EXPECT_EQ(both.at(entry.family), preferred) << entry.family;
    ASSERT_EQ(state.size(), 1u) << entry.family;
    EXPECT_EQ(state.at(entry.family), Source::kState) << entry.family;
    if (entry.preference == model::Preference::kStateOnly) {
      EXPECT_TRUE(probes.empty()) << entry.family;
    } else {
      ASSERT_EQ(probes.size(), 1u) << entry.family;
      EXPECT_EQ(probes.at(entry.family), Source::kProbe) << entry.family;
    }
  }
}

TEST(ChooseSources, AnswersInTheCataloguesOrder) {
  const Names all = whole_catalogue();
  const auto sources = watch::choose_sources(all, Names{});
  ASSERT_EQ(sources.size(), all.size());
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(sources[i].family, all[i]);
}

TEST(ChooseSources, LeavesOutWhatIsInNoCatalogue) {
  const Names odd{"valk_gc_pause_duration_seconds", "nonsense", ""};
  EXPECT_TRUE(choose(odd, odd).empty());
}

TEST(ChooseSources, TakesFromAttachedProbesOnly) {
  const probe::ProbeSet none;
  EXPECT_TRUE(by_family(watch::choose_sources(Names{}, probe::families_of({none}))).empty());
  for (const auto& spec : probe::contract()) {
    if (!spec.hit_slot) continue;
    probe::ProbeSet one;
    one.set(*spec.hit_slot);
    const auto families = probe::families_of_probe(spec.name);
    const auto sources = by_family(watch::choose_sources(Names{}, probe::families_of({one})));
    for (const auto& [family, source] : sources) {
      EXPECT_EQ(source, Source::kProbe);
      EXPECT_THAT(families, testing::Contains(family)) << spec.name;
    }
    for (const auto& entry : model::catalogue()) {
      if (entry.preference == model::Preference::kStateOnly) continue;
      EXPECT_EQ(sources.contains(entry.family),
                std::find(families.begin(), families.end(), entry.family) != families.end())
          << spec.name << " " << entry.family;
    }
  }
}

TEST(ChooseSources, GivesEveryFamilyThatProbesMayServeASource) {
  probe::ProbeSet all;
  all.set();
  const auto sources = by_family(watch::choose_sources(Names{}, probe::families_of({all})));
  for (const auto& entry : model::catalogue()) {
    EXPECT_EQ(sources.contains(entry.family), entry.preference != model::Preference::kStateOnly)
        << entry.family;
  }
}

TEST(ComesFromState, AsksForTheSourceOfOneFamily) {
  const std::vector<model::FamilySource> sources{{"a", Source::kState}, {"b", Source::kProbe}};
  EXPECT_TRUE(watch::comes_from_state(sources, "a"));
  EXPECT_FALSE(watch::comes_from_state(sources, "b"));
  EXPECT_FALSE(watch::comes_from_state(sources, "c"));
  EXPECT_FALSE(watch::comes_from_state({}, "a"));
}

}  // namespace
