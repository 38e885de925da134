// Paths to fields, which layout files may hold, too.
#include "elf/field_path.h"

#include "fuzz/bytes.h"
#include "fuzz/require.h"

namespace {

using elf::PathStep;
using fuzz::require;

std::string text_of(const PathStep& step) {
  switch (step.kind) {
    case PathStep::Kind::kMember:
      return "." + step.name;
    case PathStep::Kind::kArrow:
      return "->" + step.name;
    case PathStep::Kind::kIndex:
      return "[" + std::to_string(step.index) + "]";
    case PathStep::Kind::kEach:
      return "[]";
    case PathStep::Kind::kCast:
      return "{" + step.name + "}";
  }
  return {};
}

std::string text_of(const elf::FieldPath& path) {
  std::string text = path.name;
  if (path.root == elf::FieldPath::Root::kFunction) text = "&" + text;
  if (path.root == elf::FieldPath::Root::kType) text = "@" + text;
  for (const PathStep& step : path.steps) text += text_of(step);
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  const auto path = elf::parse_field_path(text);
  if (!path) {
    require(!path.error().message.empty(), "who fails says why");
    return 0;
  }
  require(path->steps.size() <= 32, "steps are limited");
  require(!path->name.empty(), "a path has a root");
  const std::string written = text_of(*path);
  const auto again = elf::parse_field_path(written);
  require(again.has_value(), "a path that is written is read");
  require(text_of(*again) == written, "a path that is written is read as it was");
  // Only leading zeroes of an index can be written otherwise.
  require(written.size() <= text.size(), "a path is no longer than its text");
  require(written == text || text.find("[0") != std::string_view::npos, "a path is its text");
  return 0;
}
