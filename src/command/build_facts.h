// What this program was built of.
#pragma once

#include <string>

namespace command {

// Such as "0.1.0".
std::string version();

// Of the source, as git names it, with "-modified" behind it where the checkout was; "unknown"
// where it was built of a tarball.
std::string revision();

// The answer to --version, for whoever reports a fault: version, revision, compiler, and the
// libraries that run now, line by line.
std::string version_text();

}  // namespace command
