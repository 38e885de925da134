// What a fuzz target is given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fuzz {

// In memory of its own, so that reading one byte past the end is seen: libFuzzer makes a copy.
inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Whether a part lies within a text: what parsers give out must not outlive or leave their input.
inline bool lies_in(std::string_view part, std::string_view whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

}  // namespace fuzz
