// A probe site in our own code, to be hit by ourselves, and its like that nobody attaches to.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace probe {

// What the registers of the contract's operands hold at the site, in the operands' order.
using SiteArguments = std::array<std::uint64_t, 12>;

// Reach their site once: code of the same bytes, in which whoever is attached makes the only
// difference. The sites are 1-byte nops as runtimes have them, but no USDT note tells of them, so
// that nobody takes this program for a runtime.
void reach_own_site(const SiteArguments& arguments);
void reach_bare_site(const SiteArguments& arguments);

// Where reach_own_site() has its site, in the file of this program and in memory.
struct OwnSite {
  base::UniqueFd executable;
  std::uint64_t file_offset = 0;
  const std::uint8_t* address = nullptr;
};

// Fails where the file is not this program's: what is attached there would hit something else.
base::Result<OwnSite> find_own_site();

}  // namespace probe
