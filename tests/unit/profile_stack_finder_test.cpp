// Samples to places with names, up to the limits. The files of code are made here.
#include "profile/stack_finder.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include "made_file.h"

namespace {

using profile::StackFinder;
using profile::StackRequest;

constexpr std::uint64_t kBase = 0x10'0000;

using test::Function;

profile::CodeFile code_of(const std::vector<Function>& functions) {
  return {test::file_of(functions), {}};
}

StackFinder finder_of(const std::vector<Function>& functions, std::size_t file = 0) {
  std::vector<profile::CodeFile> files;
  files.push_back(code_of(functions));
  return {{profile::ModuleMap({{kBase, 2 * kBase, kBase, file}}), {}}, std::move(files)};
}

std::vector<StackRequest> requests_at(std::uint64_t begin, std::uint64_t end) {
  std::vector<StackRequest> requests;
  for (std::uint64_t address = begin; address < end; ++address) {
    requests.emplace_back().registers[elf::kReturnAddress] = address;
  }
  return requests;
}

TEST(StackFinder, TellsAPlaceOnce) {
  StackFinder finder = finder_of({{"one", 4}, {"_Z3twoi", 5}});
  const auto first = finder.find(requests_at(kBase + 4, kBase + 6));
  ASSERT_EQ(first.stacks.size(), 2u);
  EXPECT_EQ(first.stacks[0].ending, profile::Ending::kNoRow);
  ASSERT_EQ(first.new_functions.size(), 2u);
  EXPECT_EQ(first.new_functions[0].name, "one");
  EXPECT_EQ(first.new_functions[1].name, "two(int)");
  EXPECT_EQ(first.new_functions[1].system_name, "_Z3twoi");
  EXPECT_EQ(first.new_locations.at(1).module, 0u);
  const auto second = finder.find(requests_at(kBase + 3, kBase + 6));
  EXPECT_TRUE(second.new_functions.empty());
  ASSERT_EQ(second.new_locations.size(), 1u);
  EXPECT_TRUE(second.new_locations[0].lines.empty()) << "before the first function";
  EXPECT_EQ(second.stacks.at(0).frames.at(0).location, 2u);
  EXPECT_EQ(second.stacks.at(2).frames.at(0).location, 1u);
}

TEST(StackFinder, TellsAPlaceOutsideOfAllFiles) {
  StackFinder finder = finder_of({{"one", 4}});
  const auto found = finder.find(requests_at(0, 2));
  EXPECT_EQ(found.stacks.size(), 2u);
  EXPECT_FALSE(found.new_locations.at(0).module);
  // A module whose file is not there.
  StackFinder without = finder_of({{"one", 4}}, 7);
  const auto nameless = without.find(requests_at(kBase + 4, kBase + 5));
  EXPECT_EQ(nameless.new_locations.at(0).module, 0u);
  EXPECT_TRUE(nameless.new_locations.at(0).lines.empty());
}

TEST(StackFinder, CutsLongNames) {
  StackFinder finder = finder_of({{std::string(10'000, 'x'), 4}});
  const auto found = finder.find(requests_at(kBase + 4, kBase + 5));
  EXPECT_EQ(found.new_functions.at(0).name.size(), profile::kMaxNameBytes);
}

// A hostile stack points anywhere: what has no place of its own shares one that is nowhere.
TEST(StackFinder, TellsNoMorePlacesThanItsLimit) {
  StackFinder finder = finder_of({{"one", 4}});
  const std::size_t over = StackFinder::kMaxLocations + 10;
  const auto found = finder.find(requests_at(kBase, kBase + over));
  ASSERT_EQ(found.new_locations.size(), StackFinder::kMaxLocations);
  EXPECT_EQ(found.new_locations.back().address, 0u);
  EXPECT_FALSE(found.new_locations.back().module);
  EXPECT_EQ(found.stacks.back().frames.at(0).location, StackFinder::kMaxLocations - 1);
  EXPECT_TRUE(profile::read_found(profile::write_found(found), 0, 0, 1));
  const auto again = finder.find(requests_at(0, 10));
  EXPECT_TRUE(again.new_locations.empty());
}

// Rather no name than the wrong one.
TEST(StackFinder, TellsNoFunctionPastItsLimit) {
  const std::size_t count = StackFinder::kMaxFunctions + 3;
  std::vector<Function> functions;
  for (std::size_t i = 0; i < count; ++i) functions.push_back({"f" + std::to_string(i), i});
  StackFinder finder = finder_of(functions);
  const auto found = finder.find(requests_at(kBase, kBase + count));
  EXPECT_EQ(found.new_functions.size(), StackFinder::kMaxFunctions);
  EXPECT_EQ(found.new_locations.at(StackFinder::kMaxFunctions - 1).lines.size(), 1u);
  EXPECT_TRUE(found.new_locations.at(StackFinder::kMaxFunctions).lines.empty());
  EXPECT_EQ(found.new_locations.at(StackFinder::kMaxFunctions).module, 0u);
  EXPECT_TRUE(profile::read_found(profile::write_found(found), 0, 0, 1));
}

TEST(StackFinder, OfABrokenFileHasNoNames) {
  std::vector<profile::CodeFile> files;
  files.emplace_back(base::UniqueFd(::memfd_create("empty", MFD_CLOEXEC)), base::UniqueFd());
  files.emplace_back(base::UniqueFd(), base::UniqueFd());
  StackFinder finder({profile::ModuleMap({{kBase, 2 * kBase, 0, 0}, {0, kBase, 0, 1}}), {}},
                     std::move(files));
  const auto found = finder.find(requests_at(kBase - 1, kBase + 1));
  EXPECT_EQ(found.stacks.size(), 2u);
  EXPECT_TRUE(found.new_functions.empty());
}

}  // namespace
