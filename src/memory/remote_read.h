// Bytes of another process. Nothing in it stops, and nothing is written to it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/result.h"

namespace memory {

// Fills `into` with what stands at `address` in the process. Fails unless every byte could be read;
// `into` then holds anything. The process writes on meanwhile: only an aligned word is one
// moment's.
base::Result<void> read_bytes(int pid, std::uint64_t address, std::span<std::byte> into);

// The 16-bit number at `address`, such as a probe's semaphore.
base::Result<std::uint16_t> read_uint16(int pid, std::uint64_t address);

}  // namespace memory
