// One profile, for whoever asks for it by a command.
#pragma once

#include <stop_token>

#include "base/result.h"
#include "model/profile_request.h"
#include "watch/config.h"

namespace inspect {

// Attaches to the one process that `config` selects, profiles it as asked, or until `stop`, and
// detaches. Needs the privileges that serving needs.
base::Result<model::Profile> take_profile(const watch::Config& config,
                                          const model::ProfileRequest& request,
                                          const std::stop_token& stop);

}  // namespace inspect
