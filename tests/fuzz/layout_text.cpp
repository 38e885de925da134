// Layout files: the operator's, and the cache's.
#include "state/layout_text.h"

#include <algorithm>

#include "fuzz/bytes.h"
#include "fuzz/require.h"
#include "state/known_layouts.h"
#include "state/read_plan.h"

namespace {

using fuzz::require;

constexpr std::uint64_t kMaxReach = 4 * 1024 * 1024;

bool are_same(const state::MissingField& a, const state::MissingField& b) {
  return a.path == b.path && a.reason == b.reason;
}

bool are_same(const state::Layout& a, const state::Layout& b) {
  return a.name == b.name && a.build_id == b.build_id && a.fields == b.fields &&
         std::equal(a.missing.begin(), a.missing.end(), b.missing.begin(), b.missing.end(),
                    [](const auto& one, const auto& other) { return are_same(one, other); });
}

void check_field(const elf::Field& field) {
  require(state::is_reasonable(field), "a field that is read is reasonable");
  require(!field.offsets.empty(), "a field has an offset");
  require(field.offsets.back() <= state::end_of(field), "a field ends behind its begin");
  require(field.size_bytes <= kMaxReach, "a field is no larger than it may reach");
}

// What a field's range is must hold all of it: the reader goes by that alone.
void check_plan(const std::vector<elf::Field>& fields) {
  const state::ReadPlan plan = state::make_read_plan(fields);
  require(plan.places.size() == fields.size(), "each field has a place");
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].kind == elf::FieldKind::kPlace) continue;
    const state::FieldPlace& place = plan.places[i];
    require(place.range < plan.ranges.size(), "a place is in a range");
    const state::ReadRange& range = plan.ranges[place.range];
    const std::uint64_t bytes = state::end_of(fields[i]) - fields[i].offsets.back();
    require(place.offset + bytes <= range.end - range.begin, "a field lies in its range");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto layout = state::parse_layout(fuzz::text_of(data, size));
  if (!layout) return 0;
  require(layout->fields.size() <= state::kMaxFields, "fields are limited");
  for (const elf::Field& field : layout->fields) check_field(field);
  check_plan(layout->fields);
  static_cast<void>(state::is_current(*layout));
  if (const auto reader = state::make_reader(*layout, 0x5555'5555'4000)) {
    static_cast<void>((*reader)->members());
  }
  const auto again = state::parse_layout(state::write_layout(*layout));
  require(again.has_value(), "a layout that is written is read");
  require(are_same(*again, *layout), "a layout that is written is read as it was");
  return 0;
}
