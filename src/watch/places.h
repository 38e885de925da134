// Who gets a place where there are fewer than would be watched.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace watch {

// One process that has a place, or would like one.
struct Claim {
  int pid = 0;
  std::uint64_t start_ticks = 0;  // with the pid, it is this process and no later one
  std::uint32_t uid = 0;          // who started it
  bool is_privileged = false;     // root's, or of a unit that the operator has named
  std::uint64_t order = 0;        // who came first has the lowest
};

struct Sharing {
  std::vector<int> admitted;  // of those who wait: they get a free place now, in this order
  std::vector<int> evicted;   // of those who have one: they give it up, and wait from now on
};

// Shares `places` among those who hold one and those who wait; `leaving` of the places are about to
// be free, and are kept for who is next. Pure.
//
// Privileged processes come first, and take the place of an ordinary one where none is free; they
// never lose theirs. The ordinary ones share what is left by user: whose user has the fewest comes
// first, and takes a place of the user who has the most, as long as that one still has no fewer
// afterwards. So nobody shuts others out with however many processes, and nobody loses a place only
// to get it back. Of a user's processes the one that came last gives its place up.
Sharing share_places(std::span<const Claim> held, std::span<const Claim> waiting,
                     std::size_t places, std::size_t leaving);

}  // namespace watch
