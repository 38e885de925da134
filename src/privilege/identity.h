// Who this process is.
#pragma once

#include <string>

#include "base/result.h"

namespace privilege {

// For good, the process becomes this user of the machine, with his groups, and keeps the
// capabilities that it has. Call it while there is one thread: others keep none, and one that gave
// its own up already makes the C library end us. Fails where there is no such user, where it is
// root, and without CAP_SETUID and CAP_SETGID.
base::Result<void> become_user(const std::string& name);

// Makes this directory where it is missing, and gives it, with the files that lie in it, to the
// user, so that he can go on with what root wrote. It must be ours or his alone: a directory that
// others may write to, or a link, is refused. Before become_user(); needs CAP_CHOWN, which root
// has.
base::Result<void> hand_over(const std::string& directory, const std::string& user);

}  // namespace privilege
