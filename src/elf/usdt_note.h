// Parsing of .note.stapsdt, the section in which <sys/sdt.h> describes a binary's USDT probes.
//
// Format: https://sourceware.org/systemtap/wiki/UserSpaceProbeImplementation
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace elf {

// One probe site, as the note tells it. Addresses are as linked, before any relocation.
struct UsdtNote {
  std::string provider;
  std::string name;
  std::uint64_t site_address = 0;
  std::uint64_t base_address = 0;       // of .stapsdt.base when linked; differs after prelink
  std::uint64_t semaphore_address = 0;  // 0: the probe has none
  std::vector<std::string> operands;    // such as "8@%rdi"
};

// At most this many notes, of whatever kind, are read from one file.
inline constexpr std::size_t kMaxUsdtNotes = 10'000;

// Parses the section's bytes: any bytes. Notes of other kinds are skipped; a broken note, or more
// than kMaxUsdtNotes of them, fails.
base::Result<std::vector<UsdtNote>> parse_usdt_notes(std::string_view section);

}  // namespace elf
