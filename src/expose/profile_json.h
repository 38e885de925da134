// A profile as JSON, for the flame graph's page: src/web/flame/seam.ts says the same.
#pragma once

#include <nlohmann/json.hpp>

#include "model/profile.h"

namespace expose {

nlohmann::ordered_json profile_json(const model::Profile& profile);

}  // namespace expose
