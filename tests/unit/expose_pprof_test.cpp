// A profile in pprof's format, by a reader of the wire format that knows nothing else of ours.
// tests/process/pprof_readers.py has other people's readers.
#include "expose/pprof.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/gzip.h"
#include "expose/protobuf_writer.h"
#include "support/profiles.h"

namespace {

std::uint64_t take_varint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (unsigned shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.at(0));
    bytes.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80) return value;
  }
}

struct Message {
  std::map<std::uint64_t, std::vector<std::uint64_t>> numbers;
  std::map<std::uint64_t, std::vector<std::string>> texts;

  std::uint64_t number(std::uint64_t field) {
    return numbers[field].empty() ? 0 : numbers[field].front();
  }
  std::vector<std::uint64_t> packed(std::uint64_t field) {
    std::vector<std::uint64_t> values;
    for (const std::string& text : texts[field]) {
      for (std::string_view rest = text; !rest.empty();) values.push_back(take_varint(rest));
    }
    return values;
  }
};

Message parse(std::string_view bytes) {
  Message message;
  while (!bytes.empty()) {
    const std::uint64_t tag = take_varint(bytes);
    const std::uint64_t value = take_varint(bytes);
    if ((tag & 7U) == 0) {
      message.numbers[tag >> 3U].push_back(value);
      continue;
    }
    EXPECT_EQ(tag & 7U, 2u);
    message.texts[tag >> 3U].emplace_back(bytes.substr(0, value));
    bytes.remove_prefix(value);
  }
  return message;
}

Message written(const model::Profile& profile) {
  const std::string zipped = expose::write_pprof(profile).value();
  std::uint32_t size = 0;  // the last four bytes of gzip's format
  for (std::size_t i = 1; i <= 4; ++i) {
    size = size << 8U | static_cast<unsigned char>(zipped[zipped.size() - i]);
  }
  return parse(base::gunzip(zipped, size).value());
}

TEST(ProtobufWriter, WritesWhatTheFormatSays) {
  expose::ProtobufWriter inner;
  inner.number(1, 150);
  expose::ProtobufWriter writer;
  writer.message(3, inner);
  writer.packed(4, {3, 270, 86942});
  writer.text(2, "testing");
  writer.number(5, 0);
  writer.number(31, ~std::uint64_t{0});
  EXPECT_EQ(writer.bytes(),
            "\x1A\x03\x08\x96\x01\x22\x06\x03\x8E\x02\x9E\xA7\x05\x12\x07testing"
            "\xF8\x01\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01");
}

TEST(WritePprof, SaysWhatWasMeasured) {
  Message profile = written(test::busy_profile());
  const std::vector<std::string>& texts = profile.texts[6];
  EXPECT_EQ(texts.at(0), "");
  const auto type = [&](std::string_view bytes) {
    Message message = parse(bytes);
    return texts.at(message.number(1)) + '/' + texts.at(message.number(2));
  };
  ASSERT_EQ(profile.texts[1].size(), 2u);
  EXPECT_EQ(type(profile.texts[1][0]), "samples/count");
  EXPECT_EQ(type(profile.texts[1][1]), "cpu/nanoseconds");
  EXPECT_EQ(type(profile.texts[11].at(0)), "cpu/nanoseconds");
  EXPECT_EQ(profile.number(12), 10'101'010u);
  EXPECT_EQ(texts.at(profile.number(14)), "cpu");
  EXPECT_EQ(profile.number(9), 1'795'682'400'000'000'000u);
  EXPECT_EQ(profile.number(10), 10'000'000'000u);
  const std::vector<std::uint64_t> comments = profile.packed(13);
  ASSERT_EQ(comments.size(), 5u);
  EXPECT_EQ(texts.at(comments[0]), "valkyria_exporter 1.2.3");
  EXPECT_EQ(texts.at(comments[1]), "3 samples (0.3 % of all) were lost: nobody took them in time");
  EXPECT_EQ(texts.at(comments.back()).substr(0, 9), "threads: ");
}

TEST(WritePprof, AddsUpAndLabelsEachSample) {
  const model::Profile busy = test::busy_profile();
  Message profile = written(busy);
  std::uint64_t samples = 0;
  std::map<std::string, std::uint64_t> of_phase;
  for (const std::string& bytes : profile.texts[2]) {
    Message sample = parse(bytes);
    const std::vector<std::uint64_t> values = sample.packed(2);
    ASSERT_EQ(values.size(), 2u);
    EXPECT_EQ(values[1], values[0] * 10'101'010);
    samples += values[0];
    ASSERT_EQ(sample.texts[3].size(), 3u);
    Message thread = parse(sample.texts[3][0]);
    Message tid = parse(sample.texts[3][1]);
    Message phase = parse(sample.texts[3][2]);
    EXPECT_EQ(profile.texts[6].at(thread.number(1)), "thread");
    EXPECT_EQ(profile.texts[6].at(thread.number(2)), tid.number(3) == 100 ? "main" : "worker");
    EXPECT_EQ(profile.texts[6].at(tid.number(1)), "tid");
    of_phase[profile.texts[6].at(phase.number(2))] += values[0];
  }
  EXPECT_EQ(samples, busy.counts.samples);
  EXPECT_EQ(of_phase["collecting"], 120u);
  EXPECT_EQ(of_phase["paused"], 6u);
  EXPECT_EQ(of_phase["outside"], busy.counts.samples - 126);
}

TEST(WritePprof, NamesTheProgramFirstAndWhatIsKnownOfEachFile) {
  Message profile = written(test::busy_profile());
  Message program = parse(profile.texts[3].at(0));
  Message library = parse(profile.texts[3].at(1));
  EXPECT_EQ(profile.texts[6].at(program.number(5)), "/usr/bin/shop");
  EXPECT_EQ(profile.texts[6].at(program.number(6)), "4f1c9a27");
  EXPECT_EQ(program.number(7), 1u);
  EXPECT_EQ(program.number(10), 1u) << "one of its places holds an inlined function";
  EXPECT_EQ(profile.texts[6].at(library.number(6)), "beef");
  EXPECT_EQ(library.number(7), 0u) << "its places have no functions";
}

TEST(WritePprof, GivesLispFunctionsTheSymbolThatEvaluatesThem) {
  Message profile = written(test::ProfileMaker().add({"λ fib"}, 1).take());
  Message function = parse(profile.texts[5].at(0));
  EXPECT_EQ(profile.texts[6].at(function.number(2)), "λ fib");
  EXPECT_EQ(profile.texts[6].at(function.number(3)), "valk_lval_eval_call");
  EXPECT_EQ(profile.texts[6].at(function.number(4)), "");
}

TEST(WritePprof, TakesAnyBytesForNames) {
  Message profile = written(test::hostile_profile());
  EXPECT_EQ(profile.texts[2].size(), 5u);
  bool is_there = false;
  for (const std::string& text : profile.texts[6]) {
    is_there |= text == "λ \xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD";
  }
  EXPECT_TRUE(is_there);
}

TEST(WritePprof, OfAnEmptyProfileSaysWhy) {
  Message profile = written(test::empty_profile());
  EXPECT_TRUE(profile.texts[2].empty());
  EXPECT_EQ(profile.texts[6].at(profile.packed(13).at(1)),
            "0 samples: the process used 0.02 CPU s in 10 s; idle is not sampled");
}

}  // namespace
