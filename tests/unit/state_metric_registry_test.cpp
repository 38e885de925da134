// A registry as newer runtimes have it: entries come and go, and each has a help text.
#include "state/runtimes/metric_registry.h"

#include <gtest/gtest.h>

#include "state_support.h"

namespace {

using test::number_field;

constexpr std::uint64_t kAddress = 0x4000;
constexpr std::uint64_t kTexts = 0x7f00'0000'0000;
constexpr std::size_t kEntryBytes = 64;
constexpr std::size_t kEntries = 3;

constexpr state::MetricArrayPaths kPaths{.count = "count",
                                         .name = "a[].name",
                                         .label_count = "a[].labels",
                                         .label_keys = "a[].label[].key",
                                         .label_values = "a[].label[].value",
                                         .help = "a[].help",
                                         .active = "a[].active"};

class MetricRegistry : public testing::Test {
 protected:
  MetricRegistry() {
    memory_.map(kAddress, 4096);
    memory_.map(kTexts, 8192);
    memory_.put<std::uint64_t>(kAddress, kEntries);
    for (std::size_t i = 0; i < kEntries; ++i) {
      put(i, 0, text("metric_" + std::to_string(i)));
      put(i, 8, 1);
      put(i, 16, text("key"));
      put(i, 24, text("value"));
      put(i, 32, text("What it is."));
      put(i, 40, 1);
    }
  }

  void put(std::size_t entry, std::uint64_t offset, std::uint64_t number) {
    memory_.put(kAddress + 8 + entry * kEntryBytes + offset, number);
  }

  std::uint64_t text(const std::string& text) {
    const std::uint64_t here = next_text_;
    memory_.put_text(here, text);
    next_text_ += text.size() + 1;
    return here;
  }

  static elf::Field entry_field(const char* path, std::uint64_t offset, bool of_label = false) {
    std::vector<elf::Repeat> repeats{{kEntryBytes, kEntries}};
    if (of_label) repeats.push_back({16, 1});
    return number_field(path, kAddress, {8 + offset}, std::move(repeats));
  }

  std::vector<elf::Field> fields() const {
    return {number_field("count", kAddress, {0}),
            entry_field("a[].name", 0),
            entry_field("a[].labels", 8),
            entry_field("a[].label[].key", 16, true),
            entry_field("a[].label[].value", 24, true),
            entry_field("a[].help", 32),
            entry_field("a[].active", 40)};
  }

  std::vector<state::RegisteredMetric> read(const std::vector<elf::Field>& fields) {
    state::FieldReader reader(test::layout_of(fields), 0);
    EXPECT_TRUE(reader.read(memory_));
    const state::MetricArray array(kPaths, reader);
    is_known_ = array.is_known();
    auto metrics = array.read(memory_, reader, texts_);
    EXPECT_TRUE(metrics);
    entries_ = array.entries(reader);
    return *metrics;
  }

  test::FakeMemory memory_;
  state::TextCache texts_;
  std::uint64_t next_text_ = kTexts;
  std::size_t entries_ = 0;
  bool is_known_ = false;
};

TEST_F(MetricRegistry, TellsTheHelpWhereThereIsOne) {
  put(1, 32, 0);
  const auto metrics = read(fields());
  ASSERT_EQ(metrics.size(), 3u);
  EXPECT_EQ(metrics[0].help, "What it is.");
  EXPECT_EQ(metrics[1].help, "");
  EXPECT_EQ(metrics[1].label("key"), "value");
}

TEST_F(MetricRegistry, PassesOverWhatNobodyUsesAndKeepsThePlacesOfTheOthers) {
  put(1, 40, 0);
  const auto metrics = read(fields());
  ASSERT_EQ(metrics.size(), 2u);
  EXPECT_EQ(metrics[1].name, "metric_2");
  EXPECT_EQ(metrics[1].index, 2u);
  EXPECT_EQ(entries_, 2u);
}

TEST_F(MetricRegistry, CountsEntriesOfWhichATextIsNotKnown) {
  put(0, 0, 0xdead'0000);
  put(1, 24, 0);
  put(2, 8, 2);  // labels, of at most one
  EXPECT_TRUE(read(fields()).empty());
  EXPECT_EQ(entries_, 3u);
}

TEST_F(MetricRegistry, TakesNoNameThatItMayHaveCut) {
  put(0, 0, text(std::string(126, 'n')));
  put(1, 0, text(std::string(127, 'n')));
  put(2, 16, text(std::string(300, 'k')));
  put(0, 24, text(std::string(300, 'v')));
  const auto metrics = read(fields());
  ASSERT_EQ(metrics.size(), 1u);
  EXPECT_EQ(metrics[0].name.size(), 126u);
  EXPECT_EQ(metrics[0].labels.at(0).second.size(), state::TextCache::kMaxBytes);
}

TEST_F(MetricRegistry, IsNotKnownWithRoomForAbsurdlyManyLabels) {
  auto absurd = fields();
  absurd[3].repeats[1].count = 33;
  EXPECT_TRUE(read(absurd).empty());
  EXPECT_FALSE(is_known_);
}

TEST_F(MetricRegistry, IsNotKnownWhereItCanNotTellWhatIsUsed) {
  auto without_help = fields();
  std::erase_if(without_help, [](const auto& field) { return field.path == "a[].help"; });
  EXPECT_EQ(read(without_help).size(), 3u);
  auto without_use = fields();
  without_use.pop_back();
  EXPECT_TRUE(read(without_use).empty());
  EXPECT_FALSE(is_known_);
  EXPECT_EQ(entries_, 0u);
}

}  // namespace
