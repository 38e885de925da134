// The runtimes whose memory we can read: one line each.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "state/layout.h"
#include "state/lisp_functions.h"
#include "state/readings.h"

namespace state {

struct KnownLayout {
  std::string_view name;
  std::string_view mark;  // the variable by which a build of this runtime is recognised
  std::vector<std::string> (*paths)();
  std::unique_ptr<Reader> (*make_reader)(Layout layout, std::uint64_t load_bias);
  // What only stacks are read by, and not at each reading.
  std::vector<std::string> (*lisp_paths)();
  std::unique_ptr<LispFunctions> (*open_lisp_functions)(const Layout& layout,
                                                        std::uint64_t load_bias);
  // Null: stacks tell nothing by where it calls its functions.
  std::vector<elf::CallSite> (*find_calls)(const elf::DebugInformation& information) = nullptr;
  // The path of the use, in bytes, of a heap as the function that collects is given one. Null: this
  // runtime has no such function, or no such number.
  const char* collected_heap_use = nullptr;
};

std::span<const KnownLayout> known_layouts();

// Null: we know of no such runtime.
const KnownLayout* find_known_layout(std::string_view name);

// All that is looked for in a build of it.
std::vector<std::string> all_paths(const KnownLayout& known);

// Recognises the build and resolves its layout, but for the build id. Fails when it is no runtime
// that we know, and when none of its fields can be resolved: the true reason, and what to do.
base::Result<Layout> resolve_known_layout(const elf::DebugInformation& information);

// Whether the layout has an answer, found or missing, for every path that is asked for, and not
// only missing ones: one made by another version of the exporter may not.
bool is_current(const Layout& layout);

// How far from where a heap is it keeps its use in bytes: 8 bytes wide. None: it is not known.
std::optional<std::uint64_t> heap_use_offset(const Layout& layout);

// The reader for a layout. Fails when its name is unknown or when it claims too much memory.
base::Result<std::unique_ptr<Reader>> make_reader(Layout layout, std::uint64_t load_bias);

}  // namespace state
