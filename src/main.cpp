#include <malloc.h>

#include "base/standard_descriptors.h"
#include "command/command_line.h"

int main(int argc, char** argv) {
  base::take_closed_standard_descriptors();
  // Each target has a thread that reads its memory, with little to keep: no arena for each.
  ::mallopt(M_ARENA_MAX, 2);
  return command::run(argc, argv);
}
