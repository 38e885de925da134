// Descriptors 0 to 2.
#pragma once

namespace base {

// Opens /dev/null for reading in place of those of 0, 1 and 2 that whoever started us has closed:
// else the next file that we open gets such a number, and what is printed is written into it.
// Writing to one of them still fails, as it does where it is closed. The first thing that main()
// does; a second call finds nothing to do.
void take_closed_standard_descriptors();

}  // namespace base
