// Paths are typed by people and stored in files: any text may come.
#include "elf/field_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

namespace {

using Kind = elf::PathStep::Kind;

// As it would be written again.
std::string text_of(const elf::FieldPath& path) {
  std::string text = path.name;
  if (path.root == elf::FieldPath::Root::kFunction) text = "&" + text;
  if (path.root == elf::FieldPath::Root::kType) text = "@" + text;
  for (const elf::PathStep& step : path.steps) {
    switch (step.kind) {
      case Kind::kMember:
        text += "." + step.name;
        break;
      case Kind::kArrow:
        text += "->" + step.name;
        break;
      case Kind::kIndex:
        text += "[" + std::to_string(step.index) + "]";
        break;
      case Kind::kEach:
        text += "[]";
        break;
      case Kind::kCast:
        text += "{" + step.name + "}";
        break;
    }
  }
  return text;
}

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

std::string message_of(const std::string& text) {
  const auto path = elf::parse_field_path(text);
  return path ? "parsed" : path.error().message;
}

TEST(ParseFieldPath, ReadsEveryKindOfStep) {
  const auto path = elf::parse_field_path("heap->tiers[3].names[]._x9");
  ASSERT_TRUE(path) << path.error().message;
  EXPECT_EQ(path->name, "heap");
  ASSERT_EQ(path->steps.size(), 5u);
  EXPECT_EQ(path->steps[0].kind, Kind::kArrow);
  EXPECT_EQ(path->steps[0].name, "tiers");
  EXPECT_EQ(path->steps[1].kind, Kind::kIndex);
  EXPECT_EQ(path->steps[1].index, 3u);
  EXPECT_EQ(path->steps[2].kind, Kind::kMember);
  EXPECT_EQ(path->steps[2].name, "names");
  EXPECT_EQ(path->steps[3].kind, Kind::kEach);
  EXPECT_EQ(path->steps[4].name, "_x9");
}

TEST(ParseFieldPath, KeepsEveryWordOfWhatItAccepts) {
  for (const std::string text :
       {"x", "_", "X1", "x.y", "x->y", "x[0]", "x[]", "x[][]", "x[1][2]", "x[18446744073709551615]",
        "a.b.c->d[7].e[]->f", "x{y}->z", "&x", "@x.y", "@x", "minivalk_runtime.systems[].name"}) {
    const auto path = elf::parse_field_path(text);
    ASSERT_TRUE(path) << text << ": " << path.error().message;
    EXPECT_EQ(text_of(*path), text);
  }
}

TEST(ParseFieldPath, RefusesWhatIsNoPath) {
  for (const std::string text : {"",
                                 ".",
                                 "->x",
                                 "[0]",
                                 "[]",
                                 "1",
                                 "1x",
                                 " x",
                                 "x ",
                                 "x.",
                                 "x..y",
                                 "x.1",
                                 "x->",
                                 "x->1",
                                 "x->.y",
                                 "x-",
                                 "x>y",
                                 "x-y",
                                 "x[",
                                 "x]",
                                 "x[1",
                                 "x[-1]",
                                 "x[+1]",
                                 "x[ 1]",
                                 "x[1 ]",
                                 "x[0x1]",
                                 "x[y]",
                                 "x[1.5]",
                                 "x[[1]]",
                                 "x[]]",
                                 "x y",
                                 "x.y z",
                                 "x, y",
                                 "*x",
                                 "&x.y",
                                 "&x[0]",
                                 "&",
                                 "@",
                                 "@.x",
                                 "&@x",
                                 "x{",
                                 "x{}",
                                 "x{1}",
                                 "x{y",
                                 "x{y z}->a",
                                 "{x}",
                                 "x::y",
                                 "x\n",
                                 "x.y\n",
                                 "x.\xc3\xa9",
                                 "\xff",
                                 "x[18446744073709551616]",
                                 "x[99999999999999999999999]"}) {
    EXPECT_FALSE(elf::parse_field_path(text)) << text;
  }
  EXPECT_FALSE(elf::parse_field_path(std::string_view("x\0y", 3)));
}

TEST(ParseFieldPath, SaysWhereItStoppedUnderstanding) {
  EXPECT_EQ(message_of(""), "parse path \"\": it begins with no variable");
  EXPECT_EQ(message_of("9x"), "parse path \"9x\": it begins with no variable");
  EXPECT_EQ(message_of("heap.a[x]"), "parse path \"heap.a[x]\": no step at character 6");
  EXPECT_EQ(message_of("heap a"), "parse path \"heap a\": no step at character 4");
}

TEST(ParseFieldPath, TakesThirtyTwoStepsAndNoMore) {
  const auto longest = elf::parse_field_path("x" + repeated(".y", 32));
  ASSERT_TRUE(longest);
  EXPECT_EQ(longest->steps.size(), 32u);
  EXPECT_THAT(message_of("x" + repeated(".y", 33)), testing::HasSubstr("more than 32 steps"));
  EXPECT_FALSE(elf::parse_field_path("x" + repeated("[]", 100'000)));
}

TEST(ParseFieldPath, SurvivesAnyText) {
  constexpr std::string_view kAlphabet = "ab_19.->[] \n\0\xff-";
  const std::string model = "runtime.systems[12]->heap.names[].x";
  std::mt19937 random(1);
  int parsed = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    if (round % 2 == 0) {
      const std::size_t size = random() % 80;
      while (text.size() < size) text += kAlphabet[random() % kAlphabet.size()];
    } else {
      text = model;
      for (std::size_t change = random() % 4; change > 0; --change) {
        const std::size_t place = random() % text.size();
        if (random() % 2 == 0) {
          text[place] = static_cast<char>(random());
        } else {
          text.insert(place, text.substr(random() % text.size(), random() % 30));
        }
      }
    }
    const auto path = elf::parse_field_path(text);
    if (!path) continue;
    ++parsed;
    EXPECT_FALSE(path->name.empty());
    EXPECT_LE(path->steps.size(), 32u) << text;
    const auto again = elf::parse_field_path(text_of(*path));
    ASSERT_TRUE(again) << text;
    EXPECT_EQ(text_of(*again), text_of(*path));
  }
  EXPECT_GT(parsed, 1'000);
}

}  // namespace
