// Where an address is: in which piece of code, and in the copy of the stack.
#include "profile/module.h"

#include <gtest/gtest.h>

#include <limits>

#include "profile/stack_bytes.h"

namespace {

using profile::ModuleMap;
using profile::StackBytes;

constexpr std::uint64_t kEnd = std::numeric_limits<std::uint64_t>::max();

std::optional<std::size_t> file_at(const ModuleMap& map, std::uint64_t address) {
  const profile::Module* const found = map.find(address);
  return found != nullptr ? std::optional(found->file) : std::nullopt;
}

TEST(ModuleMap, OfNothingHasNothing) {
  const ModuleMap map;
  EXPECT_FALSE(file_at(map, 0));
  EXPECT_FALSE(file_at(map, kEnd));
}

TEST(ModuleMap, FindsFromTheBeginToBeforeTheEnd) {
  const ModuleMap map({{0x3000, 0x4000, 0, 2}, {0x1000, 0x2000, 0, 1}});
  EXPECT_FALSE(file_at(map, 0xfff));
  EXPECT_EQ(file_at(map, 0x1000), 1u);
  EXPECT_EQ(file_at(map, 0x1fff), 1u);
  EXPECT_FALSE(file_at(map, 0x2000));
  EXPECT_EQ(file_at(map, 0x3000), 2u);
  EXPECT_FALSE(file_at(map, kEnd));
}

TEST(ModuleMap, LeavesOutWhatOverlapsOrIsEmpty) {
  const ModuleMap map({{0x1000, 0x3000, 0, 1},
                       {0x2000, 0x4000, 0, 2},
                       {0x5000, 0x5000, 0, 3},
                       {0x7000, 0x6000, 0, 4},
                       {0x3000, kEnd, 0, 5}});
  ASSERT_EQ(map.modules().size(), 2u);
  EXPECT_EQ(file_at(map, 0x2fff), 1u);
  EXPECT_EQ(file_at(map, 0x3000), 5u);
  EXPECT_EQ(file_at(map, kEnd - 1), 5u);
}

TEST(StackBytes, HaveWholeWordsAlone) {
  const std::uint64_t words[] = {1, 2};
  const StackBytes stack(0x1000, std::as_bytes(std::span(words)));
  EXPECT_EQ(stack.word_at(0x1000), 1u);
  EXPECT_EQ(stack.word_at(0x1008), 2u);
  EXPECT_EQ(stack.word_at(0x1004), std::uint64_t{2} << 32);
  EXPECT_FALSE(stack.word_at(0x1009));
  EXPECT_FALSE(stack.word_at(0xfff));
  EXPECT_FALSE(stack.word_at(0));
  EXPECT_FALSE(stack.word_at(kEnd));
  EXPECT_FALSE(StackBytes(0x1000, std::as_bytes(std::span(words)).first(7)).word_at(0x1000));
  EXPECT_FALSE(StackBytes(0, {}).word_at(0));
}

TEST(StackBytes, KnowWhatLiesAboveThem) {
  const std::uint64_t words[] = {1, 2};
  const StackBytes stack(0x1000, std::as_bytes(std::span(words)));
  EXPECT_FALSE(stack.is_above(0xfff));
  EXPECT_FALSE(stack.is_above(0x100f));
  EXPECT_TRUE(stack.is_above(0x1010));
  EXPECT_TRUE(stack.is_above(kEnd));
}

// A stack pointer is whatever the thread has put into it.
TEST(StackBytes, AtTheEndOfAllAddressesDoNotBeginAnew) {
  const std::uint64_t words[] = {1, 2};
  const StackBytes stack(kEnd - 7, std::as_bytes(std::span(words)));
  EXPECT_EQ(stack.word_at(kEnd - 7), 1u);
  EXPECT_FALSE(stack.word_at(0));
  EXPECT_FALSE(stack.is_above(0x1000));
  EXPECT_FALSE(stack.is_above(kEnd));
}

}  // namespace
