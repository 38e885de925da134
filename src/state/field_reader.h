// A typed view of another program's memory: one copy, then every question is answered from it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "memory/memory.h"
#include "state/layout.h"
#include "state/read_plan.h"

namespace state {

// The largest number that is believed: what is above was a gauge that went below zero.
inline constexpr std::uint64_t kMaxBelieved = std::numeric_limits<std::int64_t>::max();

// A field by its number in the layout. None: this build doesn't have it, and it is never known.
using FieldHandle = std::optional<std::size_t>;

// Owns the copy. Whatever stands in the memory, each answer lies within the bytes that were copied;
// what could not be copied, or is behind a null pointer, is unknown. One thread at a time.
class FieldReader {
 public:
  // `load_bias` is what has to be added to addresses as linked.
  FieldReader(Layout layout, std::uint64_t load_bias);

  // Copies everything anew, with one call for each level of pointers. Fails when nothing can be
  // read at all.
  base::Result<void> read(memory::Memory& memory);

  FieldHandle find(std::string_view path) const;

  // A number that is at most 2^63 - 1. More is a gauge that was taken below zero, and unknown, like
  // a negative signed one. `element` has an index for each `[]` of the path, in range.
  std::optional<std::uint64_t> number(FieldHandle handle,
                                      std::initializer_list<std::size_t> element = {}) const;

  // A number that may be below zero. An unsigned one is at most 2^63 - 1.
  std::optional<std::int64_t> signed_number(FieldHandle handle,
                                            std::initializer_list<std::size_t> element = {}) const;

  // A finite real number: NaN and infinities are unknown.
  std::optional<double> real(FieldHandle handle,
                             std::initializer_list<std::size_t> element = {}) const;

  // Up to the first NUL or the end of the array: any bytes.
  std::optional<std::string> text(FieldHandle handle,
                                  std::initializer_list<std::size_t> element = {}) const;

  // Where one element stands in the other program; none: behind a null pointer, or in what could
  // not be copied.
  std::optional<std::uint64_t> address(FieldHandle handle,
                                       std::initializer_list<std::size_t> element = {}) const;

  // How many elements the array has that the path's first `[]` means; 0: unknown field.
  std::size_t capacity(FieldHandle handle) const;

  // Whether all bytes of the last read could be copied; false also behind a null pointer.
  bool is_complete() const;

  // How many pieces of the last read could not be copied. What is behind a null pointer was not
  // asked for.
  std::size_t unreadable() const { return unreadable_; }

  const Layout& layout() const { return layout_; }

 private:
  // From the begin of the field's range; none: there is no such element.
  std::optional<std::uint64_t> offset_of(std::size_t index,
                                         std::initializer_list<std::size_t> element) const;
  // The bytes of one element; null: unknown.
  const std::byte* bytes_of(std::size_t index, std::initializer_list<std::size_t> element) const;
  std::optional<std::uint64_t> address_of_node(std::size_t index) const;
  void place_level(const std::vector<std::size_t>& level, std::vector<memory::Piece>& pieces,
                   std::vector<std::size_t>& ranges, std::size_t& used);

  Layout layout_;
  std::uint64_t load_bias_;
  std::map<std::string, std::size_t, std::less<>> handles_;  // by path
  ReadPlan plan_;
  std::vector<std::byte> copy_;
  std::vector<std::optional<std::size_t>> copied_to_;  // by range; none: not copied
  std::size_t unreadable_ = 0;
};

}  // namespace state
