#include <fmt/format.h>

#include "documents.h"

namespace command_documents {
namespace {

std::string quoted(const std::string& text) {
  return "'" + replace_all(replace_all(text, "\\", "\\\\"), "'", "\\'") + "'";
}

std::string value_of(const command::CommandOption& option) {
  if (!wants_value(option)) return "";
  if (!option.choices.empty()) return " -x -a " + quoted(join(option.choices, " "));
  if (wants_directory(option)) return " -x -a '(__fish_complete_directories)'";
  if (wants_file(option)) return " -r -F";
  if (option.names.front() == "--pid") return " -x -a '(__fish_complete_pids)'";
  return " -x";
}

std::string lines_of(const std::string& program, const std::string& condition,
                     const command::CommandTree& command) {
  std::string lines;
  for (const auto& option : command.options) {
    if (option.is_positional) continue;
    std::string names;
    for (const auto& name : option.names) {
      names += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    }
    lines += fmt::format("complete -c {} -n {}{}{} -d {}\n", program, quoted(condition), names,
                         value_of(option), quoted(first_sentence(option.help)));
  }
  return lines;
}

}  // namespace

std::string write_fish(const command::CommandTree& program) {
  std::vector<std::string> others;  // that have options of their own
  std::string commands;
  std::string lines;
  for (const auto& command : program.commands) {
    commands += fmt::format("complete -c {} -n __fish_use_subcommand -f -a {} -d {}\n",
                            program.name, command.name, quoted(first_sentence(command.help)));
    if (command.options.size() <= 1) continue;
    others.push_back(command.name);
    lines += lines_of(program.name, "__fish_seen_subcommand_from " + command.name, command);
  }
  return fmt::format(
             "# fish completion for {0}; made from what parses its arguments\n"
             "complete -c {0} -f\n",
             program.name) +
         commands +
         lines_of(program.name, "not __fish_seen_subcommand_from " + join(others, " "), program) +
         lines;
}

}  // namespace command_documents
