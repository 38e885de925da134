// Fields read from a memory that holds what the test says, or anything.
#include "state/field_reader.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <random>

#include "state_support.h"

namespace {

using elf::FieldKind;
using test::FakeMemory;
using test::layout_of;
using test::number_field;
using test::text_field;

constexpr std::uint64_t kBias = 0x5555'0000'0000;
constexpr std::uint64_t kAddress = 0x4000;
constexpr std::uint64_t kHere = kBias + kAddress;  // in the process
constexpr std::uint64_t kHeap = 0x7f00'0000'1000;

class FieldReader : public testing::Test {
 protected:
  FieldReader() { memory_.map(kHere, 4096); }

  state::FieldReader read(std::vector<elf::Field> fields) {
    state::FieldReader reader(layout_of(std::move(fields)), kBias);
    const auto done = reader.read(memory_);
    EXPECT_TRUE(done) << done.error().message;
    return reader;
  }

  // Of a layout of this one field.
  std::optional<std::uint64_t> number(const elf::Field& field) { return read({field}).number(0); }
  std::optional<std::string> text(const elf::Field& field) { return read({field}).text(0); }

  FakeMemory memory_;
};

TEST_F(FieldReader, ReadsNumbersOfEverySize) {
  memory_.put<std::uint64_t>(kHere + 16, 0x7766'5544'3322'11f0);
  EXPECT_EQ(number(number_field("x", kAddress, {16}, {}, 1)), 0xf0u);
  EXPECT_EQ(number(number_field("x", kAddress, {16}, {}, 2)), 0x11f0u);
  EXPECT_EQ(number(number_field("x", kAddress, {16}, {}, 4)), 0x332211f0u);
  EXPECT_EQ(number(number_field("x", kAddress, {16}, {}, 8)), 0x7766'5544'3322'11f0u);
  EXPECT_EQ(number(number_field("x", kAddress, {17}, {}, 4)), 0x44332211u);
  EXPECT_EQ(number(number_field("x", kAddress, {16}, {}, 8, FieldKind::kPointer)),
            0x7766'5544'3322'11f0u);
}

TEST_F(FieldReader, KnowsNoNumberBelowZeroOrAbove2To63) {
  memory_.put<std::uint64_t>(kHere, std::numeric_limits<std::int64_t>::max());
  memory_.put<std::uint64_t>(kHere + 8, std::uint64_t{1} << 63);
  memory_.put<std::int64_t>(kHere + 16, -1);
  memory_.put<std::int32_t>(kHere + 24, -7);
  memory_.put<std::int8_t>(kHere + 28, -128);
  memory_.put<std::int8_t>(kHere + 29, 127);
  for (const auto kind : {FieldKind::kUnsigned, FieldKind::kSigned}) {
    EXPECT_EQ(number(number_field("x", kAddress, {0}, {}, 8, kind)), 0x7fff'ffff'ffff'ffffu);
    EXPECT_EQ(number(number_field("x", kAddress, {8}, {}, 8, kind)), std::nullopt);
    EXPECT_EQ(number(number_field("x", kAddress, {16}, {}, 8, kind)), std::nullopt);
    EXPECT_EQ(number(number_field("x", kAddress, {29}, {}, 1, kind)), 127u);
  }
  EXPECT_EQ(number(number_field("x", kAddress, {24}, {}, 4, FieldKind::kSigned)), std::nullopt);
  EXPECT_EQ(number(number_field("x", kAddress, {28}, {}, 1, FieldKind::kSigned)), std::nullopt);
  EXPECT_EQ(number(number_field("x", kAddress, {24}, {}, 4)), 0xffff'fff9u);
}

TEST_F(FieldReader, ReadsNumbersBelowZeroWhereTheyAreAskedFor) {
  memory_.put<std::int64_t>(kHere, std::numeric_limits<std::int64_t>::min());
  memory_.put<std::int32_t>(kHere + 8, -7);
  memory_.put<std::int16_t>(kHere + 12, -8);
  memory_.put<std::int8_t>(kHere + 14, -128);
  memory_.put<std::int8_t>(kHere + 15, 127);
  const auto signed_number = [&](std::uint64_t offset, std::uint64_t size, FieldKind kind) {
    return read({number_field("x", kAddress, {offset}, {}, size, kind)}).signed_number(0);
  };
  EXPECT_EQ(signed_number(0, 8, FieldKind::kSigned), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(signed_number(8, 4, FieldKind::kSigned), -7);
  EXPECT_EQ(signed_number(12, 2, FieldKind::kSigned), -8);
  EXPECT_EQ(signed_number(14, 1, FieldKind::kSigned), -128);
  EXPECT_EQ(signed_number(15, 1, FieldKind::kSigned), 127);
  EXPECT_EQ(signed_number(14, 1, FieldKind::kUnsigned), 128);
  EXPECT_EQ(signed_number(0, 8, FieldKind::kUnsigned), std::nullopt);
  EXPECT_EQ(read({text_field("x", kAddress, {0}, 8)}).signed_number(0), std::nullopt);
  EXPECT_EQ(read({}).signed_number(std::nullopt), std::nullopt);
}

TEST_F(FieldReader, ReadsFiniteRealNumbersAlone) {
  const auto real = [&](std::uint64_t size, FieldKind kind = FieldKind::kReal) {
    return read({number_field("x", kAddress, {0}, {}, size, kind)}).real(0);
  };
  memory_.put(kHere, 0.1);
  EXPECT_EQ(real(8), 0.1);
  EXPECT_EQ(real(8, FieldKind::kUnsigned), std::nullopt);
  EXPECT_EQ(number(number_field("x", kAddress, {0}, {}, 8, FieldKind::kReal)), std::nullopt);
  EXPECT_EQ(read({number_field("x", kAddress, {0}, {}, 8, FieldKind::kReal)}).signed_number(0),
            std::nullopt);
  memory_.put(kHere, -2.5F);
  EXPECT_EQ(real(4), -2.5);
  for (const double no_number :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
        -std::numeric_limits<double>::infinity()}) {
    memory_.put(kHere, no_number);
    EXPECT_EQ(real(8), std::nullopt);
    memory_.put(kHere, static_cast<float>(no_number));
    EXPECT_EQ(real(4), std::nullopt);
  }
  EXPECT_EQ(read({}).real(std::nullopt), std::nullopt);
}

TEST_F(FieldReader, ReadsTextsUpToTheFirstNulOrTheirEnd) {
  memory_.put_text(kHere, std::string("main\0junk", 9));
  memory_.put_text(kHere + 16, "\xff\x01without an end.......");
  EXPECT_EQ(text(text_field("x", kAddress, {0}, 9)), "main");
  EXPECT_EQ(text(text_field("x", kAddress, {0}, 4)), "main");
  EXPECT_EQ(text(text_field("x", kAddress, {0}, 3)), "mai");
  EXPECT_EQ(text(text_field("x", kAddress, {4}, 5)), "");
  EXPECT_EQ(text(text_field("x", kAddress, {16}, 9)), "\xff\x01without");
}

TEST_F(FieldReader, KnowsNoTextOfANumberAndNoNumberOfAText) {
  EXPECT_EQ(text(number_field("x", kAddress, {0})), std::nullopt);
  EXPECT_EQ(number(text_field("x", kAddress, {0}, 8)), std::nullopt);
}

TEST_F(FieldReader, ReadsEachElementAndNoneBeyond) {
  for (std::uint64_t i = 0; i < 3; ++i) {
    memory_.put<std::uint64_t>(kHere + 64 * i, 100 + i);
    for (std::uint64_t k = 0; k < 4; ++k) {
      memory_.put<std::uint16_t>(kHere + 64 * i + 8 + 2 * k,
                                 static_cast<std::uint16_t>(10 * i + k));
    }
  }
  const auto reader =
      read({number_field("a[].x", kAddress, {0}, {{64, 3}}),
            number_field("a[].y[]", kAddress, {8}, {{64, 3}, {2, 4}}, 2),
            text_field("a[].z", kAddress, {0}, 8, {{64, 3}}), number_field("n", kAddress, {0})});
  EXPECT_EQ(reader.capacity(0), 3u);
  EXPECT_EQ(reader.capacity(1), 3u);
  EXPECT_EQ(reader.capacity(3), 0u);
  EXPECT_EQ(reader.capacity(std::nullopt), 0u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(reader.number(0, {i}), 100 + i);
    for (std::size_t k = 0; k < 4; ++k) EXPECT_EQ(reader.number(1, {i, k}), 10 * i + k);
    EXPECT_EQ(reader.number(1, {i, 4}), std::nullopt);
  }
  constexpr std::size_t kHuge = std::numeric_limits<std::size_t>::max();
  for (const std::size_t beyond : {std::size_t{3}, std::size_t{4}, kHuge, kHuge / 64 + 1}) {
    EXPECT_EQ(reader.number(0, {beyond}), std::nullopt);
    EXPECT_EQ(reader.number(1, {beyond, 0}), std::nullopt);
    EXPECT_EQ(reader.text(2, {beyond}), std::nullopt);
  }
  // An index too few or too many is no element.
  EXPECT_EQ(reader.number(0), std::nullopt);
  EXPECT_EQ(reader.number(0, {0, 0}), std::nullopt);
  EXPECT_EQ(reader.number(1, {0}), std::nullopt);
  EXPECT_EQ(reader.number(3, {0}), std::nullopt);
}

TEST_F(FieldReader, KnowsNothingOfAFieldThatTheLayoutDoesNotHave) {
  const auto reader = read({number_field("x", kAddress, {0})});
  EXPECT_EQ(reader.find("x"), 0u);
  EXPECT_EQ(reader.find("y"), std::nullopt);
  EXPECT_EQ(reader.number(reader.find("y")), std::nullopt);
  EXPECT_EQ(reader.text(reader.find("y")), std::nullopt);
}

TEST_F(FieldReader, FollowsPointersWithOneCallForEachLevel) {
  memory_.put(kHere + 8, kHeap);
  memory_.map(kHeap, 256);
  memory_.put(kHeap + 16, kHeap + 128);
  memory_.put<std::uint32_t>(kHeap + 128 + 4, 77);
  memory_.put<std::uint64_t>(kHeap + 24, 5);
  const auto reader =
      read({number_field("p->q->x", kAddress, {8, 16, 4}, {}, 4),
            number_field("p->y", kAddress, {8, 24}), number_field("z", kAddress, {0})});
  EXPECT_EQ(reader.number(0), 77u);
  EXPECT_EQ(reader.number(1), 5u);
  EXPECT_EQ(reader.number(2), 0u);
  EXPECT_TRUE(reader.is_complete());
  ASSERT_EQ(memory_.calls.size(), 3u);
  for (const auto& call : memory_.calls) EXPECT_EQ(call.size(), 1u);
}

TEST_F(FieldReader, KnowsNothingBehindANullPointer) {
  memory_.map(0, 4096);  // even where something is mapped there
  const auto reader =
      read({number_field("p->x", kAddress, {8, 16}), number_field("p->q->x", kAddress, {8, 16, 0}),
            number_field("y", kAddress, {0})});
  EXPECT_EQ(reader.number(0), std::nullopt);
  EXPECT_EQ(reader.number(1), std::nullopt);
  EXPECT_EQ(reader.number(2), 0u);
  EXPECT_FALSE(reader.is_complete());
}

TEST_F(FieldReader, KeepsEachPieceAlignedAsItIsOverThere) {
  memory_.map(kHeap, 512);
  for (std::uint64_t shift = 0; shift < 16; ++shift) {
    memory_.put(kHere, kHeap + shift);
    memory_.put<std::uint64_t>(kHeap + shift + 8, 1000 + shift);
    const auto reader = read({number_field("p->x", kAddress, {0, 8}),
                              number_field("odd", kAddress + 1001, {0}, {}, 1),
                              number_field("far", kAddress + 2003, {shift}, {}, 2)});
    EXPECT_EQ(reader.number(0), 1000 + shift);
    EXPECT_TRUE(reader.is_complete());
  }
  EXPECT_TRUE(memory_.is_aligned);
}

TEST_F(FieldReader, KnowsWhereEachElementStands) {
  memory_.map(kHeap, 512);
  memory_.put(kHere, kHeap);
  const auto reader = read({number_field("p->x[]", kAddress, {0, 8}, {{16, 4}}),
                            number_field("null->x", kAddress + 512, {0, 8}),
                            number_field("y", kAddress + 24, {0})});
  EXPECT_EQ(reader.address(0, {0}), kHeap + 8);
  EXPECT_EQ(reader.address(0, {3}), kHeap + 8 + 48);
  EXPECT_EQ(reader.address(0, {4}), std::nullopt);
  EXPECT_EQ(reader.address(0), std::nullopt);
  EXPECT_EQ(reader.address(1), std::nullopt);
  EXPECT_EQ(reader.address(2), kHere + 24);
  EXPECT_EQ(reader.address(std::nullopt), std::nullopt);
}

TEST_F(FieldReader, KnowsTheRestWhereOnePieceIsNotMapped) {
  memory_.put(kHere + 8, std::uint64_t{0xdead'0000});
  memory_.put<std::uint64_t>(kHere, 3);
  memory_.put<std::uint64_t>(kHere + 2048, 4);
  const auto reader =
      read({number_field("a", kAddress, {0}), number_field("unmapped", kAddress + 0x10'0000, {0}),
            number_field("p->x", kAddress, {8, 0}), number_field("p->q->x", kAddress, {8, 8, 0}),
            number_field("b", kAddress, {2048})});
  EXPECT_EQ(reader.number(0), 3u);
  EXPECT_EQ(reader.number(1), std::nullopt);
  EXPECT_EQ(reader.number(2), std::nullopt);
  EXPECT_EQ(reader.number(3), std::nullopt);
  EXPECT_EQ(reader.number(4), 4u);
  EXPECT_FALSE(reader.is_complete());
}

TEST_F(FieldReader, ForgetsWhatItCanNotReadAnyMore) {
  state::FieldReader reader(layout_of({number_field("x", kAddress, {0})}), kBias);
  EXPECT_EQ(reader.number(0), std::nullopt);
  ASSERT_TRUE(reader.read(memory_));
  EXPECT_EQ(reader.number(0), 0u);
  memory_.put<std::uint64_t>(kHere, 9);
  EXPECT_EQ(reader.number(0), 0u);
  ASSERT_TRUE(reader.read(memory_));
  EXPECT_EQ(reader.number(0), 9u);
  memory_.end();
  EXPECT_FALSE(reader.read(memory_));
  EXPECT_EQ(reader.number(0), std::nullopt);
  EXPECT_FALSE(reader.is_complete());
}

TEST_F(FieldReader, WorksOnAfterItWasMoved) {
  memory_.put<std::uint64_t>(kHere, 9);
  state::FieldReader first = read({number_field("x", kAddress, {0})});
  state::FieldReader second(std::move(first));
  EXPECT_EQ(second.number(0), 9u);
  ASSERT_TRUE(second.read(memory_));
  EXPECT_EQ(second.number(0), 9u);
}

// A reasonable field, or now and then one of any place, which is_reasonable has to refuse.
elf::Field any_field(std::mt19937_64& random, std::uint64_t begin) {
  constexpr std::array kSizes{1u, 2u, 4u, 8u};
  elf::Field field;
  field.path = "x";
  field.address = random() % 10 == 0 ? random() >> (random() % 64) : begin + random() % 2048;
  const std::size_t pointers = random() % 2 == 0 ? 0 : random() % 9;
  for (std::size_t i = 0; i <= pointers; ++i) {
    field.offsets.push_back(random() % 20 == 0 ? random() >> (random() % 64) : random() % 512);
  }
  for (std::size_t i = random() % 5; i > 0; --i) {
    field.repeats.push_back({random() % 40, random() % 6});
  }
  field.kind = static_cast<FieldKind>(random() % 5);
  switch (field.kind) {
    case FieldKind::kText:
      field.size_bytes = random() % 64;
      break;
    case FieldKind::kPointer:
      field.size_bytes = 8;
      break;
    default:
      field.size_bytes = kSizes[random() % kSizes.size()];
  }
  return field;
}

// Asks for every kind of element, there or not; answers have to be possible ones.
void ask_everything(const state::FieldReader& reader, std::mt19937_64& random) {
  for (std::size_t i = 0; i < reader.layout().fields.size(); ++i) {
    const elf::Field& field = reader.layout().fields[i];
    const std::size_t a = random() % 7, b = random() % 7, c = random() % 7, d = random() % 7;
    for (const auto element : {std::initializer_list<std::size_t>{},
                               {a},
                               {a, b},
                               {a, b, c},
                               {a, b, c, d},
                               {a, b, c, d, a}}) {
      const auto number = reader.number(i, element);
      const auto text = reader.text(i, element);
      const auto real = reader.real(i, element);
      EXPECT_LE(number.has_value() + text.has_value() + real.has_value(), 1);
      EXPECT_FALSE(reader.signed_number(i, element) && (text || real));
      if (number) {
        EXPECT_EQ(element.size(), field.repeats.size());
        EXPECT_LT(*number, std::uint64_t{1} << 63);
      }
      if (text) {
        EXPECT_LE(text->size(), field.size_bytes);
      }
    }
  }
}

// Random bytes, with pointers to all over themselves, null pointers and wild ones.
std::vector<std::byte> any_bytes(std::mt19937_64& random, std::uint64_t begin, std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i + 8 <= size; i += 8) {
    std::uint64_t word = random();
    if (random() % 2 == 0) word = begin + random() % size;
    if (random() % 8 == 0) word = begin + i;  // to itself
    if (random() % 16 == 0) word = 0;
    if (random() % 32 == 0) word = ~std::uint64_t{0} - random() % 64;
    std::memcpy(bytes.data() + i, &word, sizeof word);
  }
  return bytes;
}

TEST_F(FieldReader, SurvivesAnyLayoutOverAnyMemory) {
  std::mt19937_64 random(1);
  std::size_t fields_read = 0;
  for (int round = 0; round < 20'000; ++round) {
    const std::uint64_t begin = random() % 8 == 0 ? 0xffff'ffff'ffff'e000 : 0x10'0000;
    FakeMemory memory;
    memory.map(begin, any_bytes(random, begin, 4096 + random() % 64));
    std::vector<elf::Field> fields;
    for (std::size_t i = random() % 12; i > 0; --i) {
      auto field = any_field(random, begin);
      if (state::is_reasonable(field)) fields.push_back(std::move(field));
    }
    fields_read += fields.size();
    state::FieldReader reader(layout_of(std::move(fields)), random() % 4 == 0 ? random() : 0);
    ask_everything(reader, random);
    ASSERT_TRUE(reader.read(memory));
    ask_everything(reader, random);
    ASSERT_LE(memory.calls.size(), 9u);
    ASSERT_TRUE(memory.is_aligned);
  }
  EXPECT_GT(fields_read, 20'000u);
}

TEST_F(FieldReader, ReadsWhatAPlainWalkFinds) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 2'000; ++round) {
    const std::uint64_t begin = 0x10'0000;
    const auto bytes = any_bytes(random, begin, 4096);
    const auto word_at = [&](std::uint64_t address) -> std::optional<std::uint64_t> {
      if (address < begin || address > begin + bytes.size() - 8) return std::nullopt;
      std::uint64_t word = 0;
      std::memcpy(&word, bytes.data() + (address - begin), sizeof word);
      return word;
    };
    FakeMemory memory;
    memory.map(begin, bytes);
    std::vector<std::uint64_t> offsets(1 + random() % 4);
    for (auto& offset : offsets) offset = random() % 256;
    state::FieldReader reader(layout_of({number_field("x", begin - 64, offsets)}), 64);
    ASSERT_TRUE(reader.read(memory));
    std::optional<std::uint64_t> address = begin;
    for (std::size_t i = 0; i + 1 < offsets.size() && address; ++i) {
      address = word_at(*address + offsets[i]);
      if (address == 0u) address.reset();
    }
    auto expected = address ? word_at(*address + offsets.back()) : std::nullopt;
    if (expected && *expected >> 63 != 0) expected.reset();
    ASSERT_EQ(reader.number(0), expected) << round;
  }
}

}  // namespace
