// Where a number stands in the memory of a program: what is left of a path once its build is known.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace elf {

enum class FieldKind {
  kUnsigned,  // bool and enumerations too
  kSigned,
  kReal,  // an IEEE 754 number of 4 or 8 bytes
  kPointer,
  kText,   // an array of char
  kPlace,  // nothing to read: where a function is, or how far a member is in its type
};

// An array that the field lies in, or is: `count` times, `stride` bytes apart.
struct Repeat {
  std::uint64_t stride = 0;
  std::uint64_t count = 0;

  friend bool operator==(const Repeat&, const Repeat&) = default;
};

// Begin at `address` as linked (add the load bias). For each offset but the last, add it and follow
// the pointer that stands there. Add the last, and for each array index x stride.
struct Field {
  std::string path;  // what it was resolved from
  std::uint64_t address = 0;
  std::vector<std::uint64_t> offsets;  // at least one
  std::vector<Repeat> repeats;         // outermost first
  std::uint64_t size_bytes = 0;
  FieldKind kind = FieldKind::kUnsigned;

  friend bool operator==(const Field&, const Field&) = default;
};

}  // namespace elf
