// Files of code that are broken where the confined process reads them: whatever libdw does with
// them, that process alone ends, and we hear of it.
#include <elf.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <random>

#include "elf/elf_file.h"
#include "profile/unwind_process.h"
#include "support/deadline.h"

namespace {

using profile::StackRequest;
using profile::UnwindProcess;

constexpr std::uint64_t kBase = 0x5555'0000'0000;

std::string bytes_of_puppet() {
  std::ifstream file(VALKYRIA_PUPPET_DIR "/stack_puppet", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct Place {
  std::size_t offset;
  std::size_t size;
};

// Where the sections stand that are looked at to unwind and to name.
std::vector<Place> places_of(const std::string& bytes) {
  Elf64_Ehdr header;
  std::memcpy(&header, bytes.data(), sizeof header);
  std::vector<Elf64_Shdr> sections(header.e_shnum);
  std::memcpy(sections.data(), bytes.data() + header.e_shoff, sections.size() * sizeof(Elf64_Shdr));
  std::vector<Place> places;
  for (const Elf64_Shdr& section : sections) {
    const std::string_view name =
        bytes.data() + sections[header.e_shstrndx].sh_offset + section.sh_name;
    const bool is_read =
        name.starts_with(".debug_") || name.starts_with(".eh_frame") || name.ends_with("tab");
    if (is_read && section.sh_size > 0) places.push_back({section.sh_offset, section.sh_size});
  }
  return places;
}

base::UniqueFd file_of(const std::string& bytes) {
  base::UniqueFd fd(::memfd_create("hostile", MFD_CLOEXEC));
  EXPECT_EQ(::write(fd.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  return fd;
}

// All over its code, on a stack of words that lead there.
std::vector<StackRequest> requests_into(const elf::Segment& code) {
  std::vector<std::uint64_t> words;
  for (std::uint64_t i = 0; i < 256; ++i) words.push_back(kBase + code.address + 3 * i);
  std::vector<StackRequest> requests;
  for (std::uint64_t at = 0; at < code.file_size; at += 16) {
    StackRequest& request = requests.emplace_back();
    request.registers.fill(0x7000);
    request.registers[elf::kReturnAddress] = kBase + code.address + at;
    request.stack_address = 0x7000;
    const auto bytes = std::as_bytes(std::span(words));
    request.stack.assign(bytes.begin(), bytes.end());
  }
  return requests;
}

class HostileCode : public testing::Test {
 protected:
  HostileCode() {
    const auto file = elf::ElfFile::open(file_of(honest_), "the puppet");
    for (const elf::Segment& segment : file->segments()) {
      if (segment.is_code) requests_ = requests_into(segment);
    }
  }
  // Whether there was an answer; otherwise an error that says something.
  bool is_answered(const std::string& bytes) const {
    target::CodeMap code;
    code.files.emplace_back().file = {file_of(bytes), "hostile", {}};
    auto& mapping = code.mappings.emplace_back();
    mapping.begin = mapping.bias = kBase;
    mapping.end = kBase + 0x100000;
    auto process = UnwindProcess::start(code, {});
    if (!process) {
      EXPECT_NE(process.error().message, "");
      return false;
    }
    const auto found = process->find(requests_, {test::in(std::chrono::seconds(10)), {}});
    EXPECT_TRUE(found || !found.error().message.empty());
    return found.has_value();
  }

  const std::string honest_ = bytes_of_puppet();
  std::vector<StackRequest> requests_;
};

TEST_F(HostileCode, IsUnderstoodAsLongAsItIsWhole) {
  ASSERT_FALSE(requests_.empty());
  EXPECT_TRUE(is_answered(honest_));
}

TEST_F(HostileCode, CutAnywhereEndsAtMostTheOtherProcess) {
  for (std::size_t part = 0; part < 20; ++part) {
    is_answered(honest_.substr(0, honest_.size() * part / 20));
  }
}

class HostileCodeOfSeed : public HostileCode, public testing::WithParamInterface<unsigned> {};

TEST_P(HostileCodeOfSeed, WithWrongBytesEndsAtMostTheOtherProcess) {
  const auto places = places_of(honest_);
  ASSERT_GT(places.size(), 3u);
  std::mt19937 random(GetParam());
  int answered = 0;
  for (int round = 0; round < 60; ++round) {
    std::string bytes = honest_;
    for (int change = round; change >= 0; --change) {
      const Place& place = places[random() % places.size()];
      bytes[place.offset + random() % place.size] = static_cast<char>(random());
    }
    if (is_answered(bytes)) ++answered;
  }
  EXPECT_GT(answered, 0);
}

INSTANTIATE_TEST_SUITE_P(Seeds, HostileCodeOfSeed, testing::Values(1u, 2u, 3u));

TEST_F(HostileCode, OfNothingButNoiseEndsAtMostTheOtherProcess) {
  std::mt19937 random(4);
  for (const Place& place : places_of(honest_)) {
    std::string bytes = honest_;
    for (std::size_t i = 0; i < place.size; ++i) {
      bytes[place.offset + i] = static_cast<char>(random());
    }
    is_answered(bytes);
  }
}

}  // namespace
