// Memory of another process as small pieces that lie near each other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "memory/memory.h"

namespace state {

// Reads whole pages, each once: for structures that are followed from pointer to pointer. To be
// thrown away soon, since what it has grows old.
class PageCache {
 public:
  static constexpr std::size_t kPageBytes = 4'096;
  static constexpr std::size_t kMaxPages = 4'096;

  explicit PageCache(memory::Memory& memory) : memory_(memory) {}

  // 8 bytes at an aligned address; none: they can't be read, or too many pages were.
  std::optional<std::uint64_t> word(std::uint64_t address);

  // Whether this text and its NUL stand there.
  bool has_text(std::uint64_t address, std::string_view text);

 private:
  // Null: it can't be read.
  const std::vector<std::byte>* page(std::uint64_t number);
  std::optional<std::byte> byte(std::uint64_t address);

  memory::Memory& memory_;
  std::unordered_map<std::uint64_t, std::vector<std::byte>> pages_;  // empty: can't be read
};

}  // namespace state
