// Libraries of a process, which may be anything by the time that they are looked at.
#include "target/mapped_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

namespace {

namespace fs = std::filesystem;

// A file of this process's own, mapped.
class MappedFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "mapped-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
    path_ = directory_ / "libpuppet.so.1";
    std::ofstream(path_) << "the library";
    const base::UniqueFd fd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
    memory_ = ::mmap(nullptr, 1, PROT_READ, MAP_PRIVATE, fd.get(), 0);
    ASSERT_NE(memory_, MAP_FAILED);
  }
  void TearDown() override {
    ::munmap(memory_, 1);
    fs::remove_all(directory_);
  }

  static base::Result<std::optional<target::Executable>> open(const char* name) {
    return target::open_mapped_file("/proc", ::getpid(), *target::read_maps("/proc", ::getpid()),
                                    name);
  }

  static std::string content_of(const target::Executable& file) {
    char bytes[64];
    const auto got = ::pread(file.fd.get(), bytes, sizeof bytes, 0);
    return {bytes, static_cast<std::size_t>(std::max<ssize_t>(got, 0))};
  }

  fs::path directory_;
  fs::path path_;
  void* memory_ = nullptr;
};

// Mappings can't be opened then; in a thread of its own, since nothing is given back.
void without_capabilities(const std::function<void()>& work) {
  std::thread([&] {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    const __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3]{};
    ASSERT_EQ(::syscall(SYS_capset, &header, none), 0);
    work();
  }).join();
}

TEST_F(MappedFile, IsFoundAtItsPathWhereItsMappingMayNotBeOpened) {
  without_capabilities([] {
    const auto file = open("libpuppet.so");
    ASSERT_TRUE(file && *file);
    EXPECT_EQ(content_of(**file), "the library");
  });
}

TEST_F(MappedFile, IsNoOtherFileThatLiesAtThePathThatTheKernelShows) {
  fs::remove(path_);
  ASSERT_EQ(::mkfifo((path_.string() + " (deleted)").c_str(), 0600), 0);
  without_capabilities([] { EXPECT_FALSE(open("libpuppet.so")); });
  fs::remove(path_.string() + " (deleted)");
  std::ofstream(path_.string() + " (deleted)") << "another";
  without_capabilities([] { EXPECT_FALSE(open("libpuppet.so")); });
}

TEST_F(MappedFile, IsFoundByTheBeginOfItsName) {
  const auto file = open("libpuppet.so");
  ASSERT_TRUE(file && *file);
  EXPECT_EQ(content_of(**file), "the library");
  EXPECT_EQ((*file)->path, path_.string());
  const auto other = open("libother.so");
  ASSERT_TRUE(other);
  EXPECT_FALSE(*other);
}

TEST_F(MappedFile, IsTheOneThatIsMappedWhateverHasReplacedIt) {
  fs::remove(path_);
  std::ofstream(path_) << "an upgrade";
  const auto file = open("libpuppet.so");
  ASSERT_TRUE(file && *file);
  EXPECT_EQ(content_of(**file), "the library");
}

// Opened by that path, a pipe would wait for a writer for ever.
TEST_F(MappedFile, IsNotLookedForAtThePathThatTheKernelShows) {
  fs::remove(path_);
  ASSERT_EQ(::mkfifo((path_.string() + " (deleted)").c_str(), 0600), 0);
  const auto file = open("libpuppet.so");
  ASSERT_TRUE(file && *file);
  EXPECT_EQ(content_of(**file), "the library");
}

}  // namespace
