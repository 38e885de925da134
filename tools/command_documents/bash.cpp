#include <fmt/format.h>

#include "documents.h"

namespace command_documents {
namespace {

// What follows an option that wants a value.
std::string values_of(const command::CommandOption& option) {
  if (!option.choices.empty()) {
    return fmt::format(R"(COMPREPLY=($(compgen -W "{}" -- "$current")))",
                       join(option.choices, " "));
  }
  if (wants_directory(option)) {
    return "compopt -o filenames; COMPREPLY=($(compgen -d -- \"$current\"))";
  }
  if (wants_file(option)) {
    return "compopt -o filenames; COMPREPLY=($(compgen -f -- \"$current\"))";
  }
  if (option.names.front() == "--pid") {
    return "COMPREPLY=($(compgen -W \"$(cd /proc && echo [0-9]*)\" -- \"$current\"))";
  }
  return "COMPREPLY=()";
}

std::string cases_of(const command::CommandTree& command) {
  std::string cases;
  for (const auto& option : command.options) {
    if (!wants_value(option)) continue;
    std::vector<std::string> patterns;
    patterns.reserve(option.names.size());
    for (const auto& name : option.names)
      patterns.push_back("\"" + command.name + " " + name + "\"");
    cases += fmt::format("    {})\n      {}\n      return\n      ;;\n", join(patterns, " | "),
                         values_of(option));
  }
  return cases;
}

}  // namespace

std::string write_bash(const command::CommandTree& program) {
  std::vector<std::string> names;
  std::string cases = cases_of(program);
  std::string words;
  for (const auto& command : program.commands) {
    names.push_back(command.name);
    if (command.options.size() <= 1) continue;  // it has those of the program
    cases += cases_of(command);
    words += fmt::format("    {}) words=\"{}\" ;;\n", command.name, all_words(command));
  }
  return fmt::format(R"(# bash completion for {0}; made from what parses its arguments
_{0}() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD - 1]}}
  local command={0} word words
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case $word in
    {1})
      command=$word
      break
      ;;
    esac
  done
  [ "$command" != serve ] || command={0}
  case "$command $previous" in
{2}  esac
  case $command in
{3}    *) words="{4}" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}} &&
  complete -F _{0} {0}
)",
                     program.name, join(names, " | "), cases, words, all_words(program));
}

}  // namespace command_documents
