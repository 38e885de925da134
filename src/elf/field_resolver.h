// Paths to places: what debug information is read for.
#pragma once

#include <string_view>

#include "base/result.h"
#include "elf/debug_information.h"
#include "elf/field.h"

namespace elf {

// Resolves a path such as `runtime.systems[].name` (field_path.h) in this build. Each `[]` needs an
// array of known length and becomes a Repeat of the result; it can't stand before a pointer that is
// followed. An index on a pointer follows it, as in C. The path must end at a number of at most 8
// bytes, a pointer or an array of char.
// Fails with the step that is wrong: no such member, a bit-field, an index past the end, an
// incomplete type, a variable without a fixed address.
base::Result<Field> resolve_field(const DebugInformation& debug, std::string_view path);

}  // namespace elf
