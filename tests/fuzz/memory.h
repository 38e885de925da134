// Memories of a target that is not there.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "memory/memory.h"

namespace fuzz {

// Long runs of zeroes take three bytes: [zeroes: 2][size: 1][bytes: size], again and again. What
// comes behind the end is zeroes.
class SparseStream {
 public:
  explicit SparseStream(std::string_view encoded) : encoded_(encoded) {}

  void take(std::span<std::byte> into) {
    std::fill(into.begin(), into.end(), std::byte{0});
    while (!into.empty() && (zeroes_ > 0 || !literal_.empty() || next_run())) {
      const std::size_t skipped = std::min(zeroes_, into.size());
      zeroes_ -= skipped;
      into = into.subspan(skipped);
      const std::size_t copied = std::min(literal_.size(), into.size());
      if (copied > 0) std::memcpy(into.data(), literal_.data(), copied);
      literal_.remove_prefix(copied);
      into = into.subspan(copied);
    }
  }

 private:
  bool next_run() {
    constexpr std::size_t kHeadBytes = 3;
    if (encoded_.size() < kHeadBytes) return false;
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(encoded_[i]); };
    zeroes_ = byte(0) | std::size_t{byte(1)} << 8;
    literal_ = encoded_.substr(kHeadBytes, byte(2));
    encoded_.remove_prefix(kHeadBytes + literal_.size());
    return true;
  }

  std::string_view encoded_;
  std::size_t zeroes_ = 0;
  std::string_view literal_;
};

// What is read comes from the input in the order of reading, whatever the addresses are: memory
// that changes as it likes. One piece can't be read, and one call fails; 0: none does.
class StreamMemory : public memory::Memory {
 public:
  StreamMemory(std::string_view encoded, std::size_t bad_piece, std::size_t bad_call)
      : stream_(encoded), bad_piece_(bad_piece), bad_call_(bad_call) {}

  base::Result<void> read(std::span<memory::Piece> pieces) override {
    if (++calls_ == bad_call_) return base::fail("read the memory of nobody: it has ended");
    for (memory::Piece& piece : pieces) {
      stream_.take(piece.into);
      piece.complete = ++pieces_ != bad_piece_;
    }
    return {};
  }

 private:
  SparseStream stream_;
  std::size_t bad_piece_;
  std::size_t bad_call_;
  std::size_t pieces_ = 0;
  std::size_t calls_ = 0;
};

// Memory that stays as it is, with something at every address: the arena, again and again. A page
// of every `missing_pages` is not there; 0: all are.
class ArenaMemory : public memory::Memory {
 public:
  ArenaMemory(std::string arena, std::uint64_t missing_pages)
      : arena_(std::move(arena)), missing_pages_(missing_pages) {}

  bool is_there(std::uint64_t address, std::size_t size) const {
    if (missing_pages_ == 0 || size == 0) return true;
    // Addresses may go past 2^64.
    const std::uint64_t pages = (address % kPageBytes + size + kPageBytes - 1) / kPageBytes;
    for (std::uint64_t i = 0; i < pages; ++i) {
      if ((address + i * kPageBytes) / kPageBytes % missing_pages_ == 0) return false;
    }
    return true;
  }

  void copy(std::uint64_t address, std::span<std::byte> into) const {
    for (std::size_t i = 0; i < into.size(); ++i) {
      into[i] = std::byte(arena_.empty() ? 0 : arena_[(address + i) % arena_.size()]);
    }
  }

  base::Result<void> read(std::span<memory::Piece> pieces) override {
    for (memory::Piece& piece : pieces) {
      piece.complete = is_there(piece.address, piece.into.size());
      copy(piece.address, piece.into);
    }
    return {};
  }

 private:
  static constexpr std::uint64_t kPageBytes = 4096;

  std::string arena_;
  std::uint64_t missing_pages_;
};

}  // namespace fuzz
