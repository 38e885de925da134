// Which function an address is in, by the symbols of a file.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "elf/elf_file.h"

namespace elf {

// The functions of .symtab and .dynsym, by address. Names live as long as the files that they were
// read from. Everything in those is untrusted.
class FunctionTable {
 public:
  // Honest files have some ten thousands.
  static constexpr std::size_t kMaxFunctions = 1'000'000;
  static constexpr std::size_t kMaxNameBytes = 4'096;

  FunctionTable() = default;
  // `debug`: the separate debug file of the same build, which has the .symtab that `file` has lost;
  // null: none.
  FunctionTable(const ElfFile& file, const ElfFile* debug);

  struct Found {
    std::string_view name;
    std::uint64_t begin = 0;
  };
  // The function at an address as linked. One without a size reaches to the next one.
  std::optional<Found> find(std::uint64_t address) const;

 private:
  struct Entry {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;  // as `begin` where no size is known
    std::string_view name;
    int rank = 0;  // which name of several at one address is shown: the lowest
  };

  void add(const ElfFile& file);

  std::vector<Entry> entries_;
};

}  // namespace elf
