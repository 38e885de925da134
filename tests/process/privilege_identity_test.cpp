// What root hands over to the user that he becomes.
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "privilege/identity.h"

namespace {

namespace fs = std::filesystem;

constexpr const char* kUser = "nobody";

class HandOver : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    std::string name = (fs::temp_directory_path() / "hand-over-XXXXXX").string();
    top_ = ::mkdtemp(name.data());
    user_ = ::getpwnam(kUser)->pw_uid;  // NOLINT(concurrency-mt-unsafe): one thread
  }
  void TearDown() override {
    if (!top_.empty()) fs::remove_all(top_);
  }

  static uid_t owner_of(const fs::path& path) {
    struct stat status {};
    EXPECT_EQ(::lstat(path.c_str(), &status), 0) << path;
    return status.st_uid;
  }

  fs::path top_;
  uid_t user_ = 0;
};

TEST_F(HandOver, MakesADirectoryThatOnlyTheUserCanReadAndWrite) {
  const fs::path cache = top_ / "var" / "cache";
  ASSERT_TRUE(privilege::hand_over(cache.string() + "/", kUser));
  EXPECT_EQ(owner_of(cache), user_);
  EXPECT_EQ(fs::status(cache).permissions(), fs::perms::owner_all);
}

TEST_F(HandOver, GivesTheFilesThatRootWroteOnce) {
  const fs::path cache = top_ / "cache";
  fs::create_directory(cache);
  std::ofstream(cache / "one.layout") << "one";
  ASSERT_TRUE(privilege::hand_over(cache, kUser));
  EXPECT_EQ(owner_of(cache / "one.layout"), user_);
  ASSERT_TRUE(privilege::hand_over(cache, kUser)) << "again, now that it is his";
}

TEST_F(HandOver, GivesNothingThatHasAnotherNameElsewhere) {
  const fs::path cache = top_ / "cache";
  fs::create_directory(cache);
  std::ofstream(top_ / "secret") << "root's";
  fs::create_hard_link(top_ / "secret", cache / "hard");
  fs::create_symlink(top_ / "secret", cache / "soft");
  ASSERT_TRUE(privilege::hand_over(cache, kUser));
  EXPECT_EQ(owner_of(top_ / "secret"), 0u);
}

TEST_F(HandOver, RefusesLinksAndDirectoriesOfOthers) {
  fs::create_directory(top_ / "etc");
  fs::create_directory_symlink(top_ / "etc", top_ / "link");
  EXPECT_FALSE(privilege::hand_over(top_ / "link", kUser));
  EXPECT_EQ(owner_of(top_ / "etc"), 0u);
  fs::create_directory(top_ / "shared");
  fs::permissions(top_ / "shared", fs::perms::all);
  const auto shared = privilege::hand_over(top_ / "shared", kUser);
  ASSERT_FALSE(shared);
  EXPECT_NE(shared.error().message.find("others may write to it"), std::string::npos);
  fs::create_directory(top_ / "another");
  ASSERT_EQ(::chown((top_ / "another").c_str(), 4711, 4711), 0);
  EXPECT_FALSE(privilege::hand_over(top_ / "another", kUser));
}

}  // namespace
