// The one copy by which fields are read, against a reader that follows each pointer by itself: with
// layouts that anybody may have written, in memory where anything stands.
#include "state/field_reader.h"

#include <fuzzer/FuzzedDataProvider.h>

#include "fuzz/memory.h"
#include "fuzz/require.h"

namespace {

using fuzz::require;

elf::Field field_from(FuzzedDataProvider& input, std::size_t index) {
  constexpr std::uint64_t kSizes[] = {1, 2, 4, 8, 3, 63, 0};
  constexpr elf::FieldKind kKinds[] = {elf::FieldKind::kUnsigned, elf::FieldKind::kSigned,
                                       elf::FieldKind::kReal,     elf::FieldKind::kPointer,
                                       elf::FieldKind::kText,     elf::FieldKind::kPlace};
  elf::Field field;
  field.path = std::to_string(index);
  field.address = input.ConsumeIntegralInRange<std::uint64_t>(0, 9'000);
  for (int i = input.ConsumeIntegralInRange<int>(1, 4); i > 0; --i) {
    field.offsets.push_back(input.ConsumeIntegralInRange<std::uint64_t>(0, 600));
  }
  for (int i = input.ConsumeIntegralInRange<int>(0, 2); i > 0; --i) {
    field.repeats.push_back({input.ConsumeIntegralInRange<std::uint64_t>(0, 40),
                             input.ConsumeIntegralInRange<std::uint64_t>(0, 5)});
  }
  field.size_bytes = input.PickValueInArray(kSizes);
  field.kind = input.PickValueInArray(kKinds);
  return field;
}

// Where an element stands; none: behind a null pointer, or in a page that is not there.
std::optional<std::uint64_t> place_of(const elf::Field& field, const fuzz::ArenaMemory& memory,
                                      std::uint64_t load_bias, std::uint64_t in_array) {
  std::uint64_t address = load_bias + field.address;
  for (std::size_t i = 0; i + 1 < field.offsets.size(); ++i) {
    address += field.offsets[i];
    if (!memory.is_there(address, 8)) return std::nullopt;
    std::uint64_t pointer = 0;
    memory.copy(address, std::as_writable_bytes(std::span(&pointer, 1)));
    if (pointer == 0) return std::nullopt;
    address = pointer;
  }
  return address + field.offsets.back() + in_array;
}

// All that the reader says of an element, against the bytes that stand there.
template <typename... Index>
void check_element(const state::FieldReader& reader, const elf::Field& field,
                   const fuzz::ArenaMemory& memory, std::uint64_t load_bias, std::uint64_t in_array,
                   bool all_there, Index... index) {
  const auto handle = reader.find(field.path);
  const auto number = reader.number(handle, {index...});
  const auto signed_number = reader.signed_number(handle, {index...});
  const auto real = reader.real(handle, {index...});
  const auto text = reader.text(handle, {index...});
  const auto address = place_of(field, memory, load_bias, in_array);
  if (!address || field.kind == elf::FieldKind::kPlace) {
    require(!number && !signed_number && !real && !text, "what is not there is not known");
    return;
  }
  std::string bytes(field.size_bytes, '\0');
  memory.copy(*address, std::as_writable_bytes(std::span(bytes)));
  if (field.kind == elf::FieldKind::kText) {
    require(!number && !real && (text || !all_there), "a text is one");
    require(!text || *text == bytes.substr(0, bytes.find('\0')), "a text is what stands there");
    return;
  }
  require(!text, "a number is no text");
  std::uint64_t bits = 0;
  std::memcpy(&bits, bytes.data(), bytes.size());
  if (field.kind == elf::FieldKind::kReal) {
    require(!number && !signed_number, "a real number is nothing else");
    return;
  }
  require(!real, "an integer is no real number");
  const unsigned unused_bits = 64 - 8 * static_cast<unsigned>(bytes.size());
  const auto wide = static_cast<std::int64_t>(bits << unused_bits) >> unused_bits;
  const bool is_signed = field.kind == elf::FieldKind::kSigned;
  const bool is_believed = is_signed ? wide >= 0 : bits <= state::kMaxBelieved;
  require(!number || (is_believed && *number == bits), "a number is what stands there");
  require(number || !is_believed || !all_there, "a number that stands there is known");
  require(!signed_number || *signed_number == (is_signed ? wide : static_cast<std::int64_t>(bits)),
          "a signed number is what stands there");
}

void check_field(const state::FieldReader& reader, const elf::Field& field,
                 const fuzz::ArenaMemory& memory, std::uint64_t load_bias, bool all_there) {
  const auto& repeats = field.repeats;
  const std::size_t rows = repeats.empty() ? 1 : repeats[0].count;
  const std::size_t columns = repeats.size() < 2 ? 1 : repeats[1].count;
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      const std::uint64_t in_array = (repeats.empty() ? 0 : i * repeats[0].stride) +
                                     (repeats.size() < 2 ? 0 : j * repeats[1].stride);
      if (repeats.empty()) {
        check_element(reader, field, memory, load_bias, in_array, all_there);
      } else if (repeats.size() == 1) {
        check_element(reader, field, memory, load_bias, in_array, all_there, i);
      } else {
        check_element(reader, field, memory, load_bias, in_array, all_there, i, j);
      }
    }
  }
  const auto handle = reader.find(field.path);
  require(!reader.number(handle, {rows}), "there is no element past the last");
  require(!reader.number(handle, {rows, columns}), "there is no element past the last");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider input(data, size);
  state::Layout layout{"fuzz", "", {}, {}};
  for (int i = input.ConsumeIntegralInRange<int>(0, 12); i > 0; --i) {
    elf::Field field = field_from(input, layout.fields.size());
    if (state::is_reasonable(field)) layout.fields.push_back(std::move(field));
  }
  const auto load_bias = input.ConsumeIntegral<std::uint64_t>();
  const auto missing_pages = input.ConsumeIntegralInRange<std::uint64_t>(0, 9);
  fuzz::ArenaMemory memory(input.ConsumeRemainingBytesAsString(), missing_pages);
  state::FieldReader reader(layout, load_bias);
  require(reader.read(memory).has_value(), "a memory that can be read is read");
  require(reader.unreadable() == 0 || missing_pages > 0, "pieces that are there are read");
  for (const elf::Field& field : layout.fields) {
    check_field(reader, field, memory, load_bias, missing_pages == 0);
  }
  return 0;
}
