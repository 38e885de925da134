#include "state/libuv_fields.h"

#include <algorithm>
#include <array>
#include <optional>

#include "elf/libuv.h"

namespace state {
namespace {

constexpr std::string_view kCast = "{uv__loop_internal_fields_t}->loop_metrics.";

struct Member {
  std::string_view name;
  std::uint64_t offset;
};
constexpr std::array kMembers{
    Member{"metrics.loop_count", elf::LibuvLoopMetrics::kLoopCount},
    Member{"metrics.events", elf::LibuvLoopMetrics::kEvents},
    Member{"provider_entry_time", elf::LibuvLoopMetrics::kEntryTime},
    Member{"provider_idle_time", elf::LibuvLoopMetrics::kIdleTime},
};

// The field of a missing path, if it is one of libuv's and the pointer before it is known.
std::optional<elf::Field> field_for(const Layout& layout, const std::string& path) {
  const std::size_t cast = path.find(kCast);
  if (cast == std::string::npos) return std::nullopt;
  const elf::Field* const pointer = layout.find(path.substr(0, cast));
  const std::string_view name = std::string_view(path).substr(cast + kCast.size());
  const auto* const member = std::find_if(kMembers.begin(), kMembers.end(),
                                          [&](const Member& known) { return known.name == name; });
  if (pointer == nullptr || pointer->kind != elf::FieldKind::kPointer || member == kMembers.end()) {
    return std::nullopt;
  }
  elf::Field field = *pointer;
  field.path = path;
  field.offsets.push_back(member->offset);
  field.size_bytes = sizeof(std::uint64_t);
  field.kind = elf::FieldKind::kUnsigned;
  return field;
}

}  // namespace

bool lacks_libuv_fields(const Layout& layout) {
  return std::any_of(
      layout.missing.begin(), layout.missing.end(),
      [&](const MissingField& missing) { return field_for(layout, missing.path).has_value(); });
}

void add_libuv_fields(Layout& layout) {
  std::erase_if(layout.missing, [&](const MissingField& missing) {
    auto field = field_for(layout, missing.path);
    if (field) layout.fields.push_back(std::move(*field));
    return field.has_value();
  });
}

}  // namespace state
