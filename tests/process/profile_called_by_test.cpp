// What the evaluator is told to call, by the call sites of a target: in the puppet's code, on
// stacks that lead to any place in it.
#include <dwarf.h>
#include <fcntl.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>

#include "elf/elf_file.h"
#include "elf/symbols.h"
#include "profile/stack_finder.h"

namespace {

using elf::Expression;
using profile::StackRequest;

constexpr std::uint64_t kBase = 0x5555'0000'0000;
constexpr std::uint64_t kStack = 0x7000;

base::UniqueFd open_puppet() {
  return base::UniqueFd(::open(VALKYRIA_PUPPET_DIR "/stack_puppet", O_RDONLY | O_CLOEXEC));
}

std::uint64_t address_of(const char* name) {
  const auto file = elf::ElfFile::open(open_puppet(), "the puppet");
  const auto symbol = file ? elf::find_symbol(*file, name) : std::nullopt;
  if (!symbol) throw std::runtime_error(name);
  return kBase + symbol->address;
}

// At the first instruction of "work", which "main" has called: its frame is at `kReturn`.
class CalledBy : public testing::Test {
 protected:
  // Of the frame of "main"; none: it is no call that was told of.
  std::optional<std::uint64_t> called_with(std::vector<elf::CallSite> sites) const {
    std::vector<profile::CodeFile> files;
    files.emplace_back(open_puppet(), base::UniqueFd());
    profile::StackFinder finder(
        {profile::ModuleMap({{kBase, kBase + 0x100000, kBase, 0}}), std::move(sites)},
        std::move(files));
    const auto found = finder.find({request_}).stacks.at(0);
    EXPECT_GE(found.frames.size(), 2u);
    EXPECT_FALSE(found.frames.at(0).called) << "it is where it is, and calls nobody";
    return found.frames.at(1).called;
  }
  std::optional<std::uint64_t> called(const Expression& value,
                                      const Expression& frame_base = {}) const {
    return called_with({{return_address_, value, frame_base}});
  }

  std::uint64_t return_address_ = address_of("main") + 1;
  StackRequest request_ = [this] {
    StackRequest request;
    request.registers.fill(0x1234);
    request.registers[elf::kStackPointer] = kStack;
    request.registers[elf::kReturnAddress] = address_of("work");
    const std::array<std::uint64_t, 4> words{return_address_, 0x1111, 0x2222, 0x3333};
    request.stack_address = kStack;
    const auto bytes = std::as_bytes(std::span(words));
    request.stack.assign(bytes.begin(), bytes.end());
    return request;
  }();
};

TEST_F(CalledBy, IsWhatTheSitesValueComesTo) {
  EXPECT_EQ(called({{DW_OP_lit7}}), 7u);
  EXPECT_EQ(called({{DW_OP_breg7, 8}, {DW_OP_deref}}), 0x2222u) << "of its frame, not of the next";
  EXPECT_EQ(called({{DW_OP_fbreg, 0}, {DW_OP_deref}}, {{DW_OP_breg7, 16}}), 0x3333u);
}

TEST_F(CalledBy, OfAValueThatIsNotKnownIsNobody) {
  EXPECT_EQ(called(Expression{}), 0u);
  EXPECT_EQ(called({{DW_OP_reg0}}), 0u) << "a register that the called function may change";
  EXPECT_EQ(called({{DW_OP_breg7, 1'000'000}, {DW_OP_deref}}), 0u) << "beyond the copy";
  EXPECT_EQ(called({{DW_OP_fbreg, 0}}), 0u) << "without a base";
  EXPECT_EQ(called({{DW_OP_fbreg, 0}}, {{DW_OP_deref}}), 0u) << "with a broken one";
}

TEST_F(CalledBy, OfABrokenValueIsNobody) {
  EXPECT_EQ(called({{DW_OP_deref}}), 0u);
  EXPECT_EQ(called({{DW_OP_plus}}), 0u);
  EXPECT_EQ(called({{0xff}}), 0u);
  EXPECT_EQ(called({{0}}), 0u);
  EXPECT_EQ(called(Expression(100'000, {DW_OP_dup})), 0u);
  EXPECT_EQ(called(Expression(100'000, {DW_OP_lit1})), 0u);
  EXPECT_EQ(called({{DW_OP_lit1}, {DW_OP_lit0}, {DW_OP_div}}), 0u);
}

TEST_F(CalledBy, ElsewhereIsNone) {
  EXPECT_EQ(called_with({}), std::nullopt);
  for (const std::uint64_t address : {std::uint64_t{0}, return_address_ - 1, return_address_ + 1,
                                      return_address_ - kBase, ~std::uint64_t{0}}) {
    EXPECT_EQ(called_with({{address, {{DW_OP_lit7}}, {}}}), std::nullopt) << address;
  }
  EXPECT_EQ(called_with({{request_.registers[elf::kReturnAddress], {{DW_OP_lit7}}, {}}}),
            std::nullopt);
}

TEST_F(CalledBy, OfSitesThatContradictEachOtherIsTheFirst) {
  EXPECT_EQ(
      called_with({{return_address_, {{DW_OP_lit7}}, {}}, {return_address_, {{DW_OP_lit8}}, {}}}),
      7u);
}

}  // namespace
