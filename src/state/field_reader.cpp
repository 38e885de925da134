#include "state/field_reader.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>
#include <utility>

namespace state {
namespace {

using base::Result;

constexpr std::size_t kWordBytes = 8;

template <typename Number>
Number load(const std::byte* bytes) {
  Number number;
  std::memcpy(&number, bytes, sizeof number);
  return number;
}

std::uint64_t load_unsigned(const std::byte* bytes, std::uint64_t size_bytes) {
  switch (size_bytes) {
    case 1:
      return load<std::uint8_t>(bytes);
    case 2:
      return load<std::uint16_t>(bytes);
    case 4:
      return load<std::uint32_t>(bytes);
    default:
      return load<std::uint64_t>(bytes);
  }
}

bool is_negative(std::uint64_t number, std::uint64_t size_bytes) {
  return ((number >> (8 * size_bytes - 1)) & 1) != 0;
}

std::size_t room_for(const ReadPlan& plan) {
  std::size_t bytes = 0;
  for (const ReadRange& range : plan.ranges) bytes += range.end - range.begin + 2 * kWordBytes;
  return bytes;
}

}  // namespace

FieldReader::FieldReader(Layout layout, std::uint64_t load_bias)
    : layout_(std::move(layout)),
      load_bias_(load_bias),
      plan_(make_read_plan(layout_.fields)),
      copy_(room_for(plan_) + kWordBytes),
      copied_to_(plan_.ranges.size()) {
  for (std::size_t i = 0; i < layout_.fields.size(); ++i) handles_[layout_.fields[i].path] = i;
}

FieldHandle FieldReader::find(std::string_view path) const {
  const auto found = handles_.find(path);
  return found == handles_.end() ? std::nullopt : FieldHandle(found->second);
}

std::optional<std::uint64_t> FieldReader::address_of_node(std::size_t index) const {
  const ReadNode& node = plan_.nodes[index];
  if (!node.parent) return load_bias_;
  const auto& parent_at = copied_to_[node.parent_range];
  if (!parent_at) return std::nullopt;
  const std::uint64_t in_range = node.pointer_offset - plan_.ranges[node.parent_range].begin;
  const auto pointer = load<std::uint64_t>(copy_.data() + *parent_at + in_range);
  return pointer == 0 ? std::nullopt : std::optional(pointer);
}

// Each range gets the place in the copy that is aligned as it is over there: the kernel copies
// misaligned words in two steps, and a word could be half old, half new.
void FieldReader::place_level(const std::vector<std::size_t>& level,
                              std::vector<memory::Piece>& pieces, std::vector<std::size_t>& ranges,
                              std::size_t& used) {
  const auto base = reinterpret_cast<std::uintptr_t>(copy_.data());
  for (const std::size_t index : level) {
    const ReadRange& range = plan_.ranges[index];
    const auto node_address = address_of_node(range.node);
    if (!node_address) continue;
    const std::uint64_t address = *node_address + range.begin;
    used += (address - (base + used)) % kWordBytes;
    const std::size_t bytes = range.end - range.begin;
    assert(used + bytes <= copy_.size());
    pieces.push_back({address, std::span(copy_).subspan(used, bytes)});
    ranges.push_back(index);
    used += bytes;
  }
}

Result<void> FieldReader::read(memory::Memory& memory) {
  std::fill(copied_to_.begin(), copied_to_.end(), std::nullopt);
  std::vector<memory::Piece> pieces;
  std::vector<std::size_t> ranges;
  std::size_t used = 0;
  unreadable_ = 0;
  for (const auto& level : plan_.levels) {
    pieces.clear();
    ranges.clear();
    place_level(level, pieces, ranges, used);
    if (auto done = memory.read(pieces); !done) {
      std::fill(copied_to_.begin(), copied_to_.end(), std::nullopt);
      return done;
    }
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      if (!pieces[i].complete) {
        ++unreadable_;
        continue;
      }
      copied_to_[ranges[i]] = static_cast<std::size_t>(pieces[i].into.data() - copy_.data());
    }
  }
  return {};
}

std::optional<std::uint64_t> FieldReader::offset_of(
    std::size_t index, std::initializer_list<std::size_t> element) const {
  const elf::Field& field = layout_.fields[index];
  if (field.kind == elf::FieldKind::kPlace || element.size() != field.repeats.size()) {
    return std::nullopt;
  }
  std::uint64_t offset = plan_.places[index].offset;
  const auto* at = element.begin();
  for (const elf::Repeat& repeat : field.repeats) {
    if (*at >= repeat.count) return std::nullopt;
    offset += *at++ * repeat.stride;
  }
  return offset;
}

const std::byte* FieldReader::bytes_of(std::size_t index,
                                       std::initializer_list<std::size_t> element) const {
  const auto offset = offset_of(index, element);
  if (!offset) return nullptr;
  const auto& copied_to = copied_to_[plan_.places[index].range];
  return copied_to ? copy_.data() + *copied_to + *offset : nullptr;
}

std::optional<std::uint64_t> FieldReader::address(
    FieldHandle handle, std::initializer_list<std::size_t> element) const {
  const auto offset = handle ? offset_of(*handle, element) : std::nullopt;
  if (!offset) return std::nullopt;
  const std::size_t index = plan_.places[*handle].range;
  const ReadRange& range = plan_.ranges[index];
  const auto node = address_of_node(range.node);
  return node && copied_to_[index] ? std::optional(*node + range.begin + *offset) : std::nullopt;
}

std::optional<std::uint64_t> FieldReader::number(FieldHandle handle,
                                                 std::initializer_list<std::size_t> element) const {
  const std::byte* const bytes = handle ? bytes_of(*handle, element) : nullptr;
  if (bytes == nullptr) return std::nullopt;
  const elf::Field& field = layout_.fields[*handle];
  if (field.kind == elf::FieldKind::kText || field.kind == elf::FieldKind::kReal) {
    return std::nullopt;
  }
  const std::uint64_t number = load_unsigned(bytes, field.size_bytes);
  if (field.kind == elf::FieldKind::kSigned && is_negative(number, field.size_bytes)) {
    return std::nullopt;
  }
  return number <= kMaxBelieved ? std::optional(number) : std::nullopt;
}

std::optional<std::int64_t> FieldReader::signed_number(
    FieldHandle handle, std::initializer_list<std::size_t> element) const {
  if (!handle || layout_.fields[*handle].kind != elf::FieldKind::kSigned) {
    const auto unsigned_number = number(handle, element);
    if (!unsigned_number) return std::nullopt;
    return static_cast<std::int64_t>(*unsigned_number);
  }
  const std::byte* const bytes = bytes_of(*handle, element);
  if (bytes == nullptr) return std::nullopt;
  const std::uint64_t size_bytes = layout_.fields[*handle].size_bytes;
  std::uint64_t bits = load_unsigned(bytes, size_bytes);
  if (size_bytes < kWordBytes && is_negative(bits, size_bytes)) {
    bits |= ~std::uint64_t{0} << (8 * size_bytes);
  }
  return static_cast<std::int64_t>(bits);
}

std::optional<double> FieldReader::real(FieldHandle handle,
                                        std::initializer_list<std::size_t> element) const {
  const std::byte* const bytes = handle ? bytes_of(*handle, element) : nullptr;
  if (bytes == nullptr) return std::nullopt;
  const elf::Field& field = layout_.fields[*handle];
  if (field.kind != elf::FieldKind::kReal) return std::nullopt;
  const double number =
      field.size_bytes == sizeof(float) ? load<float>(bytes) : load<double>(bytes);
  return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

std::optional<std::string> FieldReader::text(FieldHandle handle,
                                             std::initializer_list<std::size_t> element) const {
  const std::byte* const bytes = handle ? bytes_of(*handle, element) : nullptr;
  if (bytes == nullptr || layout_.fields[*handle].kind != elf::FieldKind::kText) {
    return std::nullopt;
  }
  const char* const begin = reinterpret_cast<const char*>(bytes);
  return std::string(begin, ::strnlen(begin, layout_.fields[*handle].size_bytes));
}

std::size_t FieldReader::capacity(FieldHandle handle) const {
  if (!handle || layout_.fields[*handle].repeats.empty()) return 0;
  return layout_.fields[*handle].repeats.front().count;
}

bool FieldReader::is_complete() const {
  return std::all_of(copied_to_.begin(), copied_to_.end(),
                     [](const auto& copied_to) { return copied_to.has_value(); });
}

}  // namespace state
