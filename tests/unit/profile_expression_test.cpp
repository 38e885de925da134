// DWARF expressions, as compilers and hostile hands write them.
#include "profile/expression.h"

#include <dwarf.h>
#include <gtest/gtest.h>

namespace {

using elf::Expression;
using profile::ExpressionInput;

constexpr std::uint64_t kStack = 0x7000;
constexpr std::uint64_t kMinusOne = ~std::uint64_t{0};

class ExpressionOfFrame : public testing::Test {
 protected:
  ExpressionOfFrame() {
    registers_.set(elf::kStackPointer, kStack);
    registers_.set(elf::kReturnAddress, 0x40100b);
  }
  std::optional<std::uint64_t> run(const Expression& expression, bool with_frame = false) const {
    return profile::evaluate(expression, {registers_, stack_, frame_, base_}, with_frame);
  }
  // `left` and `right` brought together.
  std::optional<std::uint64_t> both(std::uint64_t left, unsigned code, std::uint64_t right) const {
    return run({{DW_OP_constu, left}, {DW_OP_consts, right}, {static_cast<std::uint8_t>(code)}});
  }

  std::vector<std::uint64_t> words_{0x1111, kStack, 0x3333};
  profile::Registers registers_;
  profile::StackBytes stack_{kStack, std::as_bytes(std::span(words_))};
  std::optional<std::uint64_t> frame_ = 0x7100;
  std::optional<std::uint64_t> base_ = 0x7200;
};

TEST_F(ExpressionOfFrame, PushesConstants) {
  EXPECT_EQ(run({{DW_OP_lit0}}), 0u);
  EXPECT_EQ(run({{DW_OP_lit31}}), 31u);
  for (const int code : {DW_OP_const1u, DW_OP_const1s, DW_OP_const2u, DW_OP_const2s, DW_OP_const4u,
                         DW_OP_const4s, DW_OP_const8u, DW_OP_const8s, DW_OP_constu, DW_OP_consts}) {
    EXPECT_EQ(run({{static_cast<std::uint8_t>(code), 99}}), 99u) << code;
  }
}

TEST_F(ExpressionOfFrame, PushesWhatItsFrameHas) {
  EXPECT_EQ(run({{DW_OP_reg7}}), kStack);
  EXPECT_EQ(run({{DW_OP_breg7, kMinusOne}}), kStack - 1);
  EXPECT_EQ(run({{DW_OP_regx, 16}}), 0x40100bu);
  EXPECT_EQ(run({{DW_OP_bregx, 7, 8}}), kStack + 8);
  EXPECT_EQ(run({{DW_OP_call_frame_cfa}}), 0x7100u);
  EXPECT_EQ(run({{DW_OP_fbreg, kMinusOne}}), 0x71ffu);
  EXPECT_EQ(run({{DW_OP_plus_uconst, 5}}, true), 0x7105u);
}

TEST_F(ExpressionOfFrame, Calculates) {
  EXPECT_EQ(both(7, DW_OP_plus, kMinusOne), 6u);
  EXPECT_EQ(both(7, DW_OP_minus, 9), kMinusOne - 1);
  EXPECT_EQ(both(7, DW_OP_mul, kMinusOne), kMinusOne - 6);
  EXPECT_EQ(both(12, DW_OP_and, 10), 8u);
  EXPECT_EQ(both(12, DW_OP_or, 10), 14u);
  EXPECT_EQ(both(1, DW_OP_shl, 63), std::uint64_t{1} << 63);
  EXPECT_EQ(both(1, DW_OP_shl, 64), 0u);
  EXPECT_EQ(both(kMinusOne, DW_OP_shr, 63), 1u);
  EXPECT_EQ(both(kMinusOne, DW_OP_shr, kMinusOne), 0u);
}

TEST_F(ExpressionOfFrame, ComparesWithSigns) {
  EXPECT_EQ(both(2, DW_OP_eq, 2), 1u);
  EXPECT_EQ(both(2, DW_OP_ne, 2), 0u);
  EXPECT_EQ(both(2, DW_OP_ge, kMinusOne), 1u);
  EXPECT_EQ(both(2, DW_OP_gt, 2), 0u);
  EXPECT_EQ(both(kMinusOne, DW_OP_le, 0), 1u);
  EXPECT_EQ(both(0, DW_OP_lt, kMinusOne), 0u);
}

TEST_F(ExpressionOfFrame, ReadsTheStack) {
  EXPECT_EQ(run({{DW_OP_breg7, 16}, {DW_OP_deref}}), 0x3333u);
  EXPECT_EQ(run({{DW_OP_breg7, 8}, {DW_OP_deref}, {DW_OP_deref}}), 0x1111u);
  EXPECT_EQ(run({{DW_OP_breg7, 0}, {DW_OP_deref_size, 8}}), 0x1111u);
  EXPECT_EQ(run({{DW_OP_lit1}, {DW_OP_dup}, {DW_OP_plus}, {DW_OP_nop}, {DW_OP_stack_value}}), 2u);
}

TEST_F(ExpressionOfFrame, FindsTheFrameOfAJumpTable) {
  const Expression plt{{DW_OP_breg7, 8}, {DW_OP_breg16, 0}, {DW_OP_lit15},
                       {DW_OP_and},      {DW_OP_lit11},     {DW_OP_ge},
                       {DW_OP_lit3},     {DW_OP_shl},       {DW_OP_plus}};
  EXPECT_EQ(run(plt), kStack + 16);
}

TEST_F(ExpressionOfFrame, ReadsNothingBesideTheStack) {
  EXPECT_FALSE(run({{DW_OP_lit0}, {DW_OP_deref}}));
  EXPECT_FALSE(run({{DW_OP_breg7, 17}, {DW_OP_deref}}));
  EXPECT_FALSE(run({{DW_OP_breg7, kMinusOne}, {DW_OP_deref}}));
  EXPECT_FALSE(run({{DW_OP_constu, kMinusOne}, {DW_OP_deref}}));
  EXPECT_FALSE(run({{DW_OP_breg7, 0}, {DW_OP_deref_size, 4}}));
  EXPECT_FALSE(run({{DW_OP_deref}}));
}

TEST_F(ExpressionOfFrame, NeedsWhatItUses) {
  EXPECT_FALSE(run({{DW_OP_breg6, 0}})) << "nobody knows this register";
  EXPECT_FALSE(run({{DW_OP_reg17}})) << "nor is there one";
  EXPECT_FALSE(run({{DW_OP_bregx, kMinusOne, 0}}));
  frame_.reset();
  base_.reset();
  EXPECT_FALSE(run({{DW_OP_call_frame_cfa}}));
  EXPECT_FALSE(run({{DW_OP_fbreg, 0}}));
  EXPECT_FALSE(run({{DW_OP_lit0}}, true));
}

TEST_F(ExpressionOfFrame, DoesNotReachBelowItsStack) {
  EXPECT_FALSE(run({}));
  for (const int code : {DW_OP_dup, DW_OP_plus_uconst, DW_OP_plus, DW_OP_lt, DW_OP_deref_size}) {
    const auto operation = static_cast<std::uint8_t>(code);
    EXPECT_FALSE(run({{operation, 8}})) << code;
  }
  EXPECT_FALSE(run({{DW_OP_lit1}, {DW_OP_plus}}));
}

TEST_F(ExpressionOfFrame, DoesNotGrowPastItsStack) {
  EXPECT_TRUE(run(Expression(32, {DW_OP_lit1})));
  EXPECT_FALSE(run(Expression(33, {DW_OP_lit1})));
  EXPECT_FALSE(run(Expression(32, {DW_OP_lit1}), true));
  Expression doubled(1'000'000, {DW_OP_dup});
  doubled[0] = {DW_OP_lit1};
  EXPECT_FALSE(run(doubled));
}

TEST_F(ExpressionOfFrame, KnowsNoWayToGoBack) {
  for (const int code : {DW_OP_skip, DW_OP_bra, DW_OP_call2, DW_OP_call_ref, DW_OP_entry_value}) {
    EXPECT_FALSE(run({{DW_OP_lit1}, {DW_OP_lit1}, {static_cast<std::uint8_t>(code), kMinusOne}}));
  }
}

}  // namespace
