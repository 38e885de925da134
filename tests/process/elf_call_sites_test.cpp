// Call sites of a program that a compiler has optimised.
#include "elf/call_sites.h"

#include <gtest/gtest.h>

#include <array>

#include "elf_support.h"

namespace {

constexpr std::size_t kSecondParameter = 4;  // rsi

TEST(FindCallSites, KnowsWhatTheCallerGivesToAFunction) {
  const auto information = test::open_debug_information(test::puppet_path("valkyria_2025_12"));
  const auto sites = elf::find_call_sites(information, "valk_lval_eval_call", kSecondParameter);
  ASSERT_EQ(sites.size(), 1u);
  EXPECT_NE(sites[0].return_address, 0u);
  EXPECT_FALSE(sites[0].value.empty());
  EXPECT_FALSE(sites[0].frame_base.empty());
}

// The third one comes from a register that the function may change.
TEST(FindCallSites, HasNoValueThatTheCallMayDestroy) {
  constexpr std::size_t kThirdParameter = 1;  // rdx
  const auto information = test::open_debug_information(test::puppet_path("valkyria_2025_12"));
  const auto sites = elf::find_call_sites(information, "valk_lval_eval_call", kThirdParameter);
  ASSERT_EQ(sites.size(), 1u);
  EXPECT_TRUE(sites[0].value.empty());
}

// The list that is gone through stays known; the one expression of another body is not, once it
// was handed over.
TEST(FindCallsWithin, KnowsWhatTheCallerGoesThrough) {
  const auto information = test::open_debug_information(test::puppet_path("valkyria_2025_12"));
  constexpr std::array<std::string_view, 2> kVariables{"nobody", "curr"};
  const auto sites = elf::find_calls_within(information, "valk_lval_eval_call", "valk_lval_eval",
                                            kVariables, elf::CallSite::Kind::kBody);
  ASSERT_EQ(sites.size(), 2u);
  EXPECT_NE(sites[0].return_address, sites[1].return_address);
  EXPECT_NE(sites[0].value.empty(), sites[1].value.empty());
  EXPECT_EQ(sites[0].kind, elf::CallSite::Kind::kBody);
  constexpr std::array<std::string_view, 1> kNothing{"nobody"};
  const auto without = elf::find_calls_within(information, "valk_lval_eval_call", "valk_lval_eval",
                                              kNothing, elf::CallSite::Kind::kBody);
  ASSERT_EQ(without.size(), 2u);
  EXPECT_TRUE(without[0].value.empty() && without[1].value.empty());
  EXPECT_TRUE(elf::find_calls_within(information, "nobody", "valk_lval_eval", kVariables,
                                     elf::CallSite::Kind::kBody)
                  .empty());
}

TEST(FindCallSites, FindsNoneOfWhatNobodyCalls) {
  const auto information = test::open_debug_information(test::puppet_path("valkyria_2025_12"));
  EXPECT_TRUE(elf::find_call_sites(information, "nobody", kSecondParameter).empty());
}

}  // namespace
