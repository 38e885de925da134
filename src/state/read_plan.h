// Which bytes to copy for a set of fields, level by level of the pointers that lead to them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "elf/field.h"

namespace state {

// Bytes that are copied in one piece: [begin, end) from the node's address.
struct ReadRange {
  std::size_t node = 0;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

// A place that offsets count from: the address 0 of the program as linked, or what a pointer in
// another node points to.
struct ReadNode {
  std::optional<std::size_t> parent;  // none: the program itself
  std::size_t parent_range = 0;       // the pointer stands in there,
  std::uint64_t pointer_offset = 0;   // this far from the parent's address
};

// Where a field's first byte is found once its range was copied.
struct FieldPlace {
  std::size_t range = 0;
  std::uint64_t offset = 0;  // from the begin of the range
};

// Neighbours share a range: copying the bytes between them costs less than another piece.
// Nodes come after their parents. `levels[i]` holds the ranges whose address is known after i
// reads.
struct ReadPlan {
  std::vector<ReadNode> nodes;
  std::vector<ReadRange> ranges;
  std::vector<std::vector<std::size_t>> levels;
  std::vector<FieldPlace> places;  // in the order of the fields; of a kPlace without meaning
};

// The plan for reasonable fields (layout.h).
ReadPlan make_read_plan(const std::vector<elf::Field>& fields);

}  // namespace state
