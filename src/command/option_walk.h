// From CLI11's objects to plain data.
#pragma once

#include <CLI/CLI.hpp>

#include "command/command_tree.h"

namespace command {

CommandTree describe(const CLI::App& app);

}  // namespace command
