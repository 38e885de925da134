#include <gtest/gtest.h>

#include <sys/stat.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include "watch/name_file.h"

namespace {

namespace fs = std::filesystem;

class NameFileTest : public testing::Test {
 protected:
  NameFileTest() {
    std::string path = (fs::temp_directory_path() / "valkyria-names-XXXXXX").string();
    root_ = ::mkdtemp(path.data());
  }
  ~NameFileTest() override {
    fs::permissions(root_, fs::perms::owner_all);
    fs::remove_all(root_);
  }

  std::string path() const { return watch::name_file_path((root_ / "cache").string(), "x"); }
  static std::optional<watch::RememberedNames> load(const std::string& path) {
    return watch::NameFile(path).load(std::chrono::steady_clock::now() + std::chrono::seconds(10));
  }
  static watch::RememberedNames names(const std::string& name) {
    watch::NamedThing thing;
    thing.name = thing.marks.base = name;
    return {"boot", 1, {thing}};
  }
  void save(const watch::RememberedNames& remembered) const {
    watch::NameFile(path()).save(remembered);
  }
  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(root_ / "cache"), fs::directory_iterator()));
  }

  fs::path root_;
};

TEST_F(NameFileTest, RemembersWhatWasSavedLast) {
  EXPECT_FALSE(load(path()));
  {
    watch::NameFile file(path());
    for (int i = 0; i < 100; ++i) file.save(names("shop-" + std::to_string(i)));
  }
  const auto loaded = load(path());
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->things.at(0).name, "shop-99");
  EXPECT_EQ(files(), 1u) << "nothing is left beside it";
  EXPECT_EQ(fs::status(root_ / "cache").permissions(), fs::perms::owner_all);
}

TEST_F(NameFileTest, KeepsNothingWithoutAPath) {
  watch::NameFile file(watch::name_file_path("", "x"));
  file.save(names("shop"));
  EXPECT_FALSE(file.load(std::chrono::steady_clock::now()));
}

TEST_F(NameFileTest, SelectionsHaveFilesOfTheirOwnThatStayTheSame) {
  EXPECT_NE(watch::name_file_path("/c", "name a"), watch::name_file_path("/c", "name b"));
  EXPECT_EQ(watch::name_file_path("/c//", "a"), "/c/names-af63dc4c8601ec8c");
}

TEST_F(NameFileTest, IgnoresWhatOthersCouldHaveWritten) {
  save(names("shop"));
  ASSERT_TRUE(load(path()));
  ASSERT_EQ(::chmod((root_ / "cache").c_str(), 0770), 0);
  EXPECT_FALSE(load(path()));
  ASSERT_EQ(::chmod((root_ / "cache").c_str(), 0700), 0);
  fs::rename(path(), root_ / "elsewhere");
  fs::create_symlink(root_ / "elsewhere", path());
  EXPECT_FALSE(load(path()));
}

TEST_F(NameFileTest, IgnoresWhatIsNotWholeAndWritesItAnew) {
  save(names("shop"));
  std::ofstream(path(), std::ios::app) << "rubbish";
  EXPECT_FALSE(load(path()));
  save(names("till"));
  ASSERT_TRUE(load(path()));
  EXPECT_EQ(load(path())->things.at(0).name, "till");
}

TEST_F(NameFileTest, ADirectoryThatCantBeMadeIsNoHarm) {
  std::ofstream(root_ / "cache") << "a file";
  save(names("shop"));
  EXPECT_FALSE(load(path()));
}

TEST_F(NameFileTest, OldFilesOfManySelectionsGo) {
  for (int i = 0; i < 50; ++i) {
    watch::NameFile file(watch::name_file_path((root_ / "cache").string(), std::to_string(i)));
    file.save(names("shop"));
  }
  EXPECT_LE(files(), 32u);
}

}  // namespace
