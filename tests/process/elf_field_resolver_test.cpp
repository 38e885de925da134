// Paths resolved in what different compilers made of the same structures, against what those
// compilers themselves say by offsetof and sizeof.
#include "elf/field_resolver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <charconv>
#include <map>
#include <sstream>

#include "elf/symbols.h"
#include "elf_support.h"

namespace {

const std::map<std::string, elf::FieldKind> kKinds{{"unsigned", elf::FieldKind::kUnsigned},
                                                   {"signed", elf::FieldKind::kSigned},
                                                   {"real", elf::FieldKind::kReal},
                                                   {"pointer", elf::FieldKind::kPointer},
                                                   {"text", elf::FieldKind::kText}};

// `path kind size offset[,offset...] [stride*count...]`
elf::Field parse_truth(const std::string& line) {
  std::istringstream words(line);
  elf::Field field;
  std::string kind;
  std::string offsets;
  words >> field.path >> kind >> field.size_bytes >> offsets;
  field.kind = kKinds.at(kind);
  std::istringstream numbers(offsets);
  for (std::string number; std::getline(numbers, number, ',');) {
    field.offsets.push_back(std::stoull(number));
  }
  for (std::string repeat; words >> repeat;) {
    const std::size_t times = repeat.find('*');
    field.repeats.push_back(
        {std::stoull(repeat.substr(0, times)), std::stoull(repeat.substr(times + 1))});
  }
  return field;
}

std::string variable_of(const std::string& path) {
  return path.substr(0, path.find_first_of(".-["));
}

class ResolveField : public testing::TestWithParam<const char*> {
 protected:
  std::string message_of(const std::string& path) const {
    const auto field = elf::resolve_field(information_, path);
    return field ? "resolved" : field.error().message;
  }

  const std::string binary_ = test::puppet_path(std::string("layout_puppet_") + GetParam());
  const elf::DebugInformation information_ = test::open_debug_information(binary_);
};

TEST_P(ResolveField, AgreesWithTheCompilerOnEveryPath) {
  const auto lines = test::run(binary_, {"tell"});
  const auto file = test::open_elf(binary_);
  EXPECT_GT(lines.size(), 60u);
  for (const std::string& line : lines) {
    elf::Field truth = parse_truth(line);
    const auto symbol = elf::find_symbol(file, variable_of(truth.path));
    ASSERT_TRUE(symbol) << line;
    truth.address = symbol->address;
    const auto field = elf::resolve_field(information_, truth.path);
    ASSERT_TRUE(field) << field.error().message;
    EXPECT_EQ(field->kind, truth.kind) << line;
    EXPECT_EQ(field->size_bytes, truth.size_bytes) << line;
    EXPECT_EQ(field->address, truth.address) << line;
    EXPECT_EQ(field->offsets, truth.offsets) << line;
    EXPECT_EQ(field->repeats, truth.repeats) << line;
    EXPECT_EQ(*field, truth) << line;
  }
}

TEST_P(ResolveField, RefusesWhatIsNoNumberWithTheReason) {
  using testing::EndsWith;
  const std::vector<std::pair<std::string, std::string>> refusals{
      {"everything_here", "everything_here: a structure is no number: add a member"},
      {"everything_here.nested", "everything_here.nested: a structure is no number: add a member"},
      {"everything_here.named_union", ": a structure is no number: add a member"},
      {"everything_here.cells[0]", ": a structure is no number: add a member"},
      {"everything_here.row", "everything_here.row: an array is no number: add [] or an index"},
      {"everything_here.list", ": an array is no number: add [] or an index"},
      {"numbers", "numbers: an array is no number: add [] or an index"},
      {"everything_here.extended", "everything_here.extended: it has more than 8 bytes"},
      {"everything_here.wide", "everything_here.wide: it has more than 8 bytes"},
  };
  for (const auto& [path, message] : refusals) {
    EXPECT_THAT(message_of(path), EndsWith(message)) << path;
  }
}

TEST_P(ResolveField, RefusesStepsThatLeadNowhereWithTheReason) {
  using testing::EndsWith;
  const std::vector<std::pair<std::string, std::string>> refusals{
      {"everything_here.three_bits", "everything_here: member three_bits: it is a bit-field"},
      {"everything_here.nine_bits", "everything_here: member nine_bits: it is a bit-field"},
      {"everything_here.absent", "everything_here: no member absent"},
      {"everything_here.nested.absent", "everything_here.nested: no member absent"},
      {"everything_here.head->absent", "everything_here.head: no member absent"},
      {"everything_here.byte.x", "everything_here.byte: not a structure, so it has no member x"},
      {"everything_here.head.next", ".head: not a structure, so it has no member next"},
      {"everything_here.list.count", ".list: not a structure, so it has no member count"},
      {"everything_here->byte", "everything_here: not a pointer, so -> can't follow it"},
      {"everything_here.nested->count", ".nested: not a pointer, so -> can't follow it"},
      {"everything_here.heads->value", ".heads: not a pointer, so -> can't follow it"},
      {"everything_here.handle->value", ".handle: not a structure, so it has no member value"},
      {"everything_here.heads[]->value",
       "everything_here.heads[]: a pointer can't be followed for each element"},
      {"everything_here.head[1000001].value", "head: element 1000001 is too far away"},
      {"everything_here.byte[]", "everything_here.byte: not an array"},
      {"everything_here.row[7]", "everything_here.row: no element 7: there are 7"},
      {"everything_here.row[18446744073709551615]",
       ".row: no element 18446744073709551615: there are 7"},
      {"everything_here.list[5].count", "everything_here.list: no element 5: there are 5"},
      {"everything_here.alone[1].count", ".alone: no element 1: there are 1"},
      {"text[9]", "text: no element 9: there are 9"},
      {"everything_here.table[0]", "everything_here.table: an array of 2 dimensions"},
      {"everything_here.table[]", "everything_here.table: an array of 2 dimensions"},
      {"everything_here.table", ".table: an array of 2 dimensions"},
      {"everything_here.names[1]", "everything_here.names: an array of 2 dimensions"},
      {"everything_here.names", "everything_here.names: an array of 2 dimensions"},
      {"flexible_here.items[0]", "flexible_here.items: an array without bounds"},
      {"flexible_here.items[]", "flexible_here.items: an array without bounds"},
      {"everything_here.nowhere->x", "everything_here.nowhere: type nowhere is only declared"},
      {"nowhere_pointer->x", "nowhere_pointer: type nowhere is only declared"},
      {"everything_here.anything->x", "everything_here.anything: it has no type"},
      {"everything_here..x", "no step at character 15"},
  };
  for (const auto& [path, message] : refusals) {
    EXPECT_THAT(message_of(path), EndsWith(message)) << path;
  }
}

TEST_P(ResolveField, RefusesVariablesWithoutOnePlaceWithTheReason) {
  EXPECT_EQ(message_of("per_thread"), "variable per_thread: each thread has its own");
  EXPECT_EQ(message_of("absent.x"), binary_ + " has no variable absent");
  EXPECT_EQ(message_of("main"), binary_ + " has no variable main");
  EXPECT_EQ(message_of("told_twice"), binary_ + " has 2 variables named told_twice");
}

TEST_P(ResolveField, TakesOnlyBytesForText) {
  for (const char* path : {"everything_here.flags", "everything_here.tinies"}) {
    EXPECT_THAT(message_of(path), testing::EndsWith("an array is no number: add [] or an index"))
        << path;
  }
}

INSTANTIATE_TEST_SUITE_P(Builds, ResolveField,
                         testing::Values("gcc", "gcc_dwarf4_no_pie", "clang", "clang_dwarf4",
                                         "compressed", "type_units", "type_units_dwarf4", "lto"),
                         [](const auto& instance) { return std::string(instance.param); });

// Nobody opens the files that it names, whether or not they are there, as they are here.
TEST(ResolveFieldOfSplitDebugInformation, FindsNothingAndSaysWhy) {
  for (const char* name : {"split", "split_dwarf4", "split_clang"}) {
    const std::string binary = test::puppet_path(std::string("layout_puppet_") + name);
    const auto information = test::open_debug_information(binary);
    EXPECT_FALSE(elf::resolve_field(information, "number")) << name;
    EXPECT_FALSE(information.has_variable("number")) << name;
    ASSERT_TRUE(information.gap()) << name;
    EXPECT_THAT(*information.gap(), testing::HasSubstr("-gsplit-dwarf")) << name;
  }
}

}  // namespace
