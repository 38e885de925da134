// The commands and their options as plain data: for the manual page and for shells.
#pragma once

#include <string>
#include <vector>

namespace command {

struct CommandOption {
  std::vector<std::string> names;    // "--output", "-o"; of what has no name, "URL"
  std::string help;                  // may have several lines
  std::string value;                 // what follows it, such as "N" or "FILE"; empty: nothing does
  std::vector<std::string> choices;  // of its value, where these are all
  std::string default_value;         // empty: none, or none worth saying
  bool is_positional = false;
  bool is_repeatable = false;
  bool is_required = false;
};

struct CommandTree {
  std::string name;  // of the program, or what stands on the command line
  std::string help;
  std::vector<CommandOption> options;
  std::vector<CommandTree> commands;  // without hidden ones
};

// Of this program, from what parses its arguments.
CommandTree command_tree();

}  // namespace command
