// Profiles that are kept, as JSON.
#pragma once

#include <string>

#include "model/kept_profile.h"

namespace expose {

// {"profiles": [{"id", "process", "pid", "unix_ms", "seconds", "samples", "bytes", "pprof",
// "flamegraph"}]}, the newest first; the last two are where it is served.
std::string write_kept_profiles_json(const model::KeptProfiles& kept);

// One row of that.
std::string write_kept_profile_json(const model::KeptProfile& kept);

}  // namespace expose
