// The rows of call-frame information that a target's stacks have needed so far.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "elf/call_frames.h"
#include "elf/unwind_row.h"

namespace profile {

// Asks a file once for each row: making one takes ten times as long as a step with it. Bounded;
// what is past the limit makes it begin anew. One thread.
class RowCache {
 public:
  static constexpr std::size_t kMaxRows = 65'536;

  explicit RowCache(elf::CallFrames frames) : frames_(std::move(frames)) {}

  // Null: there is none. Valid until the next call.
  const elf::UnwindRow* row_at(std::uint64_t linked_address);

 private:
  elf::CallFrames frames_;
  std::map<std::uint64_t, elf::UnwindRow> rows_;  // by their begin
  std::set<std::uint64_t> without_;               // addresses that no row is for
};

}  // namespace profile
