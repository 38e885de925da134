// Recognising a libuv without debug information.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "state/runtimes/libuv.h"

namespace {

base::Result<void> check(const std::string& path) {
  base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  const auto file = elf::ElfFile::open(std::move(fd), path);
  return file ? state::check_libuv(*file) : base::pass_on(file);
}

std::string library(const std::string& name) {
  return std::string(VALKYRIA_PUPPET_DIR) + "/libuv_" + name + "/libuv.so.1";
}

TEST(CheckLibuv, KnowsWhereTheLoopsCountersAre) {
  const auto known = check(library("1_52"));
  EXPECT_TRUE(known) << known.error().message;
}

TEST(CheckLibuv, RefusesAVersionThatDoesNotCount) {
  EXPECT_THAT(check(library("1_44")).error().message, testing::HasSubstr("before 1.45"));
  EXPECT_FALSE(check(library("2_0")));
}

TEST(CheckLibuv, RefusesOneWhoseCodeReadsOtherPlaces) {
  EXPECT_THAT(check(library("elsewhere")).error().message, testing::HasSubstr("elsewhere"));
}

TEST(CheckLibuv, RefusesAFileWithoutLibuv) {
  EXPECT_THAT(check(std::string(VALKYRIA_PUPPET_DIR) + "/layout_puppet_gcc").error().message,
              testing::HasSubstr("no libuv"));
}

}  // namespace
