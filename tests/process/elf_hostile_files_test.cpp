// Executables whose debug information is broken: whatever libdw does with them, the exporter
// answers.
#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <random>

#include "elf_support.h"

namespace {

const test::ExitStatus kDone{.signalled = false, .code = 0};
const test::ExitStatus kRefused{.signalled = false, .code = 1};

// How `resolve --exe FILE` went.
struct Answer {
  std::optional<test::ExitStatus> status;  // none: it hangs
  std::string first_output;
  std::string complaint;
};

Answer resolve(const std::string& path) {
  test::ChildProcess exporter(VALKYRIA_BIN_DIR "/valkyria_exporter", {"resolve", "--exe", path},
                              test::Stderr::kCaptured);
  Answer answer;
  // The exporter gives its own child half a minute.
  const auto deadline = test::in(std::chrono::seconds(45));
  answer.first_output = exporter.read_line(deadline).value_or("");
  while (exporter.read_line(deadline)) {
  }
  answer.status = exporter.wait(deadline);
  answer.complaint = exporter.stderr_text();
  return answer;
}

// A layout, or one line that says why there is none.
void expect_answer(const Answer& answer) {
  ASSERT_TRUE(answer.status) << "hangs";
  if (answer.status == kDone) {
    EXPECT_EQ(answer.first_output, "{");
    return;
  }
  EXPECT_EQ(*answer.status, kRefused) << answer.complaint;
  EXPECT_EQ(answer.first_output, "");
  EXPECT_THAT(answer.complaint, testing::StartsWith("valkyria_exporter: "));
  EXPECT_GT(answer.complaint.size(), 25u);
  EXPECT_EQ(std::count(answer.complaint.begin(), answer.complaint.end(), '\n'), 1)
      << answer.complaint;
}

class HostileFile : public testing::Test {
 protected:
  Answer resolve_bytes(const std::string& bytes) const {
    test::write_file(path_, bytes);
    return resolve(path_);
  }

  const test::TemporaryDirectory temporary_;
  const std::string path_ = (temporary_.path() / "hostile").string();
  const std::string small_ = test::read_file(test::puppet_path("minivalk_state"));
};

// Where the sections stand whose name begins with .debug_.
std::vector<std::pair<std::size_t, std::size_t>> debug_sections(const std::string& bytes) {
  std::vector<std::pair<std::size_t, std::size_t>> places;
  Elf64_Ehdr header;
  std::memcpy(&header, bytes.data(), sizeof header);
  std::vector<Elf64_Shdr> sections(header.e_shnum);
  std::memcpy(sections.data(), bytes.data() + header.e_shoff, sections.size() * sizeof(Elf64_Shdr));
  for (const Elf64_Shdr& section : sections) {
    const char* const name = bytes.data() + sections[header.e_shstrndx].sh_offset + section.sh_name;
    if (std::string_view(name).starts_with(".debug_") && section.sh_size > 0) {
      places.emplace_back(section.sh_offset, section.sh_size);
    }
  }
  return places;
}

TEST_F(HostileFile, IsResolvedAsLongAsItIsWhole) {
  const Answer answer = resolve_bytes(small_);
  EXPECT_EQ(answer.status, kDone) << answer.complaint;
  EXPECT_THAT(answer.complaint, testing::StartsWith("layout minivalk of build "));
  EXPECT_THAT(answer.complaint, testing::EndsWith(" fields, 0 missing\n"));
}

TEST_F(HostileFile, CutAnywhereGetsAnAnswer) {
  const std::string real = test::read_file(VALKYRIA_BIN_DIR "/minivalk");
  for (const std::string& whole : {small_, real}) {
    for (std::size_t part = 0; part < 40; ++part) {
      SCOPED_TRACE(testing::Message() << "cut after " << part << " fortieths");
      expect_answer(resolve_bytes(whole.substr(0, whole.size() * part / 40)));
    }
    for (const std::size_t size : {1u, 4u, 16u, 63u, 64u, 65u, 120u}) {
      expect_answer(resolve_bytes(whole.substr(0, size)));
    }
    expect_answer(resolve_bytes(whole.substr(0, whole.size() - 1)));
  }
}

class HostileFileOfSeed : public HostileFile, public testing::WithParamInterface<unsigned> {};

TEST_P(HostileFileOfSeed, WithWrongBytesInItsDebugInformationGetsAnAnswer) {
  const auto places = debug_sections(small_);
  ASSERT_GT(places.size(), 4u);
  std::mt19937 random(GetParam());
  int resolved = 0;
  for (int round = 0; round < 100; ++round) {
    SCOPED_TRACE(testing::Message() << "round " << round);
    std::string bytes = small_;
    for (int change = round % 20; change >= 0; --change) {
      const auto& [offset, size] = places[random() % places.size()];
      bytes[offset + random() % size] = static_cast<char>(random());
    }
    const Answer answer = resolve_bytes(bytes);
    expect_answer(answer);
    if (answer.status == kDone) ++resolved;
  }
  // Not all are refused at the door.
  EXPECT_GT(resolved, 0);
  EXPECT_LT(resolved, 100);
}

INSTANTIATE_TEST_SUITE_P(Seeds, HostileFileOfSeed, testing::Values(1u, 2u, 3u));

TEST_F(HostileFile, WithNothingButNoiseForDebugInformationGetsAnAnswer) {
  std::mt19937 random(2);
  for (const auto& [offset, size] : debug_sections(small_)) {
    for (int round = 0; round < 3; ++round) {
      std::string bytes = small_;
      for (std::size_t i = 0; i < size; ++i) bytes[offset + i] = static_cast<char>(random());
      expect_answer(resolve_bytes(bytes));
    }
  }
}

}  // namespace
