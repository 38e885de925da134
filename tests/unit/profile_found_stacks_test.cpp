// What the confined process says: read back as it was written, or refused.
#include "profile/found_stacks.h"

#include <gtest/gtest.h>

namespace {

using profile::Ending;
using profile::FoundStacks;
using profile::WireWriter;

FoundStacks some_found() {
  FoundStacks found;
  found.new_functions = {{"main", "", "main.c"}, {"a::b()", "_ZN1a1bEv", ""}};
  found.new_locations = {{0x1000, 0, {{1, 7}, {0, 12}}}, {0x2000, {}, {}}};
  found.stacks = {{Ending::kComplete, {{0, 0x7fff'0000}, {1, {}, 0, 0x5150}}},
                  {Ending::kTooDeep, {{1, 0x7fff'0010}}}};
  return found;
}

bool is_taken(const FoundStacks& found, std::size_t functions = 0, std::size_t locations = 0,
              std::size_t modules = 1) {
  return profile::read_found(profile::write_found(found), functions, locations, modules)
      .has_value();
}

TEST(FoundStacks, AreReadAsTheyWereWritten) {
  const auto read = profile::read_found(profile::write_found(some_found()), 0, 0, 1);
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->new_functions.size(), 2u);
  EXPECT_EQ(read->new_functions[0].file, "main.c");
  EXPECT_EQ(read->new_functions[1].name, "a::b()");
  EXPECT_EQ(read->new_functions[1].system_name, "_ZN1a1bEv");
  ASSERT_EQ(read->new_locations.size(), 2u);
  EXPECT_EQ(read->new_locations[0].module, 0u);
  EXPECT_EQ(read->new_locations[0].lines.at(1).line, 12u);
  EXPECT_FALSE(read->new_locations[1].module);
  ASSERT_EQ(read->stacks.size(), 2u);
  EXPECT_EQ(read->stacks[0].frames.at(0).end, 0x7fff'0000u);
  EXPECT_FALSE(read->stacks[0].frames.at(1).end);
  EXPECT_EQ(read->stacks[0].frames.at(1).called, 0u);
  EXPECT_EQ(read->stacks[0].frames.at(1).part_of_body, 0x5150u);
  EXPECT_FALSE(read->stacks[0].frames.at(0).called);
  EXPECT_EQ(read->stacks[1].ending, Ending::kTooDeep);
  EXPECT_EQ(profile::write_found(*read), profile::write_found(some_found()));
}

TEST(FoundStacks, MayPointToWhatCameBefore) {
  FoundStacks later;
  later.new_locations = {{0x3000, {}, {{4, 1}}}};
  later.stacks = {{Ending::kNoRow, {{9, {}}, {10, {}}}}};
  EXPECT_TRUE(is_taken(later, 5, 10));
  EXPECT_FALSE(is_taken(later, 4, 10));
  EXPECT_FALSE(is_taken(later, 5, 9));
}

TEST(FoundStacks, MayPointNowhereElse) {
  FoundStacks found = some_found();
  found.new_locations[0].lines[0].function = 2;
  EXPECT_FALSE(is_taken(found));
  found = some_found();
  found.new_locations[0].module = 1;
  EXPECT_FALSE(is_taken(found));
  found = some_found();
  found.stacks[0].frames[0].location = 2;
  EXPECT_FALSE(is_taken(found));
  found = some_found();
  found.stacks[0].ending = static_cast<Ending>(5);
  EXPECT_FALSE(is_taken(found));
  found = some_found();
  found.stacks[0].frames.clear();
  EXPECT_FALSE(is_taken(found)) << "a thread is somewhere";
  EXPECT_FALSE(is_taken(some_found(), 0, 0, 0));
  EXPECT_TRUE(is_taken(some_found()));
}

TEST(FoundStacks, AreWholeOrRefused) {
  const auto whole = profile::write_found(some_found());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(profile::read_found(std::span(whole).first(size), 0, 0, 1)) << size;
  }
  auto longer = whole;
  longer.resize(longer.size() + 8);
  EXPECT_FALSE(profile::read_found(longer, 0, 0, 1));
}

TEST(FoundStacks, HaveNoLongNames) {
  FoundStacks found = some_found();
  found.new_functions[0].name.assign(profile::kMaxNameBytes + 1, 'x');
  const auto cut = profile::read_found(profile::write_found(found), 0, 0, 1);
  ASSERT_TRUE(cut);
  EXPECT_EQ(cut->new_functions[0].name.size(), profile::kMaxNameBytes);

  WireWriter writer;
  writer.put(1);
  writer.put_text(std::string(profile::kMaxNameBytes + 1, 'x'));
  for (int empty = 0; empty < 4; ++empty) writer.put(0);
  EXPECT_FALSE(profile::read_found(writer.bytes(), 0, 0, 1));
}

// What is kept here of one target has a limit, whatever the process has become.
TEST(FoundStacks, AreNotMoreThanTheirLimits) {
  FoundStacks one;
  one.new_functions.resize(1);
  EXPECT_TRUE(is_taken(one, profile::kMaxFoundFunctions - 1));
  EXPECT_FALSE(is_taken(one, profile::kMaxFoundFunctions));
  one = {};
  one.new_locations.resize(1);
  EXPECT_TRUE(is_taken(one, 0, profile::kMaxFoundLocations - 1));
  EXPECT_FALSE(is_taken(one, 0, profile::kMaxFoundLocations));
  one.new_locations[0].lines.resize(profile::kMaxFoundLines);
  EXPECT_TRUE(is_taken(one, 1));
  one.new_locations[0].lines.emplace_back();
  EXPECT_FALSE(is_taken(one, 1));
  one = {};
  one.stacks = {{Ending::kTooDeep, std::vector<profile::FoundFrame>(profile::kMaxFrames)}};
  EXPECT_TRUE(is_taken(one, 0, 1));
  one.stacks[0].frames.emplace_back();
  EXPECT_FALSE(is_taken(one, 0, 1));
}

TEST(FoundStacks, OfHostileCountsAreRefusedAtOnce) {
  for (std::size_t zeroes = 0; zeroes < 4; ++zeroes) {
    WireWriter writer;
    for (std::size_t i = 0; i < zeroes; ++i) writer.put(0);
    writer.put(~std::uint64_t{0} / 8);
    writer.put(0);
    EXPECT_FALSE(profile::read_found(writer.bytes(), 0, 0, 1));
  }
}

TEST(StackRequests, AreReadAsTheyWereWritten) {
  std::vector<profile::StackRequest> requests(2);
  requests[0].registers[16] = 0x401000;
  requests[1].stack_address = 0x7fff'0000;
  requests[1].stack = {std::byte{1}, std::byte{2}, std::byte{3}};
  const auto message = profile::write_requests(requests);
  const auto read = profile::read_requests(message);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ(read->at(0).registers, requests[0].registers);
  EXPECT_EQ(read->at(1).stack_address, requests[1].stack_address);
  EXPECT_EQ(read->at(1).stack, requests[1].stack);
  for (std::size_t size = 0; size < message.size(); ++size) {
    EXPECT_FALSE(profile::read_requests(std::span(message).first(size))) << size;
  }
  auto longer = message;
  longer.push_back({});
  EXPECT_FALSE(profile::read_requests(longer));
  EXPECT_TRUE(profile::read_requests(profile::write_requests({})));
}

TEST(CodeFacts, AreReadAsTheyWereWritten) {
  profile::CodeFacts facts;
  facts.modules =
      profile::ModuleMap({{0x2000, 0x3000, 0x1000, 1}, {0x1000, 0x2000, ~std::uint64_t{0}, 0}});
  facts.calls = {{0x2010, {{0x73, 8, 0}, {0x06, 0, 0}}, {}},
                 {0x2020, {}, {{0x9c, 0, 0}}, elf::CallSite::Kind::kBody}};
  const auto message = profile::write_facts(facts);
  const auto read = profile::read_facts(message);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->modules.modules().size(), 2u);
  EXPECT_EQ(read->modules.modules()[0].bias, ~std::uint64_t{0});
  EXPECT_EQ(read->modules.modules()[1].file, 1u);
  EXPECT_EQ(read->calls, facts.calls);
  for (std::size_t size = 0; size < message.size(); ++size) {
    EXPECT_FALSE(profile::read_facts(std::span(message).first(size))) << size;
  }
  auto longer = message;
  longer.resize(longer.size() + 32);
  EXPECT_FALSE(profile::read_facts(longer));
}

}  // namespace
