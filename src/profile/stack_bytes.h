// The copy of a thread's stack that came with a sample.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

namespace profile {

// Bytes from an address on, which the target may have filled with anything.
class StackBytes {
 public:
  StackBytes(std::uint64_t address, std::span<const std::byte> bytes)
      : address_(address), bytes_(bytes) {}

  std::optional<std::uint64_t> word_at(std::uint64_t address) const {
    // By subtraction: a hostile address plus something may begin anew at 0.
    const std::uint64_t offset = address - address_;
    if (address < address_ || bytes_.size() < sizeof(std::uint64_t) ||
        offset > bytes_.size() - sizeof(std::uint64_t)) {
      return std::nullopt;
    }
    std::uint64_t word = 0;
    std::memcpy(&word, bytes_.data() + offset, sizeof(word));
    return word;
  }
  // Whether an address lies above what was copied, as the rest of a deep stack does.
  bool is_above(std::uint64_t address) const {
    return address >= address_ && address - address_ >= bytes_.size();
  }

 private:
  std::uint64_t address_;
  std::span<const std::byte> bytes_;
};

}  // namespace profile
