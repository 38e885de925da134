// Numbers as text: exact, the same in every locale.
#pragma once

#include <cstdint>
#include <string>

namespace expose {

void append_count(std::string& out, std::uint64_t count);
void append_signed(std::string& out, std::int64_t count);

// Nanoseconds as seconds in exact decimal: 1500 is "0.0000015", 10000000000 is "10", 0 is "0".
void append_seconds(std::string& out, std::uint64_t ns);

// The shortest decimal that reads back as the same double, without an exponent: "0.25", "0.00001",
// "NaN", "+Inf".
void append_ratio(std::string& out, double ratio);

// A bound that an application chose, which is finite: as append_ratio(), but with an exponent where
// there would be many zeros.
void append_bound(std::string& out, double bound);

// The same in the canonical form of append_canonical_seconds().
void append_canonical_bound(std::string& out, double bound);

// Nanoseconds as seconds in the canonical form that OpenMetrics wants of a bound, which is Go's:
// "1e-05", "0.0025", "1.0", "10.0".
void append_canonical_seconds(std::string& out, std::uint64_t ns);

}  // namespace expose
