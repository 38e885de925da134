// Links to debug files: a file may say anything.
#include "elf/debug_link.h"

#include <gtest/gtest.h>

#include <random>

namespace {

using namespace std::string_literals;
using elf::file_name_of;
using elf::parse_alternate_link;
using elf::parse_debug_link;

TEST(ParseAlternateLink, TakesPathAndBuildId) {
  const auto link = parse_alternate_link("/usr/lib/debug/.dwz/x.debug\0\x4b\xa9\x00\xff"s);
  ASSERT_TRUE(link);
  EXPECT_EQ(link->path, "/usr/lib/debug/.dwz/x.debug");
  EXPECT_EQ(link->build_id, "4ba900ff");
}

TEST(ParseAlternateLink, RefusesWhatLacksAPart) {
  for (const std::string& bytes :
       {""s, "path"s, "path\0"s, "\0id"s, "path\0"s + std::string(65, 'x')}) {
    EXPECT_FALSE(parse_alternate_link(bytes)) << bytes.size();
  }
}

TEST(ParseDebugLink, TakesTheName) {
  EXPECT_EQ(parse_debug_link("valk.debug\0\0\x01\x02\x03\x04"s), "valk.debug");
}

TEST(ParseDebugLink, RefusesWhatIsNoNameInADirectory) {
  for (const std::string& bytes : {""s, "\0"s, "name"s, "a/b\0"s, "/etc/shadow\0"s, "..\0"s, ".\0"s,
                                   "../x\0"s, std::string(256, 'x') + '\0'}) {
    EXPECT_FALSE(parse_debug_link(bytes)) << bytes;
  }
}

TEST(FileNameOf, IsTheLastPartOrNothing) {
  EXPECT_EQ(file_name_of("/a/b.dwz"), "b.dwz");
  EXPECT_EQ(file_name_of("b.dwz"), "b.dwz");
  EXPECT_EQ(file_name_of("../../b"), "b");
  for (const std::string& path : {""s, "/"s, "a/"s, "a/.."s, "."s, "a\0b"s}) {
    EXPECT_EQ(file_name_of(path), "") << path;
  }
}

TEST(ParseLinks, TakeAnyBytes) {
  std::mt19937 random(1);
  for (int round = 0; round < 10'000; ++round) {
    std::string bytes(random() % 100, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random() % 4 == 0 ? 0 : random());
    if (const auto link = parse_alternate_link(bytes)) {
      EXPECT_FALSE(link->build_id.empty());
    }
    if (const auto name = parse_debug_link(bytes)) {
      EXPECT_EQ(name->find('/'), std::string::npos);
    }
  }
}

}  // namespace
