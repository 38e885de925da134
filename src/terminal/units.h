// Numbers as people read them; an en dash for what nobody knows.
#pragma once

#include <optional>
#include <string>

#include "terminal/rates.h"
#include "terminal/sample.h"

namespace terminal {

inline constexpr const char* kUnknown = "\xE2\x80\x93";  // en dash

std::string count(const Known& value);       // "1,203", from a million on "1.20 M"
std::string per_second(const Known& value);  // "0", "0.3", "12.5", "1,203"
std::string bytes(const Known& value);       // "34.1 MiB"
std::string percent(const Known& share);     // of 0.123: "12.3 %"
std::string seconds(const Known& value);     // "250 us", "12.3 ms", "1.20 s"
std::string latency(const std::optional<Percentile>& percentile);  // "> 10 s" beyond the bounds
std::string age(double seconds);                                   // "42 s", "3 h 12 min"
std::string date_and_time(double unix_seconds);                    // "2026-02-03 14:02:11", UTC
std::string time_of_day(double unix_seconds);                      // "14:02:11.123", UTC

}  // namespace terminal
