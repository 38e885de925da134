// OpenMetrics 1.0 text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "expose/family.h"

namespace expose {

inline constexpr const char* kOpenMetricsContentType =
    "application/openmetrics-text; version=1.0.0; charset=utf-8";
// Of the draft that older clients ask for. What is written here is the same in both.
inline constexpr const char* kOpenMetricsDraftContentType =
    "application/openmetrics-text; version=0.0.1; charset=utf-8";

// The families in their order, each with TYPE, UNIT where the name ends in one, and HELP; "# EOF"
// at the end. What differs from the text format: counters are named without "_total" and unknown
// where they have none, infos are named without "_info", untyped is "unknown", bounds are canonical
// floats ("1.0" for "1"), and what counts tells since when ("_created", where it is known).
std::string write_openmetrics(const std::vector<Family>& families);

// Every name that a family of this name and type takes here or in the text format, for itself or
// for its samples. No two families may share one.
std::vector<std::string> taken_names(std::string_view name, FamilyType type);

}  // namespace expose
