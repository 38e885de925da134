#include "state/read_plan.h"

#include <gtest/gtest.h>

#include <tuple>

#include "state_support.h"

namespace {

using test::number_field;
using Range = std::tuple<std::size_t, std::uint64_t, std::uint64_t>;

std::vector<Range> ranges_of(const state::ReadPlan& plan) {
  std::vector<Range> ranges;
  for (const auto& range : plan.ranges) ranges.emplace_back(range.node, range.begin, range.end);
  return ranges;
}

// Every field's bytes lie within its range, at the place that it says.
void expect_places(const state::ReadPlan& plan, const std::vector<elf::Field>& fields) {
  ASSERT_EQ(plan.places.size(), fields.size());
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto& range = plan.ranges.at(plan.places[i].range);
    const std::uint64_t bytes = state::end_of(fields[i]) - fields[i].offsets.back();
    EXPECT_LE(plan.places[i].offset + bytes, range.end - range.begin) << fields[i].path;
  }
}

TEST(ReadPlan, ReadsNothingForNoFields) {
  const auto plan = state::make_read_plan({});
  EXPECT_TRUE(plan.ranges.empty());
  EXPECT_TRUE(plan.levels.empty());
}

TEST(ReadPlan, MergesNeighboursInAnyOrder) {
  const std::vector fields{number_field("c", 0x1000, {100}, {}, 4), number_field("a", 0x1000, {0}),
                           number_field("b", 0x1008, {0}), number_field("overlap", 0x1004, {0})};
  const auto plan = state::make_read_plan(fields);
  EXPECT_EQ(ranges_of(plan), (std::vector<Range>{{0, 0x1000, 0x1068}}));
  expect_places(plan, fields);
  EXPECT_EQ(plan.places[0].offset, 100u);
  EXPECT_EQ(plan.places[1].offset, 0u);
  EXPECT_EQ(plan.places[2].offset, 8u);
  EXPECT_EQ(plan.places[3].offset, 4u);
}

TEST(ReadPlan, CopiesAGapOf256BytesAndNoneAbove) {
  EXPECT_EQ(ranges_of(state::make_read_plan(
                {number_field("a", 0, {0}), number_field("b", 0, {8 + 256})})),
            (std::vector<Range>{{0, 0, 272}}));
  EXPECT_EQ(ranges_of(state::make_read_plan(
                {number_field("a", 0, {0}), number_field("b", 0, {8 + 257})})),
            (std::vector<Range>{{0, 0, 8}, {0, 265, 273}}));
}

TEST(ReadPlan, KeepsTheLongerEndWhereOneFieldLiesInAnother) {
  const std::vector fields{number_field("all", 0, {0}, {{64, 100}}), number_field("one", 0, {64})};
  const auto plan = state::make_read_plan(fields);
  EXPECT_EQ(ranges_of(plan), (std::vector<Range>{{0, 0, 99 * 64 + 8}}));
  expect_places(plan, fields);
}

TEST(ReadPlan, ReadsAPointerOnceForAllThatIsBehindIt) {
  const std::vector fields{
      number_field("p->a", 0x1000, {8, 0}), number_field("p->b", 0x1000, {8, 8}),
      number_field("same pointer", 0x1008, {0, 16}), number_field("q->c", 0x1000, {16, 0})};
  const auto plan = state::make_read_plan(fields);
  ASSERT_EQ(plan.nodes.size(), 3u);
  EXPECT_EQ(ranges_of(plan), (std::vector<Range>{{0, 0x1008, 0x1018}, {1, 0, 24}, {2, 0, 8}}));
  ASSERT_EQ(plan.levels.size(), 2u);
  EXPECT_EQ(plan.levels[0], std::vector<std::size_t>{0});
  EXPECT_EQ(plan.levels[1], (std::vector<std::size_t>{1, 2}));
  expect_places(plan, fields);
}

TEST(ReadPlan, TakesOneLevelForEachPointerInARow) {
  const std::vector fields{number_field("a->b->c->d", 0x1000, {0, 8, 16, 24}),
                           number_field("a->b->x", 0x1000, {0, 8, 0}),
                           number_field("z", 0x9000, {0})};
  const auto plan = state::make_read_plan(fields);
  EXPECT_EQ(plan.levels.size(), 4u);
  ASSERT_EQ(plan.nodes.size(), 4u);
  for (std::size_t i = 1; i < plan.nodes.size(); ++i) {
    ASSERT_TRUE(plan.nodes[i].parent);
    EXPECT_LT(*plan.nodes[i].parent, i);
    const auto& range = plan.ranges[plan.nodes[i].parent_range];
    EXPECT_EQ(range.node, *plan.nodes[i].parent);
    EXPECT_GE(plan.nodes[i].pointer_offset, range.begin);
    EXPECT_LE(plan.nodes[i].pointer_offset + 8, range.end);
  }
  expect_places(plan, fields);
}

TEST(ReadPlan, ReadsAPointerAsANumberAndFollowsIt) {
  const std::vector fields{number_field("p", 0x1000, {0}, {}, 8, elf::FieldKind::kPointer),
                           number_field("p->a", 0x1000, {0, 8})};
  const auto plan = state::make_read_plan(fields);
  EXPECT_EQ(ranges_of(plan), (std::vector<Range>{{0, 0x1000, 0x1008}, {1, 8, 16}}));
  expect_places(plan, fields);
}

}  // namespace
