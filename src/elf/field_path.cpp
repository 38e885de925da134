#include "elf/field_path.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <utility>

namespace elf {
namespace {

using base::fail;
using base::Result;

constexpr std::size_t kMaxSteps = 32;

bool is_name_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool skip(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// Empty: there is none.
std::string take_name(std::string_view& text) {
  if (!text.empty() && std::isdigit(static_cast<unsigned char>(text.front())) != 0) return {};
  const auto* const end = std::find_if_not(text.begin(), text.end(), is_name_char);
  std::string name(text.begin(), end);
  text.remove_prefix(name.size());
  return name;
}

std::optional<PathStep> take_step(std::string_view& text) {
  PathStep step;
  if (skip(text, "[]")) {
    step.kind = PathStep::Kind::kEach;
    return step;
  }
  if (skip(text, "[")) {
    step.kind = PathStep::Kind::kIndex;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), step.index, 10);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (error != std::errc{} || !skip(text, "]")) return std::nullopt;
    return step;
  }
  if (skip(text, "{")) {
    step.kind = PathStep::Kind::kCast;
    step.name = take_name(text);
    if (step.name.empty() || !skip(text, "}")) return std::nullopt;
    return step;
  }
  if (skip(text, "->")) {
    step.kind = PathStep::Kind::kArrow;
  } else if (!skip(text, ".")) {
    return std::nullopt;
  }
  step.name = take_name(text);
  if (step.name.empty()) return std::nullopt;
  return step;
}

}  // namespace

Result<FieldPath> parse_field_path(std::string_view text) {
  const std::string_view whole = text;
  FieldPath path;
  if (skip(text, "&")) {
    path.root = FieldPath::Root::kFunction;
  } else if (skip(text, "@")) {
    path.root = FieldPath::Root::kType;
  }
  path.name = take_name(text);
  if (path.name.empty()) return fail("parse path \"{}\": it begins with no variable", whole);
  if (path.root == FieldPath::Root::kFunction && !text.empty()) {
    return fail("parse path \"{}\": a function has no fields", whole);
  }
  while (!text.empty()) {
    const std::size_t place = whole.size() - text.size();
    if (path.steps.size() == kMaxSteps) {
      return fail("parse path \"{}\": more than {} steps", whole, kMaxSteps);
    }
    auto step = take_step(text);
    if (!step) return fail("parse path \"{}\": no step at character {}", whole, place);
    path.steps.push_back(std::move(*step));
  }
  return path;
}

}  // namespace elf
