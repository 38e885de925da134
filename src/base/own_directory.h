// Directories that keep something of ours from one start to the next.
#pragma once

#include <string>

#include "base/result.h"

namespace base {

// Fails unless it is a directory, and no link to one, that only we can read and write: nobody else
// could have written what is in there. The cause is kGone where nothing is there.
Result<void> require_own_directory(const std::string& directory);

}  // namespace base
