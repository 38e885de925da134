// Functions known by their bodies, in a memory that the test fills, at times that it chooses.
#include "state/runtimes/valkyria_bodies.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "state_support.h"

namespace {

using state::valkyria::BodyElements;
using state::valkyria::RootFunctions;

constexpr state::valkyria::RootPaths kRoot{"names", "name_count", "values", "value_count",
                                           "collections"};
constexpr std::uint64_t kBias = 0x10'0000;
constexpr std::uint64_t kFields = 0x1000;      // as linked
constexpr std::uint64_t kArena = 0x1800;       // the pointer to it, as linked
constexpr std::uint64_t kArenaAt = 0x30'0000;  // the arena: its size, its uses, its bytes
constexpr std::uint64_t kNames = 0x20'0000;    // the arrays, the texts and the objects
constexpr std::uint64_t kValues = 0x21'0000;
constexpr std::uint64_t kTexts = 0x22'0000;
constexpr std::uint64_t kObjects = 0x23'0000;
constexpr std::uint64_t kCells = 0x24'0000;
constexpr std::uint64_t kHeap = 0x200;
constexpr std::uint64_t kSecond = 1'000'000'000;

constexpr std::uint64_t kCopy = kArenaAt + 0x100;  // of a body, in the arena

class BodyElementsTest : public testing::Test {
 protected:
  BodyElementsTest() {
    for (const std::uint64_t place :
         {kBias + kFields, kArenaAt, kNames, kValues, kTexts, kObjects, kCells}) {
      memory_.map(place, 0x2000);
    }
    memory_.put(kBias + kFields, kNames);
    memory_.put(kBias + kFields + 16, kValues);
    memory_.put(kBias + kArena, kArenaAt);
    memory_.put(kArenaAt, std::uint64_t{0x1000});
    put_body(0, {0x7000, 0x7010});
    bind("tick", 0);
    put_body(1, {0x7100, 0x7010});
    bind("tock", 1);
    put_cell(kCopy, 7, 0x7000, 0);
    functions_->prepare(memory_);
    bodies_->prepare(memory_);
  }

  static state::Layout layout() {
    state::Layout layout = test::layout_of(
        {test::number_field("names", kFields, {0}), test::number_field("name_count", kFields, {8}),
         test::number_field("values", kFields, {16}),
         test::number_field("value_count", kFields, {24}),
         test::number_field("collections", kFields, {32}),
         test::number_field("g_scratch_for_signal->capacity", kArena, {0, 0}),
         test::number_field("g_scratch_for_signal->stats.num_checkpoints", kArena, {0, 8})});
    for (const auto& [path, offset] :
         {std::pair<const char*, std::uint64_t>{"@valk_lval_t.flags", 0},
          {"@valk_lval_t.fun.builtin", 24},
          {"@valk_lval_t.fun.body", 64},
          {"@valk_lval_t.cons.head", 24},
          {"@valk_lval_t.cons.tail", 32}}) {
      layout.fields.push_back(test::number_field(path, 0, {offset}, {}, 8, elf::FieldKind::kPlace));
    }
    return layout;
  }

  void put_cell(std::uint64_t at, std::uint64_t flags, std::uint64_t head, std::uint64_t tail) {
    memory_.put(at, flags);
    memory_.put(at + 24, head);
    memory_.put(at + 32, tail);
  }

  // A function whose body is a quoted list of these.
  void put_body(std::uint64_t number, const std::vector<std::uint64_t>& elements) {
    const std::uint64_t first = kCells + 0x400 * number;
    for (std::size_t i = 0; i < elements.size(); ++i) {
      const std::uint64_t cell = first + 0x40 * i;
      put_cell(cell, kHeap | 8, elements[i], i + 1 < elements.size() ? cell + 0x40 : 0);
    }
    const std::uint64_t object = kObjects + 128 * number;
    memory_.put(object, kHeap | 4);
    memory_.put(object + 64, first);
  }

  void bind(const std::string& name, std::uint64_t number) {
    memory_.put(kNames + 8 * bound_, kTexts + 64 * bound_);
    memory_.put(kValues + 8 * bound_, kObjects + 128 * number);
    memory_.put_text(kTexts + 64 * bound_, name);
    ++bound_;
    memory_.put(kBias + kFields + 8, bound_);
    memory_.put(kBias + kFields + 24, bound_);
  }

  void collect() { memory_.put(kBias + kFields + 32, ++collections_); }
  void use_arena_anew() { memory_.put(kArenaAt + 8, ++uses_); }

  std::string name(std::uint64_t part) { return bodies_->name(part, *functions_, memory_); }

  test::FakeMemory memory_;
  std::uint64_t now_ = 100 * kSecond;
  std::uint64_t bound_ = 0;
  std::uint64_t collections_ = 0;
  std::uint64_t uses_ = 0;
  std::optional<RootFunctions> functions_ =
      RootFunctions::open(kRoot, layout(), kBias, [this] { return now_; });
  std::optional<BodyElements> bodies_ =
      BodyElements::open(layout(), kBias, [this] { return now_; });
};

TEST_F(BodyElementsTest, KnowAFunctionByAnElementOfItsOwn) {
  EXPECT_EQ(name(kCopy), "tick");
  put_cell(kCopy + 0x80, 7, 0x7100, 0);
  EXPECT_EQ(name(kCopy + 0x80), "tock");
  put_cell(kCells + 0x1000, kHeap | 7, 0x7000, 0);
  EXPECT_EQ(name(kCells + 0x1000), "tick") << "in the heap";
}

TEST_F(BodyElementsTest, DoNotKnowWhatSeveralHaveOrNone) {
  put_cell(kCopy, 7, 0x7010, 0);
  EXPECT_EQ(name(kCopy), "");
  put_cell(kCopy + 0x80, 7, 0x7200, 0);
  EXPECT_EQ(name(kCopy + 0x80), "");
  put_cell(kCopy + 0x100, 4, 0x7000, 0);
  EXPECT_EQ(name(kCopy + 0x100), "") << "no list";
  EXPECT_EQ(name(0), "");
  EXPECT_EQ(name(~std::uint64_t{0}), "");
}

TEST_F(BodyElementsTest, DoNotKnowWhatLiesInAnotherArena) {
  put_cell(kCells + 0x1000, 7, 0x7000, 0);
  EXPECT_EQ(name(kCells + 0x1000), "");
}

// The part may be another one's by now, though it was read before.
TEST_F(BodyElementsTest, DoNotKnowWhatWasUsedAnewSinceTheSample) {
  EXPECT_EQ(name(kCopy), "tick");
  now_ += kSecond;
  use_arena_anew();
  put_cell(kCopy, 7, 0x7100, 0);
  EXPECT_EQ(name(kCopy), "");
  now_ += RootFunctions::kSampleAgeNs;
  EXPECT_EQ(name(kCopy), "tock");
  collect();
  now_ += kSecond / 4;
  EXPECT_EQ(name(kCopy), "");
  now_ += RootFunctions::kSampleAgeNs;
  EXPECT_EQ(name(kCopy), "tock");
}

TEST_F(BodyElementsTest, FollowWhatIsBoundAnew) {
  EXPECT_EQ(name(kCopy), "tick");
  memory_.put(kValues, kObjects + 128);
  now_ += 3 * kSecond;
  EXPECT_EQ(name(kCopy), "") << "it has no name any more";
}

TEST_F(BodyElementsTest, KnowNothingWhereTheMemoryIsGone) {
  memory_.end();
  EXPECT_EQ(name(kCopy), "");
}

TEST_F(BodyElementsTest, AreNotThereWithoutEveryPath) {
  for (const std::string& path : BodyElements::paths()) {
    state::Layout rest = layout();
    std::erase_if(rest.fields, [&](const elf::Field& field) { return field.path == path; });
    EXPECT_FALSE(BodyElements::open(rest, kBias, [] { return std::uint64_t{0}; })) << path;
  }
}

}  // namespace
