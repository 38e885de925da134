// Numbers as text: exact, without exponents, the same in every locale.
#pragma once

#include <cstdint>
#include <string>

namespace expose {

// Nanoseconds as seconds in exact decimal: 1500 is "0.0000015", 10000000000 is "10", 0 is "0".
std::string seconds_text(std::uint64_t ns);

// The shortest decimal that reads back as the same double: "0.25", "0.00001", "NaN", "+Inf".
std::string ratio_text(double ratio);

}  // namespace expose
