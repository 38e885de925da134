#include "state/known_layouts.h"

#include <algorithm>
#include <array>
#include <utility>

#include "state/read_plan.h"
#include "state/runtimes/minivalk.h"
#include "state/runtimes/minivalk_lisp.h"
#include "state/runtimes/valkyria_2025_12.h"
#include "state/runtimes/valkyria_2025_12_lisp.h"
#include "state/runtimes/valkyria_2026_02.h"
#include "state/runtimes/valkyria_2026_02_lisp.h"

namespace state {
namespace {

using base::fail;
using base::Result;

constexpr std::array kKnown{
    KnownLayout{"minivalk", "minivalk_runtime", minivalk_paths, make_minivalk_reader,
                minivalk_lisp_paths, open_minivalk_lisp_functions},
    KnownLayout{"valkyria_2025_12", "g_valk_metrics", valkyria_2025_12_paths,
                make_valkyria_2025_12_reader, valkyria_2025_12_lisp_paths,
                open_valkyria_2025_12_lisp_functions, find_valkyria_2025_12_calls,
                kValkyria202512HeapUse},
    KnownLayout{"valkyria_2026_02", "valk_sys", valkyria_2026_02_paths,
                make_valkyria_2026_02_reader, valkyria_2026_02_lisp_paths,
                open_valkyria_2026_02_lisp_functions},
};

// Far more than any layout has; what a copy of it takes.
constexpr std::uint64_t kMaxCopyBytes = 16 * 1024 * 1024;

// What the reader has no use for would be read by it all the same.
void drop_lisp_parts(Layout& layout, const KnownLayout& known) {
  std::vector<std::string> paths = known.lisp_paths();
  const std::vector<std::string> read = known.paths();
  std::erase_if(paths, [&](const std::string& path) {
    return std::find(read.begin(), read.end(), path) != read.end();
  });
  layout.call_sites.clear();
  std::erase_if(layout.fields, [&](const elf::Field& field) {
    return std::find(paths.begin(), paths.end(), field.path) != paths.end();
  });
}

bool claims_too_much(const Layout& layout) {
  std::uint64_t bytes = 0;
  for (const ReadRange& range : make_read_plan(layout.fields).ranges) {
    bytes += range.end - range.begin;
  }
  return bytes > kMaxCopyBytes;
}

}  // namespace

std::span<const KnownLayout> known_layouts() {
  return kKnown;
}

const KnownLayout* find_known_layout(std::string_view name) {
  const auto* const found = std::find_if(
      kKnown.begin(), kKnown.end(), [&](const KnownLayout& known) { return known.name == name; });
  return found == kKnown.end() ? nullptr : found;
}

std::vector<std::string> all_paths(const KnownLayout& known) {
  std::vector<std::string> paths = known.paths();
  for (std::string& path : known.lisp_paths()) {
    if (std::find(paths.begin(), paths.end(), path) == paths.end()) {
      paths.push_back(std::move(path));
    }
  }
  return paths;
}

Result<Layout> resolve_known_layout(const elf::DebugInformation& information) {
  const auto gap = information.gap();
  for (const KnownLayout& known : kKnown) {
    if (!information.has_variable(known.mark)) continue;
    Layout layout = resolve_layout(information, known.name, all_paths(known));
    if (known.find_calls != nullptr) layout.call_sites = known.find_calls(information);
    if (!layout.fields.empty()) return layout;
    if (gap) return fail("{}", *gap);
    return fail("none of the {} numbers that we read of {} is in its debug information ({})",
                layout.missing.size(), known.name, layout.missing.at(0).reason);
  }
  if (gap) return fail("{}", *gap);
  return fail(
      "it is no runtime whose memory we can read (it has none of the variables that mark one)");
}

bool is_current(const Layout& layout) {
  const KnownLayout* const known = find_known_layout(layout.name);
  if (known == nullptr || layout.fields.empty()) return false;
  const std::vector<std::string> paths = all_paths(*known);
  return std::all_of(paths.begin(), paths.end(), [&](const std::string& path) {
    return layout.find(path) != nullptr ||
           std::any_of(layout.missing.begin(), layout.missing.end(),
                       [&](const MissingField& missing) { return missing.path == path; });
  });
}

std::optional<std::uint64_t> heap_use_offset(const Layout& layout) {
  const KnownLayout* const known = find_known_layout(layout.name);
  if (known == nullptr || known->collected_heap_use == nullptr) return std::nullopt;
  const elf::Field* const field = layout.find(known->collected_heap_use);
  const bool is_member_of_pointed = field != nullptr && field->offsets.size() == 2 &&
                                    field->repeats.empty() && field->size_bytes == 8;
  return is_member_of_pointed ? std::optional(field->offsets.back()) : std::nullopt;
}

Result<std::unique_ptr<Reader>> make_reader(Layout layout, std::uint64_t load_bias) {
  const KnownLayout* const known = find_known_layout(layout.name);
  if (known == nullptr)
    return fail("layout \"{}\" is of a runtime that we don't know", layout.name);
  drop_lisp_parts(layout, *known);
  if (claims_too_much(layout)) {
    return fail("layout \"{}\" has more than {} bytes to read", layout.name, kMaxCopyBytes);
  }
  return known->make_reader(std::move(layout), load_bias);
}

}  // namespace state
