// The last hour of profiles.
#include "agent/kept_profiles.h"

#include <gtest/gtest.h>

#include "base/gzip.h"
#include "support/profiles.h"

namespace {

constexpr std::uint64_t kBegin = 1'795'684'800;
constexpr std::uint64_t kNsOfSecond = 1'000'000'000;

model::Profile profile_at(std::uint64_t second) {
  model::Profile profile = test::busy_profile();
  profile.begun_unix_ns = (kBegin + second) * kNsOfSecond;
  profile.duration_ns = 60 * kNsOfSecond;
  profile.process = "web";
  return profile;
}

TEST(KeptProfiles, AreListedTheNewestFirst) {
  agent::KeptProfiles kept("01abcdef");
  kept.add(profile_at(0));
  kept.add(profile_at(60));
  const auto list = kept.list();
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0]->unix_ms, (kBegin + 60) * 1'000);
  EXPECT_EQ(list[0]->duration_ms, 60'000u);
  EXPECT_EQ(list[0]->process, "web");
  EXPECT_EQ(list[0]->samples, test::busy_profile().counts.samples);
  EXPECT_NE(list[0]->id, list[1]->id);
  EXPECT_TRUE(base::gunzip(list[0]->files.json_gz, 1'000'000));
}

TEST(KeptProfiles, GoAfterAnHour) {
  agent::KeptProfiles kept("01abcdef");
  for (std::uint64_t second = 0; second <= 2 * 3'600; second += 60) kept.add(profile_at(second));
  EXPECT_EQ(kept.list().size(), 61u);
  EXPECT_EQ(kept.list().back()->unix_ms, (kBegin + 3'600) * 1'000);
}

}  // namespace
