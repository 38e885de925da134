// What tests of `state` share.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "memory/memory.h"
#include "state/layout.h"

namespace test {

// A memory of some ranges of bytes; everything else is not mapped.
class FakeMemory : public memory::Memory {
 public:
  void map(std::uint64_t address, std::vector<std::byte> bytes) {
    ranges_[address] = std::move(bytes);
  }

  // Maps zeroes.
  void map(std::uint64_t address, std::size_t size) { map(address, std::vector<std::byte>(size)); }

  template <typename Number>
  void put(std::uint64_t address, Number number) {
    put_bytes(address, &number, sizeof number);
  }

  void put_text(std::uint64_t address, const std::string& text) {
    put_bytes(address, text.data(), text.size());
  }

  // Reading fails from now on.
  void end() { ended_ = true; }

  base::Result<void> read(std::span<memory::Piece> pieces) override {
    calls.emplace_back();
    if (ended_) return base::fail("read the memory of nobody: it has ended");
    for (memory::Piece& piece : pieces) {
      calls.back().push_back({piece.address, piece.into.size()});
      is_aligned = is_aligned &&
                   (piece.address - reinterpret_cast<std::uintptr_t>(piece.into.data())) % 8 == 0;
      // What is not complete may hold anything.
      std::fill(piece.into.begin(), piece.into.end(), std::byte{0xee});
      const std::byte* const bytes = find(piece.address, piece.into.size());
      piece.complete = bytes != nullptr;
      if (bytes != nullptr) std::copy_n(bytes, piece.into.size(), piece.into.begin());
    }
    return {};
  }

  // Address and size of each piece, by call.
  std::vector<std::vector<std::pair<std::uint64_t, std::size_t>>> calls;
  bool is_aligned = true;  // every piece so far as it was over there

 private:
  std::byte* find(std::uint64_t address, std::size_t size) {
    auto range = ranges_.upper_bound(address);
    if (range == ranges_.begin()) return nullptr;
    --range;
    const std::uint64_t offset = address - range->first;
    if (offset > range->second.size() || size > range->second.size() - offset) return nullptr;
    return range->second.data() + offset;
  }

  void put_bytes(std::uint64_t address, const void* bytes, std::size_t size) {
    std::memcpy(find(address, size), bytes, size);
  }

  std::map<std::uint64_t, std::vector<std::byte>> ranges_;
  bool ended_ = false;
};

inline elf::Field number_field(std::string path, std::uint64_t address,
                               std::vector<std::uint64_t> offsets,
                               std::vector<elf::Repeat> repeats = {}, std::uint64_t size_bytes = 8,
                               elf::FieldKind kind = elf::FieldKind::kUnsigned) {
  return {std::move(path), address, std::move(offsets), std::move(repeats), size_bytes, kind};
}

inline elf::Field text_field(std::string path, std::uint64_t address,
                             std::vector<std::uint64_t> offsets, std::uint64_t size_bytes,
                             std::vector<elf::Repeat> repeats = {}) {
  return {std::move(path),    address,    std::move(offsets),
          std::move(repeats), size_bytes, elf::FieldKind::kText};
}

inline state::Layout layout_of(std::vector<elf::Field> fields) {
  return {"test", "", std::move(fields), {}};
}

}  // namespace test
