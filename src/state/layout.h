// Where a build of a runtime keeps what we read.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "elf/call_sites.h"
#include "elf/debug_information.h"
#include "elf/field.h"

namespace state {

// A path that this build doesn't have, and why.
struct MissingField {
  std::string path;
  std::string reason;
};

// The fields of one build, under the name of the reader that understands them. Made from debug
// information once, then kept: in the cache, or in a file for a stripped binary of the same build.
struct Layout {
  std::string name;      // as in known_layouts.h
  std::string build_id;  // empty: the build has none
  std::vector<elf::Field> fields;
  std::vector<MissingField> missing;
  // Where it calls and evaluates the functions of Lisp, if stacks tell them by that.
  std::vector<elf::CallSite> call_sites = {};

  // The field that was resolved from this path, if there is one.
  const elf::Field* find(std::string_view path) const;
};

// No honest layout has more, and a larger file is not read.
inline constexpr std::size_t kMaxFields = 1'000;
inline constexpr std::size_t kMaxLayoutBytes = 1024 * 1024;

// Resolves each of `paths`. A path that can't be resolved is missing, and no failure.
Layout resolve_layout(const elf::DebugInformation& information, std::string_view name,
                      const std::vector<std::string>& paths);

// Whether a call site may be looked for, by the same measure.
bool is_reasonable(const elf::CallSite& site);

// Whether a field is one that may be read: its sizes, counts and offsets are those of an honest
// program. Debug information and layout files can claim anything.
bool is_reasonable(const elf::Field& field);

// How far a field reaches from its last pointer, in bytes: reasonable fields at most 4 MiB.
std::uint64_t end_of(const elf::Field& field);

}  // namespace state
