// The text by which a number in a program's memory is named.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace elf {

// One step from a variable towards the field that is meant.
struct PathStep {
  enum class Kind {
    kMember,  // .name
    kArrow,   // ->name
    kIndex,   // [3]
    kEach,    // []: every element of an array
    kCast,    // {name}: what a pointer points to, where its own type doesn't say
  };
  Kind kind = Kind::kMember;
  std::string name;         // of a member, or of a type
  std::uint64_t index = 0;  // of an element
};

// `runtime.systems[].name` begins at the variable `runtime`. `&on_close` is where a function is,
// and
// `@connection.state` how far a member is in whatever has this type.
struct FieldPath {
  enum class Root { kVariable, kFunction, kType };
  Root root = Root::kVariable;
  std::string name;  // of the root
  std::vector<PathStep> steps;
};

// Parses such a text, as C would write it: `heap->counters.pause[3]`, but for
// `loop->data{type}->a`, which takes the pointer for one to that type. Any bytes; at most 32 steps.
base::Result<FieldPath> parse_field_path(std::string_view text);

}  // namespace elf
