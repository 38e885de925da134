#include "elf/content_hash.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "base/unique_fd.h"

namespace {

constexpr std::uint64_t kPlenty = 1024 * 1024 * 1024;

// A file that has no name and is gone with the descriptor.
base::UniqueFd file_of(const std::string& content) {
  base::UniqueFd fd(::memfd_create("content", MFD_CLOEXEC));
  EXPECT_EQ(::write(fd.get(), content.data(), content.size()),
            static_cast<ssize_t>(content.size()));
  return fd;
}

std::string hash_of(const std::string& content) {
  const auto fd = file_of(content);
  const auto hash = elf::hash_content(fd.get(), "content", kPlenty);
  return hash ? *hash : hash.error().message;
}

// The examples of FIPS 180-2.
TEST(HashContent, IsSha256) {
  EXPECT_EQ(hash_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hash_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(hash_of(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(HashContent, KnowsTheEmptyFile) {
  EXPECT_EQ(hash_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(HashContent, ReadsTheWholeFileWhereverTheDescriptorStands) {
  const auto fd = file_of("abc");
  for (int round = 0; round < 2; ++round) {
    const auto hash = elf::hash_content(fd.get(), "content", kPlenty);
    ASSERT_TRUE(hash);
    EXPECT_EQ(*hash, hash_of("abc"));
    EXPECT_EQ(::lseek(fd.get(), 0, SEEK_CUR), 3);
  }
}

TEST(HashContent, TakesAFileAtTheLimitAndNoneAbove) {
  const auto fd = file_of(std::string(1000, 'x'));
  EXPECT_TRUE(elf::hash_content(fd.get(), "content", 1000));
  const auto above = elf::hash_content(fd.get(), "content", 999);
  ASSERT_FALSE(above);
  EXPECT_EQ(above.error().message, "hash content: it has more than 999 bytes");
}

TEST(HashContent, GivesUpOnASparseFileAtTheLimit) {
  const base::UniqueFd fd(::memfd_create("sparse", MFD_CLOEXEC));
  ASSERT_EQ(::ftruncate(fd.get(), std::int64_t{1} << 40), 0);
  EXPECT_FALSE(elf::hash_content(fd.get(), "sparse", 1024 * 1024));
}

TEST(HashContent, NamesTheFileThatItCanNotRead) {
  const base::UniqueFd directory(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const auto hash = elf::hash_content(directory.get(), "the root", kPlenty);
  ASSERT_FALSE(hash);
  EXPECT_THAT(hash.error().message, testing::HasSubstr("read the root: Is a directory"));
}

}  // namespace
