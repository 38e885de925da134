// What `doctor` says of serving.
#pragma once

#include <vector>

#include "command/serve.h"
#include "model/doctor_report.h"

namespace command {

// Whether an exporter with these options could serve: each address is listened on for a moment.
// Whatever else serving is configured by is to be judged here.
std::vector<model::Check> web_checks(const ServeOptions& options);

}  // namespace command
