#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <random>

#include "target/memory_map.h"
#include "target/process_status.h"

namespace {

constexpr std::string_view kMaps =
    "555555554000-555555556000 r--p 00000000 fe:00 1234                       /usr/bin/valk\n"
    "555555556000-555555570000 r-xp 00002000 fe:00 1234                       /usr/bin/valk\n"
    "555555571000-555555573000 rw-p 0001d000 fe:00 1234                       /usr/bin/valk\n"
    "7ffff7d8f000-7ffff7d92000 rw-p 00000000 00:00 0 \n"
    "7ffff7fc1000-7ffff7fc3000 r-xp 00000000 00:00 0                          [vdso]\n";

// What the linker made of the file behind kMaps.
const std::vector<elf::Segment> kSegments{
    {0x0, 0x0, 0x1500}, {0x2000, 0x2000, 0x19000}, {0x1dd40, 0x1dd40, 0x1000}};

target::Executable executable_of(std::uint64_t device, std::uint64_t inode) {
  return {base::UniqueFd(), "/usr/bin/valk", {device, inode, 0, 0, 0}};
}

target::Executable valk() {
  return executable_of(makedev(0xfe, 0), 1234);
}

std::vector<target::Mapping> parse(std::string_view text) {
  auto mappings = target::parse_maps(text);
  EXPECT_TRUE(mappings) << mappings.error().message;
  return mappings ? *mappings : std::vector<target::Mapping>{};
}

TEST(ParseMaps, ReadsRangeOffsetAndFile) {
  const auto mappings = parse(kMaps);
  ASSERT_EQ(mappings.size(), 5u);
  EXPECT_EQ(mappings[1].start, 0x555555556000u);
  EXPECT_EQ(mappings[1].end, 0x555555570000u);
  EXPECT_EQ(mappings[1].offset, 0x2000u);
  EXPECT_EQ(mappings[1].device, makedev(0xfe, 0));
  EXPECT_EQ(mappings[1].inode, 1234u);
  EXPECT_EQ(mappings[1].path, "/usr/bin/valk");
  EXPECT_EQ(mappings[3].path, "");
  EXPECT_EQ(mappings[4].path, "[vdso]");
}

TEST(ParseMaps, KeepsSpacesInPaths) {
  const auto mappings = parse("1000-2000 r--p 00000000 fe:00 7    /opt/my valk (deleted)\n");
  ASSERT_EQ(mappings.size(), 1u);
  EXPECT_EQ(mappings[0].path, "/opt/my valk (deleted)");
}

TEST(ParseMaps, RefusesLinesThatAreNone) {
  for (const char* text :
       {"x", "\n", "1000-2000\n", "2000-1000 r--p 0 0:0 1 /x\n", "1000-1000 r--p 0 0:0 1 /x\n",
        "1000-2000 r--p z 0:0 1 /x\n", "1000-2000 r--p 0 00 1 /x\n", "1000-2000 r--p 0 0:0 -1 /x\n",
        "10000000000000000-20000000000000000 r--p 0 0:0 1 /x\n"}) {
    EXPECT_FALSE(target::parse_maps(text)) << text;
  }
}

TEST(ParseMaps, RefusesATextThatIsCut) {
  for (std::size_t size = 1; size < kMaps.size(); ++size) {
    if (kMaps[size - 1] == '\n') continue;
    EXPECT_FALSE(target::parse_maps(kMaps.substr(0, size))) << size;
  }
}

TEST(ParseMaps, SurvivesAnyBytes) {
  std::mt19937 random(1);
  for (int round = 0; round < 20'000; ++round) {
    std::string text(kMaps);
    for (int change = 0; change < 3; ++change) {
      text[random() % text.size()] = static_cast<char>(random());
    }
    const auto mappings = target::parse_maps(text);
    if (mappings) static_cast<void>(target::find_load_bias(*mappings, valk(), kSegments));
  }
}

TEST(FindLoadBias, IsWhereAPositionIndependentExecutableBegins) {
  EXPECT_EQ(target::find_load_bias(parse(kMaps), valk(), kSegments), 0x555555554000u);
}

TEST(FindLoadBias, IsZeroForAnExecutableWithFixedAddresses) {
  const auto mappings = parse(
      "400000-401000 r--p 00000000 fe:00 1234 /usr/bin/valk\n"
      "401000-402000 r-xp 00001000 fe:00 1234 /usr/bin/valk\n");
  const std::vector<elf::Segment> segments{{0x400000, 0, 0x500}, {0x401000, 0x1000, 0x200}};
  EXPECT_EQ(target::find_load_bias(mappings, valk(), segments), 0u);
}

TEST(FindLoadBias, PassesOverOtherMappingsOfTheFile) {
  const std::string maps =
      "10000000-10002000 r--p 00000000 fe:00 1234 /usr/bin/valk\n" + std::string(kMaps);
  EXPECT_EQ(target::find_load_bias(parse(maps), valk(), kSegments), 0x555555554000u);
}

TEST(FindLoadBias, TakesThePathWhereMapsAndStatTellDifferentDevices) {
  EXPECT_TRUE(target::find_load_bias(parse(kMaps), executable_of(99, 1234), kSegments));
  EXPECT_FALSE(target::find_load_bias(parse(kMaps), executable_of(99, 77), kSegments));
}

TEST(FindLoadBias, FailsWhereASegmentIsMissing) {
  auto segments = kSegments;
  segments.push_back({0x40000, 0x40000, 0x1000});
  EXPECT_FALSE(target::find_load_bias(parse(kMaps), valk(), segments));
  EXPECT_FALSE(target::find_load_bias(parse(kMaps), valk(), {}));
  EXPECT_FALSE(target::find_load_bias({}, valk(), kSegments));
}

TEST(FindLoadBias, RefusesAbsurdlyManySegments) {
  const std::vector<elf::Segment> segments(1000, kSegments.front());
  EXPECT_FALSE(target::find_load_bias(parse(kMaps), valk(), segments));
}

TEST(FindLoadBias, FindsThisTestItself) {
  const std::string path = "/proc/self/exe";
  const auto executable = target::open_executable_of("/proc", ::getpid());
  ASSERT_TRUE(executable);
  const auto file = elf::ElfFile::open(base::UniqueFd(::dup(executable->fd.get())), path);
  ASSERT_TRUE(file);
  const auto mappings = target::read_maps("/proc", ::getpid());
  ASSERT_TRUE(mappings) << mappings.error().message;
  const auto bias = target::find_load_bias(*mappings, *executable, file->segments());
  ASSERT_TRUE(bias) << bias.error().message;
  const auto here = reinterpret_cast<std::uintptr_t>(kMaps.data());
  EXPECT_TRUE(file->file_offset(here - *bias));
}

std::string status_text(std::string_view uids, std::string_view seccomp) {
  return fmt::format("Name:\tvalk\nUmask:\t0022\nUid:\t{}\nGid:\t0\t0\t0\t0\n{}Speculation:\tx\n",
                     uids, seccomp);
}

TEST(ParseStatus, ReadsTheEffectiveUidAndSeccomp) {
  using target::Seccomp;
  for (const auto& [line, mode] :
       {std::pair{"Seccomp:\t0\n", Seccomp::kNone}, std::pair{"Seccomp:\t1\n", Seccomp::kStrict},
        std::pair{"Seccomp:\t2\n", Seccomp::kFilter}, std::pair{"", Seccomp::kNone}}) {
    const auto status = target::parse_status(status_text("1\t1000\t2\t3", line));
    ASSERT_TRUE(status) << status.error().message;
    EXPECT_EQ(status->effective_uid, 1000u);
    EXPECT_EQ(status->seccomp, mode) << line;
  }
}

TEST(ParseStatus, IsNotFooledByOtherFields) {
  const auto status =
      target::parse_status("Name:\tSeccomp:\t2\nSeccomp_filters:\t2\nUid:\t0\t0\t0\t0\n");
  ASSERT_TRUE(status);
  EXPECT_EQ(status->seccomp, target::Seccomp::kNone);
}

TEST(ParseStatus, RefusesWhatItDoesNotKnow) {
  for (const auto& text :
       {std::string(), std::string("Uid:\t0\n"), status_text("0\tx\t0\t0", ""),
        status_text("0\t-1\t0\t0", ""), status_text("0\t0\t0\t0", "Seccomp:\t3\n"),
        status_text("0\t0\t0\t0", "Seccomp:\t\n")}) {
    EXPECT_FALSE(target::parse_status(text)) << text;
  }
}

}  // namespace
