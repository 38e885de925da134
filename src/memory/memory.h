// The memory of another process, as something to read many places of at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/result.h"

namespace memory {

// One run of bytes to be fetched: `into.size()` bytes from `address`.
struct Piece {
  std::uint64_t address = 0;
  std::span<std::byte> into;
  bool complete = false;  // set by Memory::read: all of it is here; if not, `into` holds anything
};

// Somebody's memory, which goes on changing while it is read. A copy is made in the order of the
// pieces, each from its begin to its end; a 64-bit word is one moment's if it is aligned there and
// `into` is aligned alike.
class Memory {
 public:
  virtual ~Memory() = default;

  // Fetches the pieces with as few calls as it can. A piece that can't be read is left out and
  // doesn't keep the others from being read. Fails when nothing can be read at all: the process has
  // ended, or it is not permitted.
  virtual base::Result<void> read(std::span<Piece> pieces) = 0;
};

}  // namespace memory
