#include "watch/planting.h"

#include <array>
#include <cstddef>
#include <cstring>
#include <vector>

namespace watch {
namespace {

constexpr std::byte kBreakpoint{0xCC};

struct SiteBytes {
  std::array<std::byte, 1> instruction{};
  std::array<std::byte, 2> semaphore{};
};

bool is_raised(const std::array<std::byte, 2>& semaphore) {
  std::uint16_t count = 0;
  std::memcpy(&count, semaphore.data(), sizeof count);
  return count > 0;
}

}  // namespace

probe::ProbeSet find_unplanted(memory::Memory& memory, std::uint64_t load_bias,
                               std::span<const probe::Site> sites, Look look) {
  std::vector<SiteBytes> bytes(sites.size());
  std::vector<memory::Piece> pieces;
  for (std::size_t i = 0; i < sites.size(); ++i) {
    const probe::Site& site = sites[i];
    pieces.push_back({site.address + load_bias, bytes[i].instruction});
    const bool has_semaphore = site.semaphore_address != 0;
    pieces.push_back(
        {(has_semaphore ? site.semaphore_address : site.address) + load_bias, bytes[i].semaphore});
  }
  probe::ProbeSet unplanted;
  if (!memory.read(pieces)) return unplanted;
  for (std::size_t i = 0; i < sites.size(); ++i) {
    const bool is_there = pieces[2 * i].complete && bytes[i].instruction.front() == kBreakpoint;
    const bool is_on = look == Look::kBreakpoints || sites[i].semaphore_address == 0 ||
                       (pieces[2 * i + 1].complete && is_raised(bytes[i].semaphore));
    if (!is_there || !is_on) unplanted.set(*sites[i].probe->hit_slot);
  }
  return unplanted;
}

}  // namespace watch
