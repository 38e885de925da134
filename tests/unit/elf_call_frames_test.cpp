// Call-frame information, every rule of it, of functions that this program has for it alone.
#include "elf/call_frames.h"

#include <dwarf.h>
#include <fcntl.h>
#include <gtest/gtest.h>

#include "elf/elf_file.h"
#include "elf/symbols.h"

// Described, never run.
asm(R"(
.text
.type every_rule, @function
every_rule:
.cfi_startproc
nop
.cfi_def_cfa rbp, 32
.cfi_offset rbx, -24
.cfi_val_offset r8, 40
.cfi_undefined r9
.cfi_same_value r10
.cfi_register rip, rdi
.cfi_escape 0x10, 12, 2, 0x77, 8
.cfi_escape 0x16, 13, 3, 0x77, 8, 0x06
nop
.cfi_escape 0x0f, 3, 0x77, 16, 0x06
nop
.cfi_endproc
.size every_rule, . - every_rule

.type of_signal, @function
of_signal:
.cfi_startproc
.cfi_signal_frame
.cfi_undefined rip
nop
.cfi_endproc
.size of_signal, . - of_signal

.type undescribed, @function
undescribed:
nop
.size undescribed, . - undescribed
)");

namespace {

using elf::RegisterRule;
using Kind = elf::RegisterRule::Kind;

base::UniqueFd own_file() {
  return base::UniqueFd(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
}

class CallFramesOfSelf : public testing::Test {
 protected:
  static std::optional<elf::UnwindRow> row_in(const char* function, std::uint64_t offset = 0) {
    const auto file = elf::ElfFile::open(own_file(), "this program");
    const auto symbol = elf::find_symbol(*file, function);
    const auto frames = elf::CallFrames::open(own_file());
    if (!symbol || !frames) throw std::runtime_error(function);
    const auto row = frames->row_at(symbol->address + offset);
    EXPECT_TRUE(!row || row->begin <= symbol->address + offset);
    EXPECT_TRUE(!row || row->end > symbol->address + offset);
    return row;
  }
};

TEST_F(CallFramesOfSelf, BeginWithWhatEveryCallDoes) {
  const auto row = row_in("every_rule");
  ASSERT_TRUE(row);
  EXPECT_FALSE(row->is_signal_frame);
  EXPECT_EQ(row->end - row->begin, 1u);
  EXPECT_EQ(row->frame.base, elf::kStackPointer);
  EXPECT_EQ(row->frame.offset, 8);
  EXPECT_EQ(row->registers[elf::kReturnAddress].kind, Kind::kSaved);
  EXPECT_EQ(row->registers[elf::kReturnAddress].offset, -8);
  EXPECT_EQ(row->registers[elf::kStackPointer].kind, Kind::kValue);
  EXPECT_EQ(row->registers[elf::kStackPointer].offset, 0);
}

// What a function keeps for its caller is there unless the function says where it has put it.
TEST_F(CallFramesOfSelf, KeepWhatEveryFunctionKeeps) {
  const auto row = row_in("of_signal");
  ASSERT_TRUE(row);
  for (const std::size_t number : {3, 6, 12, 13, 14, 15}) {
    EXPECT_EQ(row->registers.at(number).kind, Kind::kSame) << number;
  }
  for (const std::size_t number : {0, 1, 2, 4, 5, 8, 9, 10, 11}) {
    EXPECT_EQ(row->registers.at(number).kind, Kind::kUndefined) << number;
  }
}

TEST_F(CallFramesOfSelf, HaveEveryRule) {
  const auto row = row_in("every_rule", 1);
  ASSERT_TRUE(row);
  EXPECT_EQ(row->frame.base, 6u);
  EXPECT_EQ(row->frame.offset, 32);
  EXPECT_EQ(row->registers[3].kind, Kind::kSaved);
  EXPECT_EQ(row->registers[3].offset, -24);
  EXPECT_EQ(row->registers[8].kind, Kind::kValue);
  EXPECT_EQ(row->registers[8].offset, 40);
  EXPECT_EQ(row->registers[9].kind, Kind::kUndefined);
  EXPECT_EQ(row->registers[10].kind, Kind::kSame);
  EXPECT_EQ(row->registers[12].kind, Kind::kSavedAt);
  EXPECT_EQ(row->registers[12].expression.back().code, DW_OP_breg7);
  EXPECT_EQ(row->registers[13].kind, Kind::kComputed);
  EXPECT_EQ(row->registers[13].expression.back().code, DW_OP_stack_value);
}

// As in vfork(), which keeps its return address from its child.
TEST_F(CallFramesOfSelf, TakeWhatAnotherRegisterHolds) {
  const auto row = row_in("every_rule", 1);
  ASSERT_TRUE(row);
  const RegisterRule& rule = row->registers[elf::kReturnAddress];
  EXPECT_EQ(rule.kind, Kind::kComputed);
  ASSERT_EQ(rule.expression.size(), 1u);
  EXPECT_EQ(rule.expression[0].code, DW_OP_regx);
  EXPECT_EQ(rule.expression[0].first, 5u);
}

TEST_F(CallFramesOfSelf, MayBeginWhereAnExpressionLeads) {
  const auto row = row_in("every_rule", 2);
  ASSERT_TRUE(row);
  EXPECT_FALSE(row->frame.base);
  ASSERT_EQ(row->frame.expression.size(), 2u);
  EXPECT_EQ(row->frame.expression[0].first, 16u);
  EXPECT_EQ(row->frame.expression[1].code, DW_OP_deref);
}

TEST_F(CallFramesOfSelf, TellSignalsAndFirstFrames) {
  const auto row = row_in("of_signal");
  ASSERT_TRUE(row);
  EXPECT_TRUE(row->is_signal_frame);
  EXPECT_EQ(row->registers[elf::kReturnAddress].kind, Kind::kUndefined);
}

TEST_F(CallFramesOfSelf, AreNotOfWhatNothingDescribes) {
  EXPECT_FALSE(row_in("undescribed"));
  const auto frames = elf::CallFrames::open(own_file());
  EXPECT_FALSE(frames->row_at(0));
  EXPECT_FALSE(frames->row_at(~std::uint64_t{0}));
}

TEST(CallFrames, AreNotInWhatIsNoFileOfCode) {
  EXPECT_FALSE(elf::CallFrames::open(base::UniqueFd()));
  base::UniqueFd other(::open("/proc/self/maps", O_RDONLY | O_CLOEXEC));
  const auto frames = elf::CallFrames::open(std::move(other));
  ASSERT_FALSE(frames);
  EXPECT_NE(frames.error().message.find("no ELF file"), std::string::npos);
}

}  // namespace
