// Prometheus text exposition format 0.0.4.
#pragma once

#include <string>
#include <vector>

#include "expose/family.h"

namespace expose {

inline constexpr const char* kTextContentType = "text/plain; version=0.0.4; charset=utf-8";

// The families in their order, each with HELP and TYPE. Names are taken as they are; help and label
// values are escaped.
std::string write_text(const std::vector<Family>& families);

}  // namespace expose
