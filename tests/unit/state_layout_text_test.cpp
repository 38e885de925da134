// Layout files come from operators, from a cache, and from a child that has read a hostile binary.
#include "state/layout_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <nlohmann/json.hpp>
#include <random>

#include "state/known_layouts.h"
#include "state_support.h"

namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

state::Layout example() {
  return {"minivalk",
          "0123abcd",
          {test::number_field("a.b[].c[]", 0x4010, {8, 16, 24}, {{64, 8}, {8, 3}}),
           test::number_field("signed", 1, {0}, {}, 2, elf::FieldKind::kSigned),
           test::number_field("real", 1, {0}, {}, 4, elf::FieldKind::kReal),
           test::number_field("pointer", 1, {0}, {}, 8, elf::FieldKind::kPointer),
           test::text_field("name", 0x7fff'ffff'f000, {4}, 32)},
          {{"gone", "no member \"gone\"\n\x01"}, {"", ""}},
          {{0x4010, {{0x91, ~std::uint64_t{55}, 0}, {0x06, 0, 0}}, {{0x56, 0, 0}}},
           {0x4020, {}, {}, elf::CallSite::Kind::kBody}}};
}

void expect_same(const state::Layout& a, const state::Layout& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.build_id, b.build_id);
  EXPECT_EQ(a.fields, b.fields);
  EXPECT_EQ(a.call_sites, b.call_sites);
  ASSERT_EQ(a.missing.size(), b.missing.size());
  for (std::size_t i = 0; i < a.missing.size(); ++i) {
    EXPECT_EQ(a.missing[i].path, b.missing[i].path);
    EXPECT_EQ(a.missing[i].reason, b.missing[i].reason);
  }
}

TEST(LayoutText, IsReadAsItWasWritten) {
  for (const auto& layout : {example(), state::Layout()}) {
    const std::string text = state::write_layout(layout);
    const auto parsed = state::parse_layout(text);
    ASSERT_TRUE(parsed) << parsed.error().message;
    expect_same(*parsed, layout);
    EXPECT_EQ(state::write_layout(*parsed), text);
  }
}

TEST(LayoutText, KeepsEveryBitOfANumber) {
  state::Layout layout = example();
  layout.fields[0].address = (std::uint64_t{1} << 47) - 9;
  const auto parsed = state::parse_layout(state::write_layout(layout));
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->fields[0].address, layout.fields[0].address);
}

TEST(LayoutText, IsWrittenWhateverBytesTheTargetChose) {
  state::Layout layout = example();
  layout.missing.push_back({"x", "\xff\xfe no UTF-8 \x80"});
  const auto parsed = state::parse_layout(state::write_layout(layout));
  ASSERT_TRUE(parsed);
  EXPECT_THAT(parsed->missing.back().reason, HasSubstr(" no UTF-8 "));
}

// The example with one part replaced by something else.
std::string example_with(const std::string& pointer, const Json& value) {
  Json json = Json::parse(state::write_layout(example()));
  json[Json::json_pointer(pointer)] = value;
  return json.dump();
}

std::string example_without(const std::string& parent, const std::string& key) {
  Json json = Json::parse(state::write_layout(example()));
  json[Json::json_pointer(parent)].erase(key);
  return json.dump();
}

TEST(LayoutText, IsRefusedWhereAPartIsMissing) {
  EXPECT_TRUE(state::parse_layout(example_with("/format", 1)));
  for (const char* key : {"format", "layout", "build_id", "fields", "missing"}) {
    EXPECT_FALSE(state::parse_layout(example_without("", key))) << key;
  }
  for (const char* key : {"path", "address", "offsets", "repeats", "size", "kind"}) {
    EXPECT_FALSE(state::parse_layout(example_without("/fields/0", key))) << key;
  }
  for (const char* key : {"return", "kind", "value", "frame_base"}) {
    EXPECT_FALSE(state::parse_layout(example_without("/call_sites/0", key))) << key;
  }
  EXPECT_TRUE(state::parse_layout(example_without("", "call_sites"))) << "most have none";
  for (const char* key : {"path", "reason"}) {
    EXPECT_FALSE(state::parse_layout(example_without("/missing/0", key))) << key;
  }
}

TEST(LayoutText, IsRefusedWhereAPartIsOfAnotherKind) {
  const std::vector<Json> values{nullptr,
                                 5u,
                                 true,
                                 -1,
                                 1.5,
                                 "x",
                                 Json::array(),
                                 Json(Json::value_t::object),
                                 Json::array({-1}),
                                 Json::array({"x"}),
                                 Json::array({Json::array({8})})};
  for (const char* part : {"/format",
                           "/layout",
                           "/build_id",
                           "/fields",
                           "/missing",
                           "/fields/0",
                           "/missing/0",
                           "/fields/0/path",
                           "/fields/0/address",
                           "/fields/0/offsets",
                           "/fields/0/repeats",
                           "/fields/0/size",
                           "/fields/0/kind",
                           "/fields/0/offsets/0",
                           "/fields/0/repeats/0",
                           "/fields/0/repeats/0/0",
                           "/fields/0/repeats/0/1",
                           "/missing/0/path",
                           "/missing/0/reason",
                           "/call_sites",
                           "/call_sites/0",
                           "/call_sites/0/return",
                           "/call_sites/0/kind",
                           "/call_sites/0/value",
                           "/call_sites/0/frame_base",
                           "/call_sites/0/value/0",
                           "/call_sites/0/value/0/0",
                           "/call_sites/0/value/0/2"}) {
    const Json honest = Json::parse(state::write_layout(example()))[Json::json_pointer(part)];
    for (const Json& value : values) {
      const bool is_of_its_kind = (value.is_number_unsigned() && honest.is_number_unsigned()) ||
                                  (value.is_string() && honest.is_string()) ||
                                  (value == Json::array() && honest.is_array());
      const std::string name = part;
      if (is_of_its_kind && name != "/fields/0/kind" && name != "/call_sites/0/kind" &&
          name != "/fields/0/size" && name != "/fields/0/offsets" &&
          name != "/fields/0/repeats/0" && name != "/format" && name != "/call_sites/0/value/0") {
        continue;
      }
      EXPECT_FALSE(state::parse_layout(example_with(part, value))) << part << " " << value;
    }
  }
}

TEST(LayoutText, IsRefusedWhereItIsUnreasonable) {
  for (const auto& [part, value] :
       std::vector<std::pair<const char*, Json>>{{"/format", 2},
                                                 {"/fields/0/size", 3},
                                                 {"/fields/0/size", 1e300},
                                                 {"/fields/0/address", ~std::uint64_t{0}},
                                                 {"/fields/0/offsets/2", ~std::uint64_t{0}},
                                                 {"/fields/0/offsets", std::vector<int>(10)},
                                                 {"/fields/0/repeats/0/0", ~std::uint64_t{0}},
                                                 {"/fields/0/repeats/0/1", 0},
                                                 {"/fields/0/repeats/0", {8, 2, 1}},
                                                 {"/fields/0/kind", "float"},
                                                 {"/fields/0/kind", "Unsigned"},
                                                 {"/call_sites/0/return", ~std::uint64_t{0}},
                                                 {"/call_sites/0/kind", "element"},
                                                 {"/call_sites/0/value/0/0", 256u}}) {
    const auto parsed = state::parse_layout(example_with(part, value));
    ASSERT_FALSE(parsed) << part << " " << value;
    EXPECT_THAT(parsed.error().message, testing::StartsWith("parse a layout: "));
  }
  EXPECT_THAT(state::parse_layout(example_with("/fields/0/size", 3)).error().message,
              HasSubstr("field a.b[].c[] beyond all reason"));
  EXPECT_THAT(state::parse_layout(example_with("/format", 2)).error().message,
              HasSubstr("another format"));
}

TEST(LayoutText, IsRefusedWithTooManyFields) {
  state::Layout layout = example();
  layout.fields.assign(state::kMaxFields, test::number_field("x", 0, {0}));
  layout.missing.assign(state::kMaxFields, {"y", "z"});
  EXPECT_TRUE(state::parse_layout(state::write_layout(layout)));
  layout.fields.push_back(test::number_field("x", 0, {0}));
  EXPECT_FALSE(state::parse_layout(state::write_layout(layout)));
  layout.fields.pop_back();
  layout.missing.push_back({"y", "z"});
  EXPECT_FALSE(state::parse_layout(state::write_layout(layout)));
}

TEST(LayoutText, IsRefusedWhereItIsTooLong) {
  const std::string text = state::write_layout(example());
  EXPECT_TRUE(state::parse_layout(text + std::string(state::kMaxLayoutBytes - text.size(), ' ')));
  EXPECT_FALSE(
      state::parse_layout(text + std::string(state::kMaxLayoutBytes + 1 - text.size(), ' ')));
}

TEST(LayoutText, IsRefusedWhereItIsCut) {
  const std::string text = state::write_layout(example());
  for (std::size_t size = 0; size + 2 < text.size(); ++size) {
    EXPECT_FALSE(state::parse_layout(std::string_view(text).substr(0, size))) << size;
  }
}

// By this process's CPU time: others may keep it waiting.
TEST(LayoutText, OfAnyNestingOrManyKeysCostsLittle) {
  const std::clock_t begin = std::clock();
  for (const char* part : {"[", "{\"a\":"}) {
    std::string text;
    while (text.size() + 10 < state::kMaxLayoutBytes) text += part;
    EXPECT_FALSE(state::parse_layout(text));
  }
  std::string text = "{";
  for (int i = 0; text.size() + 20 < state::kMaxLayoutBytes; ++i) {
    text += "\"" + std::to_string(i) + "\":0,";
  }
  EXPECT_FALSE(state::parse_layout(text + "\"x\":0}"));
  EXPECT_LT(std::clock() - begin, 10 * CLOCKS_PER_SEC);
}

TEST(LayoutText, SurvivesAnyBytes) {
  const std::string text = state::write_layout(example());
  constexpr std::string_view kTokens = "{}[]\",:0123456789-.eEtfn\\ \x80\xff";
  std::mt19937 random(1);
  int parsed = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string broken = text;
    for (std::size_t change = random() % 4; change > 0; --change) {
      const std::size_t place = random() % broken.size();
      switch (random() % 4) {
        case 0:
          broken[place] = kTokens[random() % kTokens.size()];
          break;
        case 1:
          broken[place] = static_cast<char>(random());
          break;
        case 2:
          broken.erase(place, random() % 20);
          break;
        default:
          broken.insert(place, text, random() % text.size(), random() % 40);
      }
      if (broken.empty()) break;
    }
    const auto layout = state::parse_layout(broken);
    if (!layout) continue;
    ++parsed;
    for (const elf::Field& field : layout->fields) EXPECT_TRUE(state::is_reasonable(field));
  }
  EXPECT_GT(parsed, 1'000);
}

TEST(ReadLayoutFile, NamesTheFileAndTheWayToMakeOne) {
  const auto absent = state::read_layout_file("/nonexistent/layout");
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().message, "read layout /nonexistent/layout: No such file or directory");
  const auto wrong = state::read_layout_file("/proc/self/exe");
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message,
              testing::AllOf(testing::StartsWith("read layout /proc/self/exe: parse a layout: "),
                             HasSubstr("valkyria_exporter resolve --exe DEBUGBUILD")));
  EXPECT_FALSE(state::read_layout_file("/"));
}

}  // namespace
