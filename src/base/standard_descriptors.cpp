#include "base/standard_descriptors.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/unique_fd.h"

namespace base {

// The kernel gives the lowest number that is free.
void take_closed_standard_descriptors() {
  for (;;) {
    UniqueFd fd(::open("/dev/null", O_RDONLY));
    if (fd.get() < 0 || fd.get() > STDERR_FILENO) return;
    fd.release();
  }
}

}  // namespace base
