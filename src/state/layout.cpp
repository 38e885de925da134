#include "state/layout.h"

#include <algorithm>

#include "elf/field_resolver.h"

namespace state {
namespace {

constexpr std::size_t kMaxPointers = 8;
constexpr std::size_t kMaxRepeats = 4;
constexpr std::uint64_t kMaxElements = 1'024;  // of an array; each becomes a series
constexpr std::uint64_t kMaxReach = 4 * 1024 * 1024;
constexpr std::uint64_t kMaxTextBytes = 4096;
constexpr std::size_t kMaxOperations = 64;  // of an expression
// Where user space ends. Also: no place that counts from an address below it passes 2^64.
constexpr std::uint64_t kEndOfAddresses = std::uint64_t{1} << 47;

bool has_reasonable_size(const elf::Field& field) {
  switch (field.kind) {
    case elf::FieldKind::kUnsigned:
    case elf::FieldKind::kSigned:
      return field.size_bytes == 1 || field.size_bytes == 2 || field.size_bytes == 4 ||
             field.size_bytes == 8;
    case elf::FieldKind::kReal:
      return field.size_bytes == 4 || field.size_bytes == 8;
    case elf::FieldKind::kPointer:
      return field.size_bytes == 8;
    case elf::FieldKind::kPlace:
      return field.size_bytes <= kMaxReach;  // not read, but a part of end_of()
    case elf::FieldKind::kText:
      return field.size_bytes >= 1 && field.size_bytes <= kMaxTextBytes;
  }
  return false;
}

}  // namespace

const elf::Field* Layout::find(std::string_view path) const {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const elf::Field& field) { return field.path == path; });
  return found == fields.end() ? nullptr : &*found;
}

Layout resolve_layout(const elf::DebugInformation& information, std::string_view name,
                      const std::vector<std::string>& paths) {
  Layout layout{std::string(name), {}, {}, {}, {}};
  for (const std::string& path : paths) {
    auto field = elf::resolve_field(information, path);
    if (!field) {
      layout.missing.push_back({path, field.error().message});
    } else if (!is_reasonable(*field)) {
      layout.missing.push_back({path, "its size or place is beyond all reason"});
    } else {
      layout.fields.push_back(std::move(*field));
    }
  }
  return layout;
}

bool is_reasonable(const elf::Field& field) {
  if (field.offsets.empty() || field.offsets.size() > kMaxPointers + 1) return false;
  if (field.repeats.size() > kMaxRepeats || !has_reasonable_size(field)) return false;
  if (field.address >= kEndOfAddresses) return false;
  const auto too_far = [](std::uint64_t offset) { return offset > kMaxReach; };
  if (std::any_of(field.offsets.begin(), field.offsets.end(), too_far)) return false;
  for (const elf::Repeat& repeat : field.repeats) {
    if (repeat.count == 0 || repeat.count > kMaxElements) return false;
    if (repeat.stride == 0 || too_far(repeat.stride)) return false;
  }
  return end_of(field) <= kMaxReach;
}

bool is_reasonable(const elf::CallSite& site) {
  return site.return_address < kEndOfAddresses && site.value.size() <= kMaxOperations &&
         site.frame_base.size() <= kMaxOperations;
}

// The largest numbers that get here give 2^22 + 4 * 2^44 + 2^12: no overflow.
std::uint64_t end_of(const elf::Field& field) {
  std::uint64_t end = field.offsets.back() + field.size_bytes;
  for (const elf::Repeat& repeat : field.repeats) end += (repeat.count - 1) * repeat.stride;
  return end;
}

}  // namespace state
