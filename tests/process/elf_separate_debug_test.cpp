// Debug information that stands in a file of its own, found by build id.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "elf/build_id.h"
#include "elf/field_resolver.h"
#include "elf/symbols.h"
#include "elf_support.h"

namespace {

namespace fs = std::filesystem;

// A stripped copy of a puppet, and a directory that may hold its debug file.
class SeparateDebugFile : public testing::Test {
 protected:
  SeparateDebugFile() {
    test::run("/usr/bin/env", {"strip", "-o", stripped_, original_});
    const auto build_id = elf::read_build_id(test::open_elf(stripped_));
    if (!build_id) throw std::runtime_error("the puppet has no build id");
    const fs::path place = fs::path(directory_) / ".build-id" / build_id->substr(0, 2);
    fs::create_directories(place);
    debug_file_ = (place / (build_id->substr(2) + ".debug")).string();
  }

  static void make_debug_file(const std::string& binary, const std::string& path) {
    test::run("/usr/bin/env", {"objcopy", "--only-keep-debug", binary, path});
  }

  // What opening the stripped copy says.
  std::string message(const std::vector<std::string>& directories) const {
    const auto information = test::find_debug_information(test::open_elf(stripped_), directories);
    return information ? "opened" : information.error().message;
  }

  const test::TemporaryDirectory temporary_;
  const std::string original_ = test::puppet_path("layout_puppet_gcc");
  const std::string stripped_ = (temporary_.path() / "stripped").string();
  const std::string directory_ = (temporary_.path() / "debug").string();
  std::string debug_file_;
};

TEST_F(SeparateDebugFile, GivesTheSameFieldsAsTheWholeFile) {
  make_debug_file(original_, debug_file_);
  EXPECT_TRUE(elf::is_stripped(test::open_elf(stripped_)));
  const auto whole = test::open_debug_information(original_);
  const auto separate = test::open_debug_information(stripped_, {directory_});
  for (const char* path : {"everything_here.after", "everything_hidden.after", "number",
                           "everything_here.head->inner.balance", "everything_here.list[].count"}) {
    const auto expected = elf::resolve_field(whole, path);
    const auto field = elf::resolve_field(separate, path);
    ASSERT_TRUE(expected && field) << path;
    EXPECT_EQ(*field, *expected) << path;
  }
}

TEST_F(SeparateDebugFile, IsFoundInAnyOfTheDirectories) {
  make_debug_file(original_, debug_file_);
  const std::string absent = (temporary_.path() / "absent").string();
  EXPECT_EQ(message({absent, temporary_.path().string(), directory_}), "opened");
}

TEST_F(SeparateDebugFile, OfAnotherBuildIsNotTaken) {
  make_debug_file(test::puppet_path("layout_puppet_clang"), debug_file_);
  EXPECT_THAT(message({directory_}), testing::HasSubstr("has no debug information"));
}

TEST_F(SeparateDebugFile, ThatIsNoneIsNotTaken) {
  make_debug_file(original_, debug_file_);
  const std::string whole = test::read_file(debug_file_);
  for (const std::string& content :
       {std::string(), std::string("not an ELF file"), whole.substr(0, 100)}) {
    test::write_file(debug_file_, content);
    EXPECT_THAT(message({directory_}), testing::HasSubstr("has no debug information"));
  }
}

TEST_F(SeparateDebugFile, WithoutItThereIsAClearMessage) {
  for (const auto& directories : {std::vector<std::string>{}, {directory_}, {"/nonexistent", ""}}) {
    EXPECT_THAT(message(directories), testing::StartsWith(stripped_ + " has no debug information"));
  }
}

}  // namespace
