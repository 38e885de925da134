// Names of functions in a memory that the test fills, at times that it chooses.
#include "state/runtimes/valkyria_functions.h"

#include <gtest/gtest.h>

#include <string>

#include "state_support.h"

namespace {

using state::valkyria::RootFunctions;

constexpr state::valkyria::RootPaths kRoot{"names", "name_count", "values", "value_count",
                                           "collections"};
constexpr std::uint64_t kBias = 0x10'0000;
constexpr std::uint64_t kFields = 0x1000;    // as linked
constexpr std::uint64_t kNames = 0x20'0000;  // the arrays, the texts and the objects
constexpr std::uint64_t kValues = 0x21'0000;
constexpr std::uint64_t kTexts = 0x22'0000;
constexpr std::uint64_t kObjects = 0x23'0000;
constexpr std::uint64_t kCode = 0x5000;
constexpr std::uint64_t kHeap = 0x200;
constexpr std::uint64_t kArena = 0;
constexpr std::uint64_t kSecond = 1'000'000'000;

class RootFunctionsTest : public testing::Test {
 protected:
  RootFunctionsTest() {
    for (const std::uint64_t place : {kBias + kFields, kNames, kValues, kTexts, kObjects}) {
      memory_.map(place, 0x2000);
    }
    memory_.put(kBias + kFields, kNames);
    memory_.put(kBias + kFields + 16, kValues);
  }

  static state::Layout layout() {
    state::Layout layout = test::layout_of({test::number_field("names", kFields, {0}),
                                            test::number_field("name_count", kFields, {8}),
                                            test::number_field("values", kFields, {16}),
                                            test::number_field("value_count", kFields, {24}),
                                            test::number_field("collections", kFields, {32})});
    for (const auto& [path, offset] :
         {std::pair<const char*, std::uint64_t>{"@valk_lval_t.flags", 0},
          {"@valk_lval_t.fun.builtin", 24},
          {"@valk_lval_t.fun.body", 64}}) {
      layout.fields.push_back(test::number_field(path, 0, {offset}, {}, 8, elf::FieldKind::kPlace));
    }
    return layout;
  }

  std::optional<RootFunctions> open(const state::Layout& from) {
    return RootFunctions::open(kRoot, from, kBias, [this] { return now_; });
  }

  static std::uint64_t object(int number) { return kObjects + 128U * number; }

  void put_object(int number, std::uint64_t flags, std::uint64_t builtin, std::uint64_t body) {
    memory_.put(object(number), flags);
    memory_.put(object(number) + 24, builtin);
    memory_.put(object(number) + 64, body);
  }

  // Binds the next symbol.
  void bind(const std::string& name, int number) {
    memory_.put(kNames + 8U * bound_, kTexts + 64U * bound_);
    memory_.put(kValues + 8U * bound_, object(number));
    memory_.put_text(kTexts + 64U * bound_, name);
    ++bound_;
    memory_.put(kBias + kFields + 8, std::uint64_t{bound_});
    memory_.put(kBias + kFields + 24, std::uint64_t{bound_});
  }

  void collect() { memory_.put(kBias + kFields + 32, ++collections_); }

  std::optional<std::string> name(int number) { return functions_->name(object(number), memory_); }

  test::FakeMemory memory_;
  std::uint64_t now_ = 100 * kSecond;
  std::uint64_t bound_ = 0;
  std::uint64_t collections_ = 0;
  std::optional<RootFunctions> functions_ = open(layout());
};

TEST_F(RootFunctionsTest, KnowWhatIsBound) {
  put_object(0, kHeap | 4, 0, 0x7000);
  put_object(1, kHeap | 4, kCode, 0);
  put_object(2, kHeap | 1, 0, 0x7000);
  bind("fib", 0);
  bind("+", 1);
  bind("pi", 2);
  EXPECT_EQ(name(0), "fib");
  EXPECT_EQ(name(1), std::nullopt);  // the runtime's own
  EXPECT_EQ(name(2), "");            // no function
}

TEST_F(RootFunctionsTest, KnowACopyByItsBody) {
  put_object(0, kHeap | 4, 0, 0x7000);
  put_object(1, kHeap | 4, kCode, 0);
  put_object(2, kHeap | 4, 0, 0x7000);
  put_object(3, kHeap | 4, 0, 0x7100);
  put_object(4, kHeap | 4, kCode, 0);
  put_object(5, kHeap | 4, kCode + 1, 0);
  bind("fib", 0);
  bind("+", 1);
  EXPECT_EQ(name(2), "fib");
  EXPECT_EQ(name(3), "");  // a body that nobody has
  EXPECT_EQ(name(4), std::nullopt);
  EXPECT_EQ(name(5), "");
  EXPECT_EQ(functions_->name(0, memory_), "");
  EXPECT_EQ(functions_->name(~std::uint64_t{0}, memory_), "");
}

TEST_F(RootFunctionsTest, HaveTheFirstOfSeveralNames) {
  put_object(0, kHeap | 4, 0, 0x7000);
  put_object(1, kHeap | 4, 0, 0x7000);
  bind("first", 0);
  bind("second", 0);
  bind("third", 1);
  EXPECT_EQ(name(0), "first");
  EXPECT_EQ(name(1), "third");
}

TEST_F(RootFunctionsTest, AreNotNamedWhereAnArenaIsUsedAnew) {
  put_object(0, kArena | 4, 0, 0x7000);
  put_object(1, kHeap | 4, 0, 0x7000);
  bind("fleeting", 0);
  bind("lasting", 1);
  EXPECT_EQ(name(0), "");
  EXPECT_EQ(name(1), "lasting");
}

TEST_F(RootFunctionsTest, AreLookedForAgainWhenOneIsUnknown) {
  put_object(0, kHeap | 4, 0, 0x7000);
  put_object(1, kHeap | 4, 0, 0x7100);
  bind("early", 0);
  EXPECT_EQ(name(1), "");
  bind("late", 1);
  EXPECT_EQ(name(1), "") << "not more often than some times a second";
  now_ += kSecond / 4;
  EXPECT_EQ(name(1), "late");
}

TEST_F(RootFunctionsTest, FollowWhatIsBoundAnew) {
  put_object(0, kHeap | 4, 0, 0x7000);
  put_object(1, kHeap | 4, 0, 0x7100);
  bind("one", 0);
  EXPECT_EQ(name(0), "one");
  memory_.put(kValues, object(1));
  now_ += 3 * kSecond;
  EXPECT_EQ(name(1), "one");
  EXPECT_EQ(name(0), "") << "it has no name any more";
}

// The sample may be of before, and the object another one.
TEST_F(RootFunctionsTest, OfTheHeapAreNotNamedRightAfterACollection) {
  put_object(0, kHeap | 4, 0, 0x7000);
  put_object(1, kHeap | 4, 0, 0x7000);
  put_object(2, kHeap | 4, 0, 0x7200);
  bind("old", 0);
  EXPECT_EQ(name(0), "old");
  now_ += 2 * kSecond;
  collect();
  bind("new", 2);
  EXPECT_EQ(name(1), "");
  EXPECT_EQ(name(2), "");
  EXPECT_EQ(name(0), "old") << "it has been there since before";
  now_ += RootFunctions::kSampleAgeNs;
  EXPECT_EQ(name(1), "old");
  EXPECT_EQ(name(2), "new");
}

TEST_F(RootFunctionsTest, FromBeforeTheFirstSampleAreSure) {
  put_object(0, kHeap | 4, 0, 0x7000);
  put_object(1, kHeap | 4, 0, 0x7100);
  bind("early", 0);
  functions_->prepare(memory_);
  now_ += kSecond / 4;
  collect();
  bind("late", 1);
  EXPECT_EQ(name(0), "early");
  EXPECT_EQ(name(1), "");
}

TEST_F(RootFunctionsTest, StayKnownWhereTheArraysCannotBeRead) {
  put_object(0, kHeap | 4, 0, 0x7000);
  bind("fib", 0);
  EXPECT_EQ(name(0), "fib");
  memory_.put(kBias + kFields, std::uint64_t{0x9999'0000});
  now_ += 3 * kSecond;
  EXPECT_EQ(name(0), "fib");
  memory_.end();
  now_ += 3 * kSecond;
  EXPECT_EQ(name(0), "fib");
}

TEST_F(RootFunctionsTest, AreNotThereWithoutEveryPath) {
  for (const elf::Field& gone : layout().fields) {
    state::Layout rest = layout();
    std::erase_if(rest.fields, [&](const elf::Field& field) { return field.path == gone.path; });
    EXPECT_FALSE(open(rest)) << gone.path;
  }
}

// No honest runtime says so.
TEST_F(RootFunctionsTest, SurviveAnyCount) {
  put_object(0, kHeap | 4, 0, 0x7000);
  bind("fib", 0);
  memory_.put(kBias + kFields + 8, ~std::uint64_t{0} >> 1);
  memory_.put(kBias + kFields + 24, ~std::uint64_t{0} >> 1);
  EXPECT_EQ(name(0), "");
}

}  // namespace
