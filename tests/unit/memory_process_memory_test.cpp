// This test's own memory, read as another process's would be.
#include "memory/process_memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <random>
#include <vector>

namespace {

constexpr std::size_t kPage = 4096;
constexpr std::uint64_t kNowhere = 0x1000;

// Four pages, of which the third can't be read. Each byte says where it stands.
class Pages {
 public:
  Pages()
      : start_(static_cast<unsigned char*>(::mmap(nullptr, 4 * kPage, PROT_READ | PROT_WRITE,
                                                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))) {
    for (std::size_t i = 0; i < 4 * kPage; ++i) start_[i] = expected(i);
    ::mprotect(start_ + 2 * kPage, kPage, PROT_NONE);
  }
  ~Pages() { ::munmap(start_, 4 * kPage); }
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;

  static unsigned char expected(std::size_t offset) {
    return static_cast<unsigned char>(offset % 251);
  }
  static bool is_readable(std::size_t offset, std::size_t size) {
    return size == 0 || offset + size <= 2 * kPage ||
           (offset >= 3 * kPage && offset + size <= 4 * kPage);
  }
  std::uint64_t at(std::size_t offset) const {
    return reinterpret_cast<std::uintptr_t>(start_) + offset;
  }

 private:
  unsigned char* start_;
};

struct Place {
  std::size_t offset = 0;
  std::size_t size = 0;
};

class ProcessMemory : public testing::Test {
 protected:
  // Reads the places and checks of each whether and how it came.
  void expect_read(const std::vector<Place>& places) {
    std::size_t bytes = 0;
    for (const Place& place : places) bytes += place.size;
    std::vector<std::byte> copy(bytes);
    std::vector<memory::Piece> pieces;
    std::size_t used = 0;
    for (const Place& place : places) {
      pieces.push_back({pages_.at(place.offset), std::span(copy).subspan(used, place.size)});
      used += place.size;
    }
    const auto read = memory_.read(pieces);
    ASSERT_TRUE(read) << read.error().message;
    for (std::size_t i = 0; i < places.size(); ++i) {
      const auto [offset, size] = places[i];
      EXPECT_EQ(pieces[i].complete, Pages::is_readable(offset, size)) << "piece " << i;
      if (!pieces[i].complete) continue;
      for (std::size_t k = 0; k < size; ++k) {
        ASSERT_EQ(std::to_integer<unsigned char>(pieces[i].into[k]), Pages::expected(offset + k));
      }
    }
  }

  const Pages pages_;
  memory::ProcessMemory memory_{"/proc/self", ::getpid()};
};

TEST_F(ProcessMemory, ReadsManyPlacesInOneCall) {
  expect_read({{0, 8}, {kPage - 4, 8}, {3 * kPage, kPage}, {17, 1}});
  EXPECT_EQ(memory_.calls(), 1u);
}

TEST_F(ProcessMemory, LeavesOutWhatIsNotReadableWhereverItStands) {
  const Place good{100, 50};
  const Place bad{2 * kPage + 8, 8};
  for (const auto& places : {std::vector{bad},
                             {bad, good},
                             {good, bad},
                             {good, bad, good},
                             {bad, bad, good, good},
                             {good, bad, bad, good},
                             {good, good, bad, bad},
                             {bad, good, bad, good, bad}}) {
    expect_read(places);
  }
}

TEST_F(ProcessMemory, LeavesOutWhatIsReadableOnlyInPart) {
  const Place good{0, 32};
  for (const Place half : {Place{2 * kPage - 4, 8}, Place{2 * kPage - 1, 2},
                           Place{kPage, 2 * kPage}, Place{3 * kPage - 1, 8}}) {
    expect_read({half, good});
    expect_read({good, half, good});
    expect_read({good, half});
  }
}

TEST_F(ProcessMemory, TakesPiecesOfNoBytes) {
  expect_read({{0, 0}, {8, 8}, {8, 0}});
  expect_read({{16, 0}});
  EXPECT_TRUE(memory_.read({}));
}

TEST_F(ProcessMemory, MakesOneMoreCallForEachPieceThatItLeavesOut) {
  const Place good{0, 8};
  const Place bad{2 * kPage, 8};
  expect_read({good, bad, good, bad, good});
  EXPECT_EQ(memory_.calls(), 3u);
  EXPECT_TRUE(memory_.read({}));
  EXPECT_EQ(memory_.calls(), 3u);
}

TEST_F(ProcessMemory, ReadsMorePiecesThanTheKernelTakesAtOnce) {
  for (const std::size_t count : {1023u, 1024u, 1025u, 5000u}) {
    std::vector<Place> places;
    for (std::size_t i = 0; i < count; ++i) places.push_back({i, 3});
    const auto before = memory_.calls();
    expect_read(places);
    EXPECT_EQ(memory_.calls() - before, (count + 1023) / 1024);
    places[count / 2] = places.front() = places.back() = {2 * kPage, 8};
    expect_read(places);
  }
}

TEST_F(ProcessMemory, ReadsAnyMixture) {
  std::mt19937 random(1);
  for (int round = 0; round < 500; ++round) {
    std::vector<Place> places(random() % 40);
    for (Place& place : places) {
      place.offset = random() % (4 * kPage);
      place.size = random() % std::min<std::size_t>(4 * kPage - place.offset, 200);
    }
    expect_read(places);
  }
}

TEST_F(ProcessMemory, LeavesOutAddressesThatNobodyHas) {
  std::array<std::byte, 16> bytes{};
  for (const std::uint64_t address :
       {std::uint64_t{0}, kNowhere, ~std::uint64_t{0}, ~std::uint64_t{0} - 7,
        std::uint64_t{1} << 63, std::uint64_t{0xffff'8000'0000'0000}}) {
    std::array pieces{memory::Piece{address, std::span(bytes).first(8)},
                      memory::Piece{pages_.at(0), std::span(bytes).last(8)}};
    ASSERT_TRUE(memory_.read(pieces)) << address;
    EXPECT_FALSE(pieces[0].complete) << address;
    EXPECT_TRUE(pieces[1].complete) << address;
  }
}

TEST_F(ProcessMemory, ForgetsWhatWasCompleteBefore) {
  std::array<std::byte, 8> bytes{};
  std::array pieces{memory::Piece{kNowhere, bytes, true}};
  ASSERT_TRUE(memory_.read(pieces));
  EXPECT_FALSE(pieces[0].complete);
}

TEST_F(ProcessMemory, FailsForAProcessThatDoesNotExist) {
  memory::ProcessMemory nobody("/proc/none", 1 << 30);
  std::array<std::byte, 8> bytes{};
  std::array pieces{memory::Piece{pages_.at(0), bytes}};
  const auto read = nobody.read(pieces);
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, testing::AllOf(testing::HasSubstr("pid 1073741824"),
                                                   testing::HasSubstr("(the process has ended)")));
  EXPECT_FALSE(pieces[0].complete);
  EXPECT_EQ(nobody.calls(), 1u);
}

}  // namespace
