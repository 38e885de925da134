// A place in a program where a probe is attached.
#pragma once

#include <cstdint>

#include "probe/contract.h"

namespace probe {

// Whether a handler runs where control arrives, or, of the function that begins there, when it
// returns.
enum class At { kEntry, kReturn };

// A site of the contract, or the begin of a probed function. Offsets are in the file, addresses as
// linked; of a semaphore 0: it has none.
struct Site {
  const ProbeSpec* probe;  // whose part it takes: it has a group, a hit slot and a handler
  valk_handler handler;
  At at = At::kEntry;
  std::uint64_t file_offset = 0;
  std::uint64_t address = 0;
  std::uint64_t semaphore_file_offset = 0;
  std::uint64_t semaphore_address = 0;
};

}  // namespace probe
