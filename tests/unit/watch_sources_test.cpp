// Where families come from, by the preference of the catalogue.
#include "watch/sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "catalogue_rows.h"
#include "probe/contract.h"
#include "probe/members_of_probe.h"

namespace {

using model::Member;
using model::Preference;
using model::Source;
using Members = std::vector<Member>;

Members of_memory() {
  Members members;
  for (const auto* const entry : catalogue_rows::of_memory()) members.push_back(entry->member);
  return members;
}

std::map<std::string_view, Source> by_family(const std::vector<model::FamilySource>& sources) {
  std::map<std::string_view, Source> map;
  for (const auto& [entry, source, difference] : sources) {
    EXPECT_TRUE(map.emplace(entry->name, source).second) << entry->name;
  }
  return map;
}

std::map<std::string_view, Source> choose(const Members& state, const Members& probes) {
  return by_family(watch::choose_sources(state, probes));
}

TEST(ChooseSources, FollowsThePreferenceOfEachFamily) {
  for (const auto* const entry : catalogue_rows::of_memory()) {
    const Members member{entry->member};
    const std::size_t families = model::names_of(entry->member).size();
    const auto both = choose(member, member);
    const auto state = choose(member, {});
    const auto probes = choose({}, member);
    EXPECT_TRUE(choose({}, {}).empty());
    ASSERT_EQ(both.size(), families) << entry->name;
    EXPECT_EQ(both.at(entry->name), Source::kState) << entry->name;
    ASSERT_EQ(state.size(), families) << entry->name;
    EXPECT_EQ(state.at(entry->name), Source::kState) << entry->name;
    if (entry->from == Preference::kStateOnly) {
      EXPECT_TRUE(probes.empty()) << entry->name;
    } else {
      ASSERT_EQ(probes.size(), families) << entry->name;
      EXPECT_EQ(probes.at(entry->name), Source::kProbe) << entry->name;
    }
  }
}

TEST(ChooseSources, AnswersInTheCataloguesOrder) {
  const auto rows = catalogue_rows::of_memory();
  const auto sources = watch::choose_sources(of_memory(), Members{});
  ASSERT_EQ(sources.size(), rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(sources[i].family, rows[i]);
}

TEST(ChooseSources, LeavesOutWhatMemoryNeverHas) {
  const Members odd{&model::ProcessMetrics::cpu_ns, &model::LossCount::count};
  EXPECT_TRUE(choose(odd, odd).empty());
  EXPECT_TRUE(choose({&model::GcMetrics::pause_ns}, {}).empty());
}

TEST(ChooseSources, ServesWhatOnlyProbesKnow) {
  const auto chosen = choose({}, {&model::GcMetrics::pause_ns});
  ASSERT_EQ(chosen.size(), 1u);
  EXPECT_EQ(chosen.at("valk_gc_pause_duration_seconds"), Source::kProbe);
}

// A family for all servers together is of no use where each of them has its own.
TEST(ChooseSources, LeavesOutWhatStandsInForSomethingThatIsKnown) {
  const Members stand_in{&model::SystemMetrics::request_duration_ns};
  const Members known{&model::ServerMetrics::request_duration_ns};
  EXPECT_EQ(choose({}, stand_in).size(), 1u);
  EXPECT_EQ(choose(known, stand_in).count("valk_aio_request_duration_seconds"), 0u);
  EXPECT_EQ(choose({}, {stand_in[0], known[0]}).count("valk_aio_request_duration_seconds"), 0u);
}

TEST(ChooseSources, TellsHowMemoryDiffersWhereItIsTheSource) {
  const model::Member peak = &model::GcMetrics::heap_peak_bytes;
  const model::Member cycles = &model::GcMetrics::cycles;
  const std::vector<state::Difference> differences{{peak, "As far as it was seen."},
                                                   {cycles, "Of the main thread."}};
  const auto both = watch::choose_sources(Members{peak, cycles}, Members{}, differences);
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(both[0].difference, "Of the main thread.");
  EXPECT_EQ(both[1].difference, "As far as it was seen.");
  const auto probes = watch::choose_sources(Members{}, Members{cycles}, differences);
  ASSERT_EQ(probes.size(), 1u);
  EXPECT_EQ(probes[0].difference, "");
}

TEST(ChooseSources, TakesFromAttachedProbesOnly) {
  const probe::ProbeSet none;
  EXPECT_TRUE(choose({}, probe::members_of({none})).empty());
  for (const auto& spec : probe::contract()) {
    if (!spec.hit_slot) continue;
    probe::ProbeSet one;
    one.set(*spec.hit_slot);
    const auto members = probe::members_of_probe(spec.name);
    const auto sources = choose({}, probe::members_of({one}));
    for (const auto& [family, source] : sources) {
      EXPECT_EQ(source, Source::kProbe);
      EXPECT_THAT(members, testing::Contains(catalogue_rows::named(family)->member)) << spec.name;
    }
    for (const auto* const entry : catalogue_rows::of_memory()) {
      if (entry->from == Preference::kStateOnly) continue;
      EXPECT_EQ(sources.contains(entry->name),
                std::find(members.begin(), members.end(), entry->member) != members.end())
          << spec.name << " " << entry->name;
    }
  }
}

TEST(ChooseSources, GivesEveryFamilyThatProbesMayServeASource) {
  probe::ProbeSet all;
  all.set();
  const auto sources = choose({}, probe::members_of({all}));
  for (const auto* const entry : catalogue_rows::of_memory()) {
    EXPECT_EQ(sources.contains(entry->name), entry->from != Preference::kStateOnly) << entry->name;
  }
}

TEST(SourceOf, SaysWhatWasChosenAndElseWhatTheCatalogueSays) {
  const auto& cycles = model::entry_of(&model::GcMetrics::cycles);
  const auto& used = model::entry_of(&model::GcMetrics::heap_used_bytes);
  const auto& pauses = model::entry_of(&model::GcMetrics::pause_ns);
  const std::vector<model::FamilySource> sources{{&cycles, Source::kState}};
  EXPECT_EQ(model::source_of(cycles, sources), Source::kState);
  EXPECT_EQ(model::source_of(cycles, {}), Source::kProbe);
  EXPECT_EQ(model::source_of(used, {}), Source::kState);
  EXPECT_EQ(model::source_of(pauses, sources), Source::kProbe);
}

}  // namespace
