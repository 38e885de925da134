// The command line of valkyria_exporter.
#pragma once

namespace command {

// Does what the arguments ask for and returns the exit status. What failed stands on stderr.
int run(int argc, char** argv);

}  // namespace command
