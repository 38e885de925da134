#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "memory/remote_read.h"

namespace {

constexpr std::size_t kPage = 4096;

std::uint64_t address_of(const volatile void* object) {
  return reinterpret_cast<std::uintptr_t>(object);
}

// Two pages, of which the second can't be read.
class HalfReadable {
 public:
  HalfReadable()
      : start_(static_cast<char*>(::mmap(nullptr, 2 * kPage, PROT_READ | PROT_WRITE,
                                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))) {
    ::mprotect(start_ + kPage, kPage, PROT_NONE);
  }
  ~HalfReadable() { ::munmap(start_, 2 * kPage); }
  HalfReadable(const HalfReadable&) = delete;
  HalfReadable& operator=(const HalfReadable&) = delete;

  char* end() const { return start_ + kPage; }

 private:
  char* start_;
};

TEST(ReadBytes, ReadsWhatStandsThere) {
  const std::string text = "what stands there";
  std::array<std::byte, 17> bytes{};
  ASSERT_TRUE(memory::read_bytes(::getpid(), address_of(text.data()), bytes));
  EXPECT_EQ(std::memcmp(bytes.data(), text.data(), bytes.size()), 0);
}

TEST(ReadBytes, FailsWhereOnlyAPartCanBeRead) {
  const HalfReadable memory;
  std::array<std::byte, 16> bytes{};
  EXPECT_TRUE(memory::read_bytes(::getpid(), address_of(memory.end() - 16), bytes));
  const auto read = memory::read_bytes(::getpid(), address_of(memory.end() - 8), bytes);
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message.find("nothing is mapped there"), std::string::npos)
      << read.error().message;
}

TEST(ReadBytes, FailsAtTheEdgesOfTheAddressSpace) {
  std::array<std::byte, 16> bytes{};
  for (const std::uint64_t address :
       {std::uint64_t{0}, ~std::uint64_t{0}, ~std::uint64_t{0} - 8, std::uint64_t{1} << 63}) {
    EXPECT_FALSE(memory::read_bytes(::getpid(), address, bytes)) << address;
  }
}

TEST(ReadUint16, ReadsANumberAcrossAWordBoundary) {
  const std::array<unsigned char, 10> bytes{0, 0, 0, 0, 0, 0, 0, 0x34, 0x12, 0};
  EXPECT_EQ(memory::read_uint16(::getpid(), address_of(bytes.data() + 7)), 0x1234);
}

TEST(ReadUint16, FailsForAProcessThatDoesNotExist) {
  const auto value = memory::read_uint16(1 << 30, 0x1000);
  ASSERT_FALSE(value);
  EXPECT_NE(value.error().message.find("pid 1073741824"), std::string::npos);
  EXPECT_NE(value.error().message.find("has ended"), std::string::npos);
}

}  // namespace
