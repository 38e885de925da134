// Texts behind pointers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>

#include "base/result.h"
#include "memory/memory.h"

namespace state {

// Remembers each text by its pointer, for runtimes that intern their names: a text that was found
// once is never read again. One thread at a time.
class TextCache {
 public:
  // A text of so many bytes may be longer over there.
  static constexpr std::size_t kMaxBytes = 127;

  // Reads what is not known yet: at most kMaxBytes each, and at most 10,000 texts in all. What
  // can't be read stays unknown and is tried again. Fails when nothing at all can be read.
  base::Result<void> read(memory::Memory& memory, std::span<const std::uint64_t> pointers);

  // The text at a pointer, up to its NUL: any bytes.
  std::optional<std::string> find(std::uint64_t pointer) const;

 private:
  std::unordered_map<std::uint64_t, std::string> texts_;
};

}  // namespace state
