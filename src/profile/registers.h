// The registers of a frame, as far as they are known.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>

#include "elf/unwind_row.h"

namespace profile {

// Numbered as DWARF does.
class Registers {
 public:
  std::optional<std::uint64_t> get(std::size_t number) const {
    if (number >= elf::kRegisters || !known_[number]) return std::nullopt;
    return values_[number];
  }
  void set(std::size_t number, std::uint64_t value) {
    values_.at(number) = value;
    known_.set(number);
  }

 private:
  std::array<std::uint64_t, elf::kRegisters> values_{};
  std::bitset<elf::kRegisters> known_;
};

}  // namespace profile
