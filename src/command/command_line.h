// The command line of valkyria_exporter.
#pragma once

namespace command {

// Does what the arguments ask for and returns the exit status: 0; 1 where it failed; 2 where the
// arguments can't be understood. What failed stands on stderr.
int run(int argc, char** argv);

}  // namespace command
