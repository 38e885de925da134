// A profile as speedscope opens it.
#include "expose/speedscope.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/profiles.h"

namespace {

using json = nlohmann::json;

json written(const model::Profile& profile) {
  return json::parse(expose::write_speedscope(profile));
}

TEST(WriteSpeedscope, HasAProfileAThreadAndTheBusiestFirst) {
  const json document = written(test::ProfileMaker()
                                    .add({"main"}, 3)
                                    .add({"start", "λ job"}, 2, model::GcPhase::kOutside, 1)
                                    .add({"start"}, 4, model::GcPhase::kPaused, 1)
                                    .take());
  EXPECT_EQ(document["name"], "shop (4711)");
  const json& worker = document["profiles"][0];
  EXPECT_EQ(worker["type"], "sampled");
  EXPECT_EQ(worker["name"], "worker (101)");
  EXPECT_EQ(worker["unit"], "nanoseconds");
  EXPECT_EQ(worker["weights"], json::parse("[20202020, 40404040]"));
  EXPECT_EQ(worker["endValue"], 60606060);
  EXPECT_EQ(document["profiles"][1]["name"], "main (100)");
  const json& frames = document["shared"]["frames"];
  EXPECT_EQ(frames[worker["samples"][0][0].get<std::size_t>()]["name"], "start");
  EXPECT_EQ(frames[worker["samples"][0][1].get<std::size_t>()]["name"], "λ job");
}

TEST(WriteSpeedscope, AddsUp) {
  const model::Profile profile = test::busy_profile();
  const json document = written(profile);
  std::uint64_t weights = 0;
  for (const json& thread : document["profiles"]) {
    ASSERT_EQ(thread["samples"].size(), thread["weights"].size());
    for (const json& weight : thread["weights"]) weights += weight.get<std::uint64_t>();
    for (const json& sample : thread["samples"]) {
      for (const json& frame : sample) EXPECT_LT(frame, document["shared"]["frames"].size());
    }
  }
  EXPECT_EQ(weights, profile.counts.samples * (1'000'000'000 / 99));
}

TEST(WriteSpeedscope, OfAnEmptyProfileSaysWhy) {
  const json document = written(test::empty_profile());
  ASSERT_EQ(document["profiles"].size(), 1u);
  EXPECT_EQ(document["profiles"][0]["name"],
            "0 samples: the process used 0.02 CPU s in 10 s; idle is not sampled");
  EXPECT_EQ(document["profiles"][0]["endValue"], 0);
}

TEST(WriteSpeedscope, TakesAnyBytesForNames) {
  EXPECT_EQ(written(test::hostile_profile())["profiles"].size(), 1u);
}

}  // namespace
