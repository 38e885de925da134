// What may be read at all: debug information and layout files can claim anything.
#include "state/layout.h"

#include <gtest/gtest.h>

#include <limits>

#include "state/known_layouts.h"
#include "state_support.h"

namespace {

using test::number_field;
using test::text_field;

constexpr std::uint64_t kReach = 4 * 1024 * 1024;
constexpr std::uint64_t kHuge = std::numeric_limits<std::uint64_t>::max();

bool is_reasonable(const elf::Field& field) {
  return state::is_reasonable(field);
}

TEST(IsReasonable, TakesNumbersOfOneToEightBytes) {
  for (std::uint64_t size = 0; size <= 20; ++size) {
    const bool is_one = size == 1 || size == 2 || size == 4 || size == 8;
    for (const auto kind : {elf::FieldKind::kUnsigned, elf::FieldKind::kSigned}) {
      EXPECT_EQ(is_reasonable(number_field("x", 0, {0}, {}, size, kind)), is_one) << size;
    }
    EXPECT_EQ(is_reasonable(number_field("x", 0, {0}, {}, size, elf::FieldKind::kReal)),
              size == 4 || size == 8)
        << size;
    EXPECT_EQ(is_reasonable(number_field("x", 0, {0}, {}, size, elf::FieldKind::kPointer)),
              size == 8)
        << size;
  }
  EXPECT_FALSE(is_reasonable(number_field("x", 0, {0}, {}, kHuge)));
  EXPECT_FALSE(is_reasonable(number_field("x", 0, {0}, {}, 8, static_cast<elf::FieldKind>(9))));
}

TEST(IsReasonable, TakesTextsOfAPageAtMost) {
  EXPECT_FALSE(is_reasonable(text_field("x", 0, {0}, 0)));
  EXPECT_TRUE(is_reasonable(text_field("x", 0, {0}, 1)));
  EXPECT_TRUE(is_reasonable(text_field("x", 0, {0}, 4096)));
  EXPECT_FALSE(is_reasonable(text_field("x", 0, {0}, 4097)));
  EXPECT_FALSE(is_reasonable(text_field("x", 0, {0}, kHuge)));
}

TEST(IsReasonable, TakesEightPointersAtMost) {
  EXPECT_FALSE(is_reasonable(number_field("x", 0, {})));
  EXPECT_TRUE(is_reasonable(number_field("x", 0, std::vector<std::uint64_t>(9))));
  EXPECT_FALSE(is_reasonable(number_field("x", 0, std::vector<std::uint64_t>(10))));
}

TEST(IsReasonable, TakesOffsetsWithinReach) {
  EXPECT_TRUE(is_reasonable(number_field("x", 0, {kReach - 8})));
  EXPECT_FALSE(is_reasonable(number_field("x", 0, {kReach - 7})));
  EXPECT_TRUE(is_reasonable(number_field("x", 0, {kReach, 0})));
  EXPECT_FALSE(is_reasonable(number_field("x", 0, {kReach + 1, 0})));
  EXPECT_FALSE(is_reasonable(number_field("x", 0, {0, kHuge, 0})));
  EXPECT_FALSE(is_reasonable(number_field("x", 0, {kHuge})));
}

TEST(IsReasonable, TakesArraysWithinReach) {
  EXPECT_TRUE(is_reasonable(number_field("x", 0, {0}, {{kReach / 1024, 1024}})));
  EXPECT_FALSE(is_reasonable(number_field("x", 0, {kReach / 1024}, {{kReach / 1024, 1024}})));
  EXPECT_FALSE(is_reasonable(number_field("x", 0, {0}, {{8, 0}})));
  EXPECT_FALSE(is_reasonable(number_field("x", 0, {0}, {{0, 1}})));
  EXPECT_FALSE(is_reasonable(number_field("x", 0, {0}, {{8, 1025}})));
  EXPECT_TRUE(is_reasonable(number_field("x", 0, {0}, {{8, 1}})));
  EXPECT_FALSE(is_reasonable(number_field("x", 0, {0}, {{kHuge, 2}})));
  EXPECT_FALSE(is_reasonable(number_field("x", 0, {0}, {{8, kHuge}})));
  EXPECT_FALSE(is_reasonable(number_field("x", 0, {0}, {{kHuge, kHuge}, {kHuge, kHuge}})));
  EXPECT_FALSE(is_reasonable(number_field("x", 0, {0}, {4, {kReach, kReach}})));
  EXPECT_TRUE(is_reasonable(number_field("x", 0, {0}, {4, {8, 2}})));
  EXPECT_FALSE(is_reasonable(number_field("x", 0, {0}, {5, {8, 2}})));
}

TEST(IsReasonable, TakesAddressesThatAProgramCanHave) {
  constexpr std::uint64_t kEndOfUser = std::uint64_t{1} << 47;
  EXPECT_TRUE(is_reasonable(number_field("x", 0x400000, {0})));
  EXPECT_TRUE(is_reasonable(number_field("x", kEndOfUser - 4096, {0})));
  EXPECT_FALSE(is_reasonable(number_field("x", kEndOfUser, {0})));
  EXPECT_FALSE(is_reasonable(number_field("x", kHuge - 300, {0})));
  EXPECT_FALSE(is_reasonable(number_field("x", kHuge, {0, 0})));
}

TEST(IsReasonable, TakesPlacesWithinReach) {
  const auto place = [](std::uint64_t size_bytes) {
    return number_field("&x", 0x400000, {16}, {}, size_bytes, elf::FieldKind::kPlace);
  };
  EXPECT_TRUE(is_reasonable(place(0)));
  EXPECT_TRUE(is_reasonable(place(8)));
  EXPECT_FALSE(is_reasonable(place(kReach)));
  // With its offset, more than 2^64.
  EXPECT_FALSE(is_reasonable(place(kHuge)));
}

TEST(EndOf, IsWhereTheLastElementEnds) {
  EXPECT_EQ(state::end_of(number_field("x", 1000, {5, 16})), 24u);
  EXPECT_EQ(state::end_of(number_field("x", 0, {16}, {{100, 3}}, 4)), 220u);
  EXPECT_EQ(state::end_of(text_field("x", 0, {0}, 32, {{100, 3}, {32, 2}})), 264u);
}

TEST(Layout, FindsAFieldByItsPath) {
  const auto layout = test::layout_of({number_field("a", 0, {0}), number_field("b", 0, {8})});
  ASSERT_NE(layout.find("b"), nullptr);
  EXPECT_EQ(layout.find("b")->offsets, std::vector<std::uint64_t>{8});
  EXPECT_EQ(layout.find("c"), nullptr);
  EXPECT_EQ(layout.find(""), nullptr);
}

TEST(IsCurrent, WantsAnAnswerForEveryPathOfItsReader) {
  auto layout = test::layout_of({});
  layout.name = "minivalk";
  EXPECT_FALSE(state::is_current(layout));
  for (const auto& path : state::all_paths(state::known_layouts().front())) {
    layout.missing.push_back({path, "it is a test"});
  }
  EXPECT_FALSE(state::is_current(layout));  // nothing could be read by it
  layout.fields.push_back(number_field(layout.missing.back().path, 0, {0}));
  layout.missing.pop_back();
  EXPECT_TRUE(state::is_current(layout));
  layout.fields.pop_back();
  EXPECT_FALSE(state::is_current(layout));
  layout.name = "another";
  EXPECT_FALSE(state::is_current(layout));
}

TEST(MakeReader, RefusesWhatItDoesNotKnow) {
  auto layout = test::layout_of({});
  const auto reader = state::make_reader(layout, 0);
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().message, "layout \"test\" is of a runtime that we don't know");
  layout.name = "minivalk";
  EXPECT_TRUE(state::make_reader(layout, 0));
}

TEST(MakeReader, RefusesALayoutThatClaimsTooMuchMemory) {
  auto layout = test::layout_of({});
  layout.name = "minivalk";
  for (std::uint64_t i = 0; i < 5; ++i) {
    EXPECT_EQ(state::make_reader(layout, 0).has_value(), i < 5);
    layout.fields.push_back(
        number_field("x" + std::to_string(i), i * 2 * kReach, {0}, {{kReach / 1024, 1024}}));
  }
  const auto reader = state::make_reader(layout, 0);
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().message, "layout \"minivalk\" has more than 16777216 bytes to read");
}

}  // namespace
