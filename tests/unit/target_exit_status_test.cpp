#include "target/exit_status.h"

#include <gtest/gtest.h>

namespace {

TEST(WordsOfEnd, TellTheStatusOrTheSignal) {
  EXPECT_EQ(target::words_of_end(0), "it exited with 0");
  EXPECT_EQ(target::words_of_end(3 << 8), "it exited with 3");
  EXPECT_EQ(target::words_of_end(9), "it was killed by SIGKILL");
  EXPECT_EQ(target::words_of_end(11 | 0x80), "it was killed by SIGSEGV and dumped core");
  EXPECT_EQ(target::words_of_end(40), "it was killed by signal 40");
}

}  // namespace
