#include "base/one_line.h"

#include <gtest/gtest.h>

namespace {

using base::json_escaped;
using base::one_line;

TEST(OneLine, LeavesWhatIsHarmlessAsItIs) {
  EXPECT_EQ(one_line(""), "");
  EXPECT_EQ(one_line("a \"b\" \\x2d \xC3\xA4 \xE2\x82\xAC \xF0\x9F\x8D\x84"),
            "a \"b\" \\x2d \xC3\xA4 \xE2\x82\xAC \xF0\x9F\x8D\x84");
}

TEST(OneLine, EscapesWhatEndsALineOrSteersATerminal) {
  EXPECT_EQ(one_line("a\nb\r\t\x1b[2J\x7F"), "a\\nb\\x0d\\x09\\x1b[2J\\x7f");
  EXPECT_EQ(one_line(std::string_view("\0", 1)), "\\x00");
  EXPECT_EQ(one_line("\xC2\x9B"
                     "31m \xC2\xA0"),
            "\\xc2\\x9b31m \xC2\xA0");
}

TEST(OneLine, EscapesOtherLinesAndTurnedDirections) {
  EXPECT_EQ(one_line("\xE2\x80\xA8"), "\\u2028");
  EXPECT_EQ(one_line("\xE2\x80\xAE"
                     "exe\xE2\x81\xA9"),
            "\\u202eexe\\u2069");
}

TEST(OneLine, EscapesBytesThatAreNoUtf8) {
  EXPECT_EQ(one_line("a\xFF\xC3"), "a\\xff\\xc3");
  EXPECT_EQ(one_line("\xED\xA0\x80"), "\\xed\\xa0\\x80");  // a surrogate
  EXPECT_EQ(one_line("\xC0\x8A"), "\\xc0\\x8a");           // an overlong newline
}

TEST(JsonEscaped, IsValidWhateverTheBytesAre) {
  EXPECT_EQ(json_escaped("\"\\\n\x1b\x7F"), "\\\"\\\\\\u000a\\u001b\\u007f");
  EXPECT_EQ(json_escaped("\xC2\x9B \xE2\x80\xAE"), "\\u009b \\u202e");
  EXPECT_EQ(json_escaped("\xF0\x9F\x8D\x84"), "\xF0\x9F\x8D\x84");
  EXPECT_EQ(json_escaped("a\xFF \xC3\xA4"), "a\xEF\xBF\xBD \xC3\xA4");
}

}  // namespace
