// A profile as folded stacks.
#include "expose/folded.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "support/profiles.h"

namespace {

using expose::ThreadFrame;
using expose::write_folded;

TEST(WriteFolded, HasALineAStackWithTheOutermostFrameFirst) {
  const model::Profile profile = test::ProfileMaker()
                                     .add({"main", "λ fib", "valk_lenv_get", "+0x12"}, 7)
                                     .add({"[truncated]", "λ <lambda>"}, 2)
                                     .add({"main", "read|copy", "[kernel]"}, 1)
                                     .take();
  EXPECT_EQ(write_folded(profile, ThreadFrame::kNone),
            "[truncated];λ <lambda> 2\n"
            "main;read;copy;[kernel] 1\n"
            "main;λ fib;valk_lenv_get;libc.so.6+0x1012 7\n");
}

TEST(WriteFolded, AddsUpWhatOnlyPhasesTellApart) {
  const model::Profile profile = test::ProfileMaker()
                                     .add({"main"}, 7)
                                     .add({"main"}, 2, model::GcPhase::kPaused)
                                     .add({"main"}, 1, model::GcPhase::kOutside, 1)
                                     .take();
  EXPECT_EQ(write_folded(profile, ThreadFrame::kNone), "main 10\n");
  EXPECT_EQ(write_folded(profile, ThreadFrame::kFirst), "main (100);main 9\nworker (101);main 1\n");
}

TEST(WriteFolded, KeepsHostileNamesInTheirPlace) {
  const model::Profile profile = test::hostile_profile();
  std::istringstream lines(write_folded(profile, ThreadFrame::kNone));
  std::uint64_t samples = 0;
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    samples += std::stoull(line.substr(line.rfind(' ') + 1));
  }
  EXPECT_EQ(count, profile.stacks.size());
  EXPECT_EQ(samples, profile.counts.samples);
  EXPECT_NE(write_folded(profile, ThreadFrame::kNone).find("a:b c d 20\n"), std::string::npos);
  EXPECT_EQ(write_folded(profile, ThreadFrame::kNone).find("\u2028"), std::string::npos);
}

TEST(WriteFolded, IsEmptyOfAnEmptyProfile) {
  EXPECT_EQ(write_folded(test::empty_profile(), ThreadFrame::kFirst), "");
}

}  // namespace
