#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "watch/places.h"

namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using watch::Claim;
using watch::share_places;
using watch::Sharing;

constexpr std::uint32_t kAnn = 1000;
constexpr std::uint32_t kBob = 1001;

// Pids tell who came when.
Claim ordinary(int pid, std::uint32_t uid) {
  return {pid, 0, uid, false, static_cast<std::uint64_t>(pid)};
}
Claim privileged(int pid) {
  return {pid, 0, 0, true, static_cast<std::uint64_t>(pid)};
}

TEST(SharePlaces, GivesFreeOnesInTheOrderOfComing) {
  const std::vector<Claim> waiting{ordinary(3, kAnn), ordinary(1, kAnn), ordinary(2, kAnn)};
  const Sharing sharing = share_places({}, waiting, 2, 0);
  EXPECT_THAT(sharing.admitted, ElementsAre(1, 2));
  EXPECT_THAT(sharing.evicted, IsEmpty());
}

TEST(SharePlaces, LetsPrivilegedOnesGoFirst) {
  const std::vector<Claim> waiting{ordinary(1, kAnn), privileged(2)};
  EXPECT_THAT(share_places({}, waiting, 1, 0).admitted, ElementsAre(2));
}

TEST(SharePlaces, TakesAPlaceOfWhoHasTheMostAndCameLast) {
  const std::vector<Claim> held{ordinary(1, kAnn), ordinary(2, kBob), ordinary(3, kBob)};
  const std::vector<Claim> waiting{privileged(9)};
  const Sharing sharing = share_places(held, waiting, 3, 0);
  EXPECT_THAT(sharing.admitted, IsEmpty());
  EXPECT_THAT(sharing.evicted, ElementsAre(3));
}

TEST(SharePlaces, TakesNoneOfThePrivileged) {
  const std::vector<Claim> held{privileged(1), privileged(2)};
  const std::vector<Claim> waiting{privileged(8), ordinary(9, kAnn)};
  const Sharing sharing = share_places(held, waiting, 2, 0);
  EXPECT_THAT(sharing.admitted, IsEmpty());
  EXPECT_THAT(sharing.evicted, IsEmpty());
}

TEST(SharePlaces, KeepsWhatIsLeavingForWhoIsNext) {
  const std::vector<Claim> held{ordinary(1, kAnn)};
  const std::vector<Claim> waiting{privileged(7), ordinary(8, kBob)};
  // One place is being left: it is for 7, and nobody else has to go.
  const Sharing sharing = share_places(held, waiting, 2, 1);
  EXPECT_THAT(sharing.admitted, IsEmpty());
  EXPECT_THAT(sharing.evicted, IsEmpty());
  // It is free: 8 still has to wait for another.
  EXPECT_THAT(share_places(held, waiting, 2, 0).admitted, ElementsAre(7));
}

TEST(SharePlaces, LetsNoUserShutAnotherOut) {
  std::vector<Claim> held;
  for (int pid = 1; pid <= 16; ++pid) held.push_back(ordinary(pid, kAnn));
  const std::vector<Claim> waiting{ordinary(20, kBob)};
  EXPECT_THAT(share_places(held, waiting, 16, 0).evicted, ElementsAre(16));
}

TEST(SharePlaces, TakesNothingWhereTheOtherHadFewerAfterwards) {
  const std::vector<Claim> held{ordinary(1, kAnn), ordinary(2, kBob)};
  const std::vector<Claim> waiting{ordinary(3, kAnn), ordinary(4, kBob)};
  EXPECT_THAT(share_places(held, waiting, 2, 0).evicted, IsEmpty());
}

// Whatever comes and goes: it settles, so that nobody is put out and in again without end, and then
// no place is free while somebody waits, none of the privileged waits while an ordinary one has a
// place, and no user has two more than one of whom somebody waits.
TEST(SharePlaces, Settles) {
  std::mt19937 random(7);
  const auto number = [&](int most) {
    return static_cast<int>(random() % static_cast<unsigned>(most));
  };
  for (int round = 0; round < 300; ++round) {
    const std::size_t places = 1 + static_cast<std::size_t>(number(12));
    std::vector<Claim> waiting;
    std::vector<Claim> held;
    const int processes = number(40);
    for (int pid = 1; pid <= processes; ++pid) {
      const int uid = number(5);
      waiting.push_back(uid == 0 ? privileged(pid) : ordinary(pid, static_cast<unsigned>(uid)));
    }
    std::shuffle(waiting.begin(), waiting.end(), random);
    std::vector<Claim> later(waiting.begin() + processes / 2, waiting.end());
    waiting.resize(static_cast<std::size_t>(processes / 2));
    const auto move = [](std::vector<Claim>& from, std::vector<Claim>& to, int pid) {
      const auto found = std::find_if(from.begin(), from.end(),
                                      [&](const Claim& claim) { return claim.pid == pid; });
      ASSERT_NE(found, from.end());
      to.push_back(*found);
      from.erase(found);
    };
    std::size_t leaving = 0;
    int steps = 0;
    for (; steps < 200; ++steps) {
      const Sharing sharing = share_places(held, waiting, places, leaving);
      if (sharing.admitted.empty() && sharing.evicted.empty() && leaving == 0) {
        if (later.empty()) break;
        waiting.push_back(later.back());
        later.pop_back();
        continue;
      }
      leaving = 0;
      for (const int pid : sharing.evicted) move(held, waiting, pid), ++leaving;
      for (const int pid : sharing.admitted) move(waiting, held, pid);
      ASSERT_LE(held.size() + leaving, places);
    }
    ASSERT_LT(steps, 200) << "does not settle";
    const auto count = [&](std::uint32_t uid) {
      return std::count_if(held.begin(), held.end(), [&](const Claim& claim) {
        return !claim.is_privileged && claim.uid == uid;
      });
    };
    if (!waiting.empty()) {
      EXPECT_EQ(held.size(), places);
    }
    for (const Claim& claim : waiting) {
      for (const Claim& holder : held) {
        EXPECT_FALSE(claim.is_privileged && !holder.is_privileged);
        if (claim.is_privileged || holder.is_privileged) continue;
        EXPECT_LE(count(holder.uid), count(claim.uid) + 1);
      }
    }
  }
}

}  // namespace
