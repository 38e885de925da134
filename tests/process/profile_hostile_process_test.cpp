// A process that unwinds and was made to do anything.
#include <gmock/gmock.h>

#include "profile/unwind_process.h"
#include "profile_ways.h"
#include "support/deadline.h"

namespace {

using profile::StackRequest;
using profile::UnwindProcess;
using testing::HasSubstr;

confined::Patience patience() {
  return {test::soon(), {}};
}

class HostileUnwindProcess : public testing::Test {
 protected:
  static UnwindProcess start(test::Way way) {
    target::CodeMap code;
    code.files.resize(static_cast<std::size_t>(way));
    return std::move(*UnwindProcess::start(code, {}));
  }
  static std::string complaint_of(test::Way way, const confined::Patience& patience) {
    auto process = start(way);
    const auto found = process.find({StackRequest{}}, patience);
    EXPECT_FALSE(found);
    return found ? "" : found.error().message;
  }
};

TEST_F(HostileUnwindProcess, MayEnd) {
  target::CodeMap code;
  code.files.resize(static_cast<std::size_t>(test::Way::kEnds));
  auto process = UnwindProcess::start(code, {});
  if (!process) return;  // it was gone before it could be told anything
  EXPECT_FALSE(process->find({StackRequest{}}, patience()));
}

TEST_F(HostileUnwindProcess, MayBeSilent) {
  const confined::Patience little{test::in(std::chrono::milliseconds(30)), {}};
  EXPECT_THAT(complaint_of(test::Way::kIsSilent, little), HasSubstr("does not answer"));
  std::stop_source stop;
  stop.request_stop();
  EXPECT_NE(complaint_of(test::Way::kIsSilent, {test::soon(), stop.get_token()}), "");
}

TEST_F(HostileUnwindProcess, MayTalkNonsense) {
  EXPECT_THAT(complaint_of(test::Way::kTalksNonsense, patience()), HasSubstr("makes no sense"));
}

TEST_F(HostileUnwindProcess, MayLeaveSamplesOut) {
  EXPECT_THAT(complaint_of(test::Way::kLeavesOut, patience()), HasSubstr("left some out"));
}

TEST_F(HostileUnwindProcess, MayNotTellNamesWithoutEnd) {
  auto process = start(test::Way::kTellsNamesWithoutEnd);
  for (int batch = 0; batch < 16; ++batch) {
    ASSERT_TRUE(process.find({}, patience())) << batch;
  }
  const auto found = process.find({}, patience());
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message, HasSubstr("more names than"));
}

}  // namespace
