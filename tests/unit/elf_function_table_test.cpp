// Which function an address is in, by symbols that may say anything.
#include "elf/function_table.h"

#include <gtest/gtest.h>

#include "made_file.h"

namespace {

class FunctionTable : public testing::Test {
 protected:
  static elf::ElfFile open(const std::vector<test::Function>& functions) {
    auto file = elf::ElfFile::open(test::file_of(functions), "made");
    if (!file) throw std::runtime_error(file.error().message);
    return std::move(*file);
  }
  static std::string name_at(const std::vector<test::Function>& functions, std::uint64_t address) {
    const elf::ElfFile file = open(functions);
    const auto found = elf::FunctionTable(file, nullptr).find(address);
    return found ? std::string(found->name) : "-";
  }
};

TEST_F(FunctionTable, FindsWithinTheSize) {
  const std::vector<test::Function> functions{{"b", 0x200, 0x10}, {"a", 0x100, 0x10}};
  EXPECT_EQ(name_at(functions, 0xff), "-");
  EXPECT_EQ(name_at(functions, 0x100), "a");
  EXPECT_EQ(name_at(functions, 0x10f), "a");
  EXPECT_EQ(name_at(functions, 0x110), "-");
  EXPECT_EQ(name_at(functions, 0x20f), "b");
  EXPECT_EQ(name_at(functions, ~std::uint64_t{0}), "-");
  EXPECT_EQ(name_at({}, 0), "-");
}

TEST_F(FunctionTable, LetsOneWithoutASizeReachToTheNext) {
  const std::vector<test::Function> functions{{"a", 0x100, 0}, {"b", 0x200, 0}};
  EXPECT_EQ(name_at(functions, 0x1ff), "a");
  EXPECT_EQ(name_at(functions, 0x200), "b");
  EXPECT_EQ(name_at(functions, 0xffff), "b");
}

TEST_F(FunctionTable, TakesASizePastAllAddressesForNone) {
  const std::vector<test::Function> functions{{"a", 0x100, ~std::uint64_t{0}}, {"b", 0x200, 1}};
  EXPECT_EQ(name_at(functions, 0x1ff), "a");
  EXPECT_EQ(name_at(functions, 0x200), "b");
  EXPECT_EQ(name_at(functions, 0x201), "-");
}

TEST_F(FunctionTable, ShowsTheNameThatPeopleKnow) {
  EXPECT_EQ(name_at({{"__read", 0x100}, {"read", 0x100}, {"_read", 0x100}}, 0x100), "read");
  EXPECT_EQ(name_at({{"local", 0x100, 1, STB_LOCAL}, {"__x", 0x100, 1, STB_WEAK}}, 0x100), "__x");
}

TEST_F(FunctionTable, HasNoNamelessAndNoLongNames) {
  EXPECT_EQ(name_at({{"", 0x100}}, 0x100), "-");
  const std::string longest(elf::FunctionTable::kMaxNameBytes, 'x');
  EXPECT_EQ(name_at({{longest + "y", 0x100}}, 0x100), longest);
}

TEST_F(FunctionTable, TakesWhatTheFileHasLostFromItsDebugFile) {
  const elf::ElfFile file = open({{"exported", 0x100}});
  const elf::ElfFile debug = open({{"exported", 0x100}, {"hidden", 0x200}});
  const elf::FunctionTable both(file, &debug);
  EXPECT_EQ(both.find(0x200)->name, "hidden");
  EXPECT_EQ(both.find(0x100)->name, "exported");
}

}  // namespace
