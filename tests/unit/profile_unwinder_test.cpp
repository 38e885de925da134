// Stacks that compilers would not make, by rows that none would write.
#include "profile/unwinder.h"

#include <dwarf.h>
#include <gtest/gtest.h>

#include <map>

namespace {

using elf::RegisterRule;
using elf::UnwindRow;
using profile::Ending;
using Kind = elf::RegisterRule::Kind;

constexpr std::size_t kFramePointer = 6;
constexpr std::uint64_t kCode = 0x400000;
constexpr std::uint64_t kStack = 0x7000;

// As after a call and `words` pushes: the frame begins above the return address.
UnwindRow row_of(std::int64_t words) {
  UnwindRow row;
  row.frame = {elf::kStackPointer, 8 * (words + 1), {}};
  row.registers[elf::kReturnAddress] = {Kind::kSaved, -8, {}};
  row.registers[elf::kStackPointer] = {Kind::kValue, 0, {}};
  return row;
}

// One function a page, each with one row.
class UnwinderOfRows : public testing::Test {
 protected:
  UnwinderOfRows() {
    registers_.set(elf::kStackPointer, kStack);
    registers_.set(elf::kReturnAddress, at(0));
  }
  static std::uint64_t at(std::uint64_t function) { return kCode + 0x1000 * function + 0x10; }

  profile::Unwound unwind() {
    const profile::ModuleMap modules({{kCode, kCode + 0x100000, kCode, 3}});
    const auto bytes = std::as_bytes(std::span(words_));
    return profile::unwind(registers_, {kStack, bytes.first(bytes.size() - missing_bytes_)},
                           modules, [this](std::size_t file, std::uint64_t address) {
                             EXPECT_EQ(file, 3u);
                             asked_.push_back(address);
                             const auto found = rows_.find(address / 0x1000);
                             return found != rows_.end() ? &found->second : nullptr;
                           });
  }

  std::map<std::uint64_t, UnwindRow> rows_;
  std::vector<std::uint64_t> words_;
  std::size_t missing_bytes_ = 0;
  profile::Registers registers_;
  std::vector<std::uint64_t> asked_;
};

TEST_F(UnwinderOfRows, GoesFromCallToCallUpToTheFirstFrame) {
  rows_ = {{0, row_of(1)}, {1, row_of(0)}, {2, row_of(0)}};
  rows_[2].registers[elf::kReturnAddress].kind = Kind::kUndefined;
  words_ = {77, at(1), kCode + 0x2000 + 1};
  const auto unwound = unwind();
  EXPECT_EQ(unwound.ending, Ending::kComplete);
  ASSERT_EQ(unwound.frames.size(), 3u);
  EXPECT_EQ(unwound.frames[0].frame_address, kStack + 16);
  EXPECT_EQ(unwound.frames[1].address, at(1));
  EXPECT_EQ(unwound.frames[1].registers.get(elf::kStackPointer), kStack + 16);
  EXPECT_FALSE(unwound.frames[2].frame_address);
  // A caller is looked up where its call is: it may be the last instruction of its function.
  EXPECT_EQ(asked_, (std::vector<std::uint64_t>{0x10, 0x100f, 0x2000}));
}

TEST_F(UnwinderOfRows, EndsAtANullReturnAddress) {
  rows_ = {{0, row_of(0)}};
  words_ = {0};
  EXPECT_EQ(unwind().ending, Ending::kComplete);
}

TEST_F(UnwinderOfRows, EndsWhereNothingIsDescribed) {
  EXPECT_EQ(unwind().ending, Ending::kNoRow);
  rows_ = {{0, row_of(0)}};
  words_ = {0x123};
  const auto outside = unwind();
  EXPECT_EQ(outside.ending, Ending::kNoRow);
  EXPECT_EQ(outside.frames.size(), 2u);
  registers_.set(elf::kReturnAddress, 0);
  EXPECT_EQ(unwind().frames.size(), 1u);
  EXPECT_EQ(profile::unwind({}, {0, {}}, {}, nullptr).ending, Ending::kNoRow);
}

TEST_F(UnwinderOfRows, TellsACutCopyFromABrokenFrame) {
  rows_ = {{0, row_of(0)}, {1, row_of(0)}};
  words_ = {at(1)};
  EXPECT_EQ(unwind().ending, Ending::kTruncated);
  rows_[1].frame.offset = 4;
  EXPECT_EQ(unwind().ending, Ending::kTruncated);
  rows_[1].frame = {elf::kReturnAddress, 0, {}};
  EXPECT_EQ(unwind().ending, Ending::kTruncated) << "far above";
  rows_[0].frame.offset = 4;
  EXPECT_EQ(unwind().ending, Ending::kBadMemory) << "below";
  rows_[0].frame.offset = -static_cast<std::int64_t>(kStack);
  EXPECT_NE(unwind().ending, Ending::kComplete) << "at 0";
}

TEST_F(UnwinderOfRows, TellsACopyThatEndsWithinAReturnAddress) {
  rows_ = {{0, row_of(0)}, {1, row_of(0)}};
  words_ = {at(1), at(1)};
  missing_bytes_ = 3;
  const auto unwound = unwind();
  EXPECT_EQ(unwound.ending, Ending::kTruncated);
  EXPECT_EQ(unwound.frames.size(), 2u);
}

TEST_F(UnwinderOfRows, GoesUpAlone) {
  rows_ = {{0, row_of(0)}};
  rows_[0].registers[elf::kStackPointer] = {Kind::kValue, -8, {}};
  words_ = {at(0)};
  const auto cycle = unwind();
  EXPECT_EQ(cycle.ending, Ending::kBadMemory);
  EXPECT_EQ(cycle.frames.size(), 2u);
  rows_[0].registers[elf::kStackPointer] = {Kind::kValue, -16, {}};
  words_ = {at(0), 0, 0};
  registers_.set(elf::kStackPointer, kStack + 8);
  words_ = {at(0), at(0)};
  EXPECT_EQ(unwind().ending, Ending::kBadMemory);
}

TEST_F(UnwinderOfRows, TakesNoMoreThanSoManyFrames) {
  rows_ = {{0, row_of(0)}};
  rows_[0].registers[elf::kReturnAddress].kind = Kind::kSame;
  const auto endless = unwind();
  EXPECT_EQ(endless.ending, Ending::kTooDeep);
  EXPECT_EQ(endless.frames.size(), profile::kMaxFrames);
  // A signal's frame may lie below: that is no way round the limit.
  rows_[0].is_signal_frame = true;
  rows_[0].registers[elf::kStackPointer] = {Kind::kValue, -8, {}};
  EXPECT_EQ(unwind().frames.size(), profile::kMaxFrames);
}

TEST_F(UnwinderOfRows, FollowsASignalToWhereItInterrupted) {
  rows_ = {{0, row_of(0)}, {1, row_of(0)}, {2, row_of(0)}};
  UnwindRow& signal = rows_[1];
  signal.is_signal_frame = true;
  // The stack and the place that were interrupted, saved by the kernel: a lower stack.
  signal.frame = {std::nullopt, 0, {{DW_OP_breg7, 0}, {DW_OP_deref}}};
  signal.registers[elf::kReturnAddress] = {Kind::kSavedAt, 0, {{DW_OP_breg7, 8}}};
  words_ = {0, 0, at(1), kStack, kCode + 0x2000};
  registers_.set(elf::kStackPointer, kStack + 16);
  const auto unwound = unwind();
  EXPECT_EQ(unwound.ending, Ending::kComplete);
  ASSERT_EQ(unwound.frames.size(), 3u);
  EXPECT_EQ(unwound.frames[1].frame_address, kStack);
  EXPECT_TRUE(unwound.frames[2].is_exact);
  EXPECT_EQ(unwound.frames[2].lookup_address(), kCode + 0x2000) << "the first byte of its function";
  EXPECT_EQ(unwound.frames[2].registers.get(elf::kStackPointer), kStack);
}

TEST_F(UnwinderOfRows, RestoresRegistersByEveryRule) {
  rows_ = {{0, row_of(1)}};
  UnwindRow& row = rows_[0];
  row.registers[kFramePointer] = {Kind::kSaved, -16, {}};
  row.registers[3] = {Kind::kValue, -1, {}};
  row.registers[12] = {Kind::kSavedAt, 0, {{DW_OP_lit16}, {DW_OP_minus}}};
  row.registers[13] = {Kind::kComputed, 0, {{DW_OP_lit5}, {DW_OP_plus}}};
  row.registers[14] = {Kind::kUndefined, 0, {}};
  row.registers[5] = {Kind::kComputed, 0, {{DW_OP_regx, 2}}};
  for (const std::size_t number : {2, 14, 15}) registers_.set(number, 100 + number);
  words_ = {0xbeef, kCode + 0x9000};
  const auto unwound = unwind();
  ASSERT_EQ(unwound.frames.size(), 2u);
  const auto& caller = unwound.frames[1].registers;
  EXPECT_EQ(caller.get(kFramePointer), 0xbeefu);
  EXPECT_EQ(caller.get(3), kStack + 15);
  EXPECT_EQ(caller.get(12), 0xbeefu);
  EXPECT_EQ(caller.get(13), kStack + 21);
  EXPECT_FALSE(caller.get(14));
  EXPECT_EQ(caller.get(15), 115u);
  EXPECT_EQ(caller.get(5), 102u);
  EXPECT_FALSE(caller.get(8)) << "never known";
  EXPECT_FALSE(caller.get(elf::kRegisters));
  EXPECT_EQ(caller.get(elf::kReturnAddress), kCode + 0x9000);
}

TEST_F(UnwinderOfRows, StopsWhereItsFrameNeedsALostRegister) {
  rows_ = {{0, row_of(0)}, {1, row_of(0)}};
  rows_[0].registers[kFramePointer].kind = Kind::kUndefined;
  rows_[1].frame = {kFramePointer, 16, {}};
  registers_.set(kFramePointer, kStack + 8);
  words_ = {at(1), 0, 0};
  EXPECT_EQ(unwind().ending, Ending::kBadMemory);
  rows_[0].registers[kFramePointer].kind = Kind::kSame;
  EXPECT_EQ(unwind().ending, Ending::kComplete);
}

TEST_F(UnwinderOfRows, TakesTheFrameAsTheCallersStackWhereNothingIsSaid) {
  rows_ = {{0, row_of(0)}};
  rows_[0].registers[elf::kStackPointer].kind = Kind::kSame;
  words_ = {kCode + 0x9000};
  EXPECT_EQ(unwind().frames.at(1).registers.get(elf::kStackPointer), kStack + 8);
}

}  // namespace
