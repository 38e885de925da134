// minivalk, the stand-in runtime (tools/minivalk/counters.h): everything stands in one variable
// without pointers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "state/layout.h"
#include "state/readings.h"

namespace state {

std::vector<std::string> minivalk_paths();

std::unique_ptr<Reader> make_minivalk_reader(Layout layout, std::uint64_t load_bias);

}  // namespace state
