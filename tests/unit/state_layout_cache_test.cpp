// What is kept on disk between two starts: trusted only where nobody else could have written it.
#include "state/layout_cache.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "state/layout_text.h"
#include "state_support.h"

namespace {

namespace fs = std::filesystem;

state::Layout example(const std::string& name) {
  return {name, "12", {test::number_field("x", 0x4000, {8})}, {{"y", "gone"}}};
}

class LayoutCache : public testing::Test {
 protected:
  LayoutCache() {
    std::string path = (fs::temp_directory_path() / "valkyria-cache-test-XXXXXX").string();
    if (::mkdtemp(path.data()) == nullptr) throw std::runtime_error("mkdtemp " + path);
    temporary_ = path;
  }
  ~LayoutCache() override {
    std::error_code error;
    fs::remove_all(temporary_, error);
  }

  std::string directory() const { return (temporary_ / "cache").string(); }
  std::string file(const std::string& hash) const { return directory() + "/" + hash + ".layout"; }

  static unsigned mode(const std::string& path) {
    struct stat status {};
    EXPECT_EQ(::lstat(path.c_str(), &status), 0) << path;
    return status.st_mode & 07777;
  }

  static std::size_t count_files(const fs::path& path) {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(path), fs::directory_iterator()));
  }

  // What a fresh cache of this directory finds under the hash.
  std::string found(const std::string& hash) const {
    state::LayoutCache cache(directory());
    const auto layout = cache.find(hash);
    return layout ? layout->name : "nothing";
  }

  void store(const std::string& hash, const std::string& name) const {
    state::LayoutCache cache(directory());
    cache.store(hash, example(name));
  }

  fs::path temporary_;
};

TEST_F(LayoutCache, FindsWhatItStored) {
  EXPECT_EQ(found("aa"), "nothing");
  store("aa", "first");
  store("bb", "second");
  EXPECT_EQ(found("aa"), "first");
  EXPECT_EQ(found("bb"), "second");
  EXPECT_EQ(found("cc"), "nothing");
  state::LayoutCache cache(directory());
  const auto layout = cache.find("aa");
  ASSERT_TRUE(layout);
  EXPECT_EQ(layout->fields, example("first").fields);
  EXPECT_EQ(layout->build_id, "12");
}

TEST_F(LayoutCache, ReplacesWhatItHadAndLeavesNothingBeside) {
  store("aa", "first");
  store("aa", "second");
  EXPECT_EQ(found("aa"), "second");
  EXPECT_EQ(count_files(directory()), 1u);
}

TEST_F(LayoutCache, MakesItsDirectoryAndItsFilesForItselfAlone) {
  const mode_t before = ::umask(0);
  store("aa", "first");
  ::umask(before);
  EXPECT_EQ(mode(directory()), 0700u);
  EXPECT_EQ(mode(file("aa")), 0600u);
}

TEST_F(LayoutCache, MakesTheWayToItsDirectory) {
  state::LayoutCache cache((temporary_ / "a" / "b" / "c").string());
  cache.store("aa", example("first"));
  EXPECT_TRUE(cache.find("aa"));
}

TEST_F(LayoutCache, TakesADirectoryWithASlashAtItsEnd) {
  state::LayoutCache cache(directory() + "/");
  cache.store("aa", example("first"));
  EXPECT_TRUE(cache.find("aa"));
  EXPECT_EQ(mode(directory()), 0700u);
}

TEST_F(LayoutCache, KeepsNothingWithoutADirectory) {
  const fs::path before = fs::current_path();
  fs::current_path(temporary_);
  state::LayoutCache cache("");
  cache.store("aa", example("first"));
  EXPECT_FALSE(cache.find("aa"));
  fs::current_path(before);
  EXPECT_EQ(count_files(temporary_), 0u);
}

TEST_F(LayoutCache, DoesNotTrustADirectoryThatOthersCanWriteOrRead) {
  store("aa", "first");
  for (const mode_t wrong : {0770, 0720, 0702, 0750, 0704, 0701, 0777, 01777}) {
    ASSERT_EQ(::chmod(directory().c_str(), wrong), 0);
    EXPECT_EQ(found("aa"), "nothing") << wrong;
    store("bb", "second");
    EXPECT_FALSE(fs::exists(file("bb"))) << wrong;
    EXPECT_EQ(mode(directory()), wrong);
  }
  ASSERT_EQ(::chmod(directory().c_str(), 0700), 0);
  EXPECT_EQ(found("aa"), "first");
}

TEST_F(LayoutCache, DoesNotTrustADirectoryOfAnotherOwner) {
  if (::geteuid() != 0) GTEST_SKIP() << "giving a directory away needs root";
  store("aa", "first");
  ASSERT_EQ(::chown(directory().c_str(), 65534, 65534), 0);
  EXPECT_EQ(found("aa"), "nothing");
  store("bb", "second");
  EXPECT_FALSE(fs::exists(file("bb")));
}

TEST_F(LayoutCache, DoesNotFollowALinkInPlaceOfItsDirectory) {
  store("aa", "first");
  const fs::path real = temporary_ / "real";
  fs::rename(directory(), real);
  fs::create_directory_symlink(real, directory());
  EXPECT_EQ(found("aa"), "nothing");
  store("bb", "second");
  EXPECT_EQ(count_files(real), 1u);
  state::LayoutCache cache(directory() + "/");
  EXPECT_FALSE(cache.find("aa"));
}

TEST_F(LayoutCache, DoesNotFollowALinkInPlaceOfAFile) {
  store("aa", "first");
  fs::rename(file("aa"), temporary_ / "elsewhere");
  fs::create_symlink(temporary_ / "elsewhere", file("aa"));
  EXPECT_EQ(found("aa"), "nothing");
  store("aa", "second");
  EXPECT_EQ(found("aa"), "second");
  EXPECT_EQ(state::read_layout_file((temporary_ / "elsewhere").string())->name, "first");
}

TEST_F(LayoutCache, PassesOverAFileThatIsNoLayout) {
  store("aa", "first");
  std::ifstream whole(file("aa"));
  const std::string text{std::istreambuf_iterator<char>(whole), {}};
  for (const std::string& broken :
       {std::string(), std::string("{}"), text.substr(0, text.size() / 2), text + "x",
        std::string(3 * state::kMaxLayoutBytes, ' ')}) {
    std::ofstream(file("aa")) << broken;
    EXPECT_EQ(found("aa"), "nothing");
  }
  store("aa", "second");
  EXPECT_EQ(found("aa"), "second");
  fs::remove(file("aa"));
  fs::create_directory(file("aa"));
  EXPECT_EQ(found("aa"), "nothing");
  store("aa", "third");  // can't, and goes on without
  EXPECT_EQ(found("aa"), "nothing");
  EXPECT_EQ(count_files(directory()), 1u);
}

TEST_F(LayoutCache, GoesOnWhereItCanNotWrite) {
  std::ofstream(temporary_ / "file") << "x";
  for (const std::string& place :
       {(temporary_ / "file").string(), (temporary_ / "file" / "below").string(),
        std::string("/proc/no/such/place")}) {
    state::LayoutCache cache(place);
    for (int round = 0; round < 2; ++round) {
      cache.store("aa", example("first"));
      EXPECT_FALSE(cache.find("aa")) << place;
    }
  }
}

TEST_F(LayoutCache, KeepsTwoHundredFilesAndDropsTheOldest) {
  state::LayoutCache cache(directory());
  const auto now = fs::file_time_type::clock::now();
  for (int i = 0; i < 200; ++i) {
    const std::string hash = std::to_string(i);
    cache.store(hash, example("x"));
    // The later the older, so that names don't decide.
    fs::last_write_time(file(hash), now - std::chrono::hours(i));
  }
  std::ofstream(directory() + "/README") << "not ours";
  EXPECT_EQ(count_files(directory()), 201u);
  cache.store("new", example("x"));
  EXPECT_EQ(count_files(directory()), 201u);
  EXPECT_FALSE(cache.find("199"));
  EXPECT_TRUE(cache.find("198"));
  EXPECT_TRUE(cache.find("0"));
  EXPECT_TRUE(cache.find("new"));
}

TEST_F(LayoutCache, KeepsItsLimitWhateverElseLiesThere) {
  state::LayoutCache cache(directory());
  cache.store("0", example("x"));
  for (int i = 0; i < 20; ++i) {
    fs::create_symlink("/nonexistent", directory() + "/link" + std::to_string(i) + ".layout");
  }
  for (int i = 1; i < 230; ++i) cache.store(std::to_string(i), example("x"));
  EXPECT_LE(count_files(directory()), 200u);
}

}  // namespace
