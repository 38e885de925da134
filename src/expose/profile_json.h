// A profile as JSON, for flame_page.cpp alone.
#pragma once

#include <nlohmann/json.hpp>

#include "model/profile.h"

namespace expose {

nlohmann::ordered_json profile_json(const model::Profile& profile);

}  // namespace expose
