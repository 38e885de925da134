#include "inspect/candidates.h"

#include <gtest/gtest.h>

namespace {

using inspect::judge_candidates;
using model::CandidateList;
using model::CheckStatus;

CandidateList list_of(std::size_t watched, std::size_t denied) {
  CandidateList list;
  list.looked_at = 100;
  list.denied = denied;
  list.why_denied = "open /x: Permission denied";
  for (std::size_t i = 0; i < watched; ++i) {
    list.candidates.push_back(
        {static_cast<int>(i + 1), 0, "valk", "/usr/bin/valk", "valk", true, ""});
  }
  return list;
}

TEST(JudgeCandidates, CountsWhoWouldBeWatched) {
  const auto check = judge_candidates(list_of(2, 0));
  EXPECT_EQ(check.status, CheckStatus::kOk);
  EXPECT_EQ(check.detail, "2 of 100 processes would be watched");
}

TEST(JudgeCandidates, NotesThatThereIsNobody) {
  const auto check = judge_candidates(list_of(0, 0));
  EXPECT_EQ(check.status, CheckStatus::kNote);
  EXPECT_NE(check.fix, "");
}

TEST(JudgeCandidates, NotesWhoMayNotBeLookedAt) {
  const auto check = judge_candidates(list_of(2, 5));
  EXPECT_EQ(check.status, CheckStatus::kNote);
  EXPECT_NE(check.detail.find("5 we may not look at, such as: open /x: Permission denied"),
            std::string::npos);
  EXPECT_NE(check.fix.find("root"), std::string::npos);
}

// This test is no runtime, and is not asked for.
TEST(FindCandidates, LooksAtEveryProcess) {
  const CandidateList list = inspect::find_candidates(watch::Config{});
  EXPECT_GT(list.looked_at, 0u);
  for (const auto& candidate : list.candidates) {
    EXPECT_EQ(candidate.is_watched, candidate.reason.empty()) << candidate.pid;
  }
}

}  // namespace
