// More processes than there are places: who is watched, and what is told of the others.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "exporter.h"

namespace e2e {
namespace {

using ManyTargets = EndToEnd;
using test::Samples;

constexpr const char* kNobody = "65534";
constexpr const char* kSomebodyElse = "65533";

// setpriv comes with util-linux, which every Debian has.
std::unique_ptr<Puppet> puppet_of(const std::string& uid) {
  return std::make_unique<Puppet>(
      "/usr/bin/setpriv", std::vector<std::string>{"--reuid=" + uid, "--regid=" + uid,
                                                   "--clear-groups", puppet_path("probe_puppet")});
}

testing::AssertionResult counts(const Exporter& exporter, double watched, double refused,
                                double no_room) {
  const std::string name = "valkyria_exporter_targets";
  if (auto all = comes_to(exporter, name, {{"state", "watched"}}, watched); !all) return all;
  if (auto all = comes_to(exporter, name, {{"state", "refused"}}, refused); !all) return all;
  return comes_to(exporter, name, {{"state", "no_room"}}, no_room);
}

bool is_watched(const Exporter& exporter, pid_t pid) {
  return !exporter.metrics()
              .series("valkyria_process_info", {{"pid", std::to_string(pid)}})
              .empty();
}

TEST_F(ManyTargets, BeyondTheSixtyFourthAreCountedAndWatchedOnceThereIsRoom) {
  constexpr std::size_t kMost = 64;
  constexpr std::size_t kMore = 6;
  std::vector<std::unique_ptr<Puppet>> puppets;
  for (std::size_t i = 0; i < kMost + kMore; ++i) puppets.push_back(std::make_unique<Puppet>());
  const Exporter exporter({"--exe", puppet_path("probe_puppet")});
  ASSERT_TRUE(counts(exporter, kMost, 0, kMore)) << exporter.log();
  const Samples before = exporter.metrics();
  EXPECT_EQ(before.sum("valkyria_up"), kMost);
  // One that is watched ends: one of those that wait takes its place.
  const auto watched = std::find_if(puppets.begin(), puppets.end(), [&](const auto& puppet) {
    return is_watched(exporter, puppet->pid());
  });
  ASSERT_NE(watched, puppets.end());
  puppets.erase(watched);
  EXPECT_TRUE(counts(exporter, kMost, 0, kMore - 1)) << exporter.log();
  EXPECT_NE(exporter.log().find("is not watched yet: all 64 places are taken (--max-targets"),
            std::string::npos)
      << exporter.log();
}

TEST_F(ManyTargets, AreAsManyAsIsAskedFor) {
  std::vector<std::unique_ptr<Puppet>> puppets;
  for (int i = 0; i < 3; ++i) puppets.push_back(std::make_unique<Puppet>());
  const Exporter exporter({"--exe", puppet_path("probe_puppet"), "--max-targets", "2"});
  EXPECT_TRUE(counts(exporter, 2, 0, 1)) << exporter.log();
}

TEST_F(ManyTargets, OfRootComeBeforeThoseOfAnOrdinaryUser) {
  std::vector<std::unique_ptr<Puppet>> strangers;
  for (int i = 0; i < 3; ++i) strangers.push_back(puppet_of(kNobody));
  const Exporter exporter({"--exe", puppet_path("probe_puppet"), "--max-targets", "2"});
  ASSERT_TRUE(counts(exporter, 2, 0, 1)) << exporter.log();
  Puppet own;
  EXPECT_NE(name_of(exporter, own.pid()), "") << exporter.log();
  Puppet another;
  EXPECT_NE(name_of(exporter, another.pid()), "") << exporter.log();
  EXPECT_TRUE(counts(exporter, 2, 0, 3)) << exporter.log();
  // However many more come.
  strangers.push_back(puppet_of(kNobody));
  EXPECT_TRUE(counts(exporter, 2, 0, 4)) << exporter.log();
  EXPECT_TRUE(is_watched(exporter, own.pid()));
  EXPECT_TRUE(is_watched(exporter, another.pid()));
  // Who lost a place has not ended, and nothing is said of an end.
  EXPECT_EQ(exporter.metrics().sum("valkyria_up"), 2);
  EXPECT_EQ(exporter.log().find("has ended"), std::string::npos) << exporter.log();
}

TEST_F(ManyTargets, OfOneUserDoNotShutAnotherOut) {
  std::vector<std::unique_ptr<Puppet>> many;
  for (int i = 0; i < 4; ++i) many.push_back(puppet_of(kNobody));
  const Exporter exporter({"--exe", puppet_path("probe_puppet"), "--max-targets", "3"});
  ASSERT_TRUE(counts(exporter, 3, 0, 1)) << exporter.log();
  const auto one = puppet_of(kSomebodyElse);
  EXPECT_NE(name_of(exporter, one->pid()), "") << exporter.log();
}

TEST_F(ManyTargets, AreLeftOutOfAScrapeThatAsksForOne) {
  Puppet first;
  Puppet second;
  const Exporter exporter({"--exe", puppet_path("probe_puppet")});
  const std::string name = name_of(exporter, first.pid());
  ASSERT_NE(name_of(exporter, second.pid()), "");
  const auto part = exporter.get("/metrics?process=" + name + "&collect[]=process");
  EXPECT_EQ(part.status, 200);
  EXPECT_NE(part.body.find("valkyria_up{process=\"" + name + "\"} 1"), std::string::npos);
  EXPECT_EQ(part.body.find("process=\"" + name_of(exporter, second.pid()) + "\""),
            std::string::npos);
  EXPECT_EQ(part.body.find("valkyria_exporter_"), std::string::npos);
  EXPECT_EQ(exporter.get("/metrics?collect[]=cpu").status, 400);
}

}  // namespace
}  // namespace e2e
