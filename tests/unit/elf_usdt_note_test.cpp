#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>

#include "elf/build_id.h"
#include "elf/usdt_note.h"

namespace {

void append_u32(std::string& bytes, std::uint32_t value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void append_u64(std::string& bytes, std::uint64_t value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

std::string note(const std::string& owner, std::uint32_t type, const std::string& description) {
  std::string bytes;
  append_u32(bytes, static_cast<std::uint32_t>(owner.size()));
  append_u32(bytes, static_cast<std::uint32_t>(description.size()));
  append_u32(bytes, type);
  bytes += owner;
  bytes.resize((bytes.size() + 3) / 4 * 4);
  bytes += description;
  bytes.resize((bytes.size() + 3) / 4 * 4);
  return bytes;
}

std::string usdt_note(const std::string& provider, const std::string& name,
                      const std::string& operands) {
  std::string description;
  append_u64(description, 0x1234);
  append_u64(description, 0x2000);
  append_u64(description, 0x4010);
  for (const std::string& text : {provider, name, operands}) {
    description += text;
    description += '\0';
  }
  return note(std::string("stapsdt\0", 8), 3, description);
}

TEST(ParseUsdtNotes, ReadsAddressesNamesAndOperands) {
  const auto notes = elf::parse_usdt_notes(usdt_note("valkyria", "gc__begin", "8@%rdi -4@$5"));
  ASSERT_TRUE(notes) << notes.error().message;
  ASSERT_EQ(notes->size(), 1u);
  EXPECT_EQ(notes->front().provider, "valkyria");
  EXPECT_EQ(notes->front().name, "gc__begin");
  EXPECT_EQ(notes->front().site_address, 0x1234u);
  EXPECT_EQ(notes->front().base_address, 0x2000u);
  EXPECT_EQ(notes->front().semaphore_address, 0x4010u);
  EXPECT_EQ(notes->front().operands, (std::vector<std::string>{"8@%rdi", "-4@$5"}));
}

TEST(ParseUsdtNotes, AcceptsAProbeWithoutOperands) {
  const auto notes = elf::parse_usdt_notes(usdt_note("p", "n", ""));
  ASSERT_TRUE(notes);
  EXPECT_TRUE(notes->front().operands.empty());
}

TEST(ParseUsdtNotes, SkipsNotesOfOtherOwnersAndTypes) {
  const auto notes = elf::parse_usdt_notes(note(std::string("GNU\0", 4), 3, "xxxx") +
                                           note(std::string("stapsdt\0", 8), 4, "yyyy") +
                                           usdt_note("valkyria", "gc__end", "8@%rdi"));
  ASSERT_TRUE(notes) << notes.error().message;
  ASSERT_EQ(notes->size(), 1u);
  EXPECT_EQ(notes->front().name, "gc__end");
}

TEST(ParseUsdtNotes, RefusesANoteLongerThanItsSection) {
  std::string bytes = usdt_note("valkyria", "gc__end", "8@%rdi");
  bytes.resize(bytes.size() - 8);
  EXPECT_FALSE(elf::parse_usdt_notes(bytes));
}

TEST(ParseUsdtNotes, RefusesTextsWithoutAnEnd) {
  const auto notes = elf::parse_usdt_notes(
      note(std::string("stapsdt\0", 8), 3, std::string(24, '\1') + "provider without a NUL"));
  ASSERT_FALSE(notes);
  EXPECT_NE(notes.error().message.find("broken"), std::string::npos);
}

TEST(ParseUsdtNotes, RefusesMoreNotesThanItsLimit) {
  std::string bytes;
  for (std::size_t i = 0; i <= elf::kMaxUsdtNotes; ++i) bytes += usdt_note("p", "n", "");
  EXPECT_FALSE(elf::parse_usdt_notes(bytes));
}

// Run under the sanitizers: no read outside the bytes, no endless loop, whatever they are.
TEST(ParseUsdtNotes, SurvivesAnyBytes) {
  std::mt19937 random(20260101);
  const std::string good = usdt_note("valkyria", "gc__begin", "8@%rdi") +
                           usdt_note("valkyria", "gc__end", "8@%rdi 8@%rsi");
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = good;
    for (int change = 0; change < 4; ++change) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    bytes.resize(random() % (bytes.size() + 1));
    const auto notes = elf::parse_usdt_notes(bytes);
    EXPECT_TRUE(!notes || notes->size() <= 2);
  }
}

TEST(ParseBuildId, ReadsItsDigits) {
  const std::string section = note(std::string("GNU\0", 4), 3, "\x01\xab\xff\x10");
  EXPECT_EQ(elf::parse_build_id(section), "01abff10");
}

TEST(ParseBuildId, RefusesWhatIsNone) {
  const std::string good = note(std::string("GNU\0", 4), 3, "\x01\xab\xff\x10");
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(elf::parse_build_id(good.substr(0, size)), std::nullopt) << size;
  }
  EXPECT_EQ(elf::parse_build_id(note(std::string("GNU\0", 4), 1, "abcd")), std::nullopt);
  EXPECT_EQ(elf::parse_build_id(note(std::string("XYZ\0", 4), 3, "abcd")), std::nullopt);
  EXPECT_EQ(elf::parse_build_id(note(std::string("GNU\0", 4), 3, std::string(65, 'x'))),
            std::nullopt);
}

}  // namespace
