// How a command that attaches begins.
#pragma once

#include "base/result.h"

namespace inspect {

// Fails, naming what is missing, unless we may attach; else gives up, for the whole process, what
// attaching does not need. Before any thread is started but the log's.
base::Result<void> begin_to_attach();

}  // namespace inspect
