// What is made of the commands and their options.
#pragma once

#include <string>
#include <vector>

#include "command/command_tree.h"

namespace command_documents {

// troff, for man(1).
std::string write_manual(const command::CommandTree& program);
std::string write_bash(const command::CommandTree& program);
std::string write_zsh(const command::CommandTree& program);
std::string write_fish(const command::CommandTree& program);
// A line for each option and command: COMMAND, a tab, a name of it; for who checks the others.
std::string write_list(const command::CommandTree& program);

// An option that wants a file or a directory as its value.
bool wants_file(const command::CommandOption& option);
bool wants_directory(const command::CommandOption& option);
// Whether something follows it.
bool wants_value(const command::CommandOption& option);
// All names of the options, then of the commands, with blanks between them.
std::string all_words(const command::CommandTree& command);
std::string join(const std::vector<std::string>& words, const std::string& separator);
// The first sentence of the help, on one line.
std::string first_sentence(const std::string& help);
std::string replace_all(std::string text, const std::string& what, const std::string& by);

}  // namespace command_documents
