#include <fmt/format.h>

#include "documents.h"

namespace command_documents {
namespace {

// In single quotes, within brackets.
std::string help_of(const std::string& help) {
  std::string text = first_sentence(help);
  for (const char* const special : {"\\", "[", "]", ":"}) {
    text = replace_all(text, special, std::string("\\") + special);
  }
  return replace_all(text, "'", "'\\''");
}

std::string value_of(const command::CommandOption& option) {
  if (!wants_value(option)) return "";
  const std::string label = replace_all(option.value, ":", "\\:");
  if (!option.choices.empty()) return fmt::format(":{}:({})", label, join(option.choices, " "));
  if (wants_directory(option)) return fmt::format(":{}:_files -/", label);
  if (wants_file(option)) return fmt::format(":{}:_files", label);
  if (option.names.front() == "--pid") return ":PID:_pids";
  return fmt::format(":{}: ", label);
}

std::string specs_of(const command::CommandTree& command) {
  std::string specs;
  for (const auto& option : command.options) {
    if (option.is_positional) {
      specs += fmt::format(" \\\n        ':{}: '", option.names.front());
      continue;
    }
    for (const auto& name : option.names) {
      specs += fmt::format(" \\\n        '{}{}[{}]{}'", option.is_repeatable ? "*" : "", name,
                           help_of(option.help), value_of(option));
    }
  }
  return specs;
}

}  // namespace

std::string write_zsh(const command::CommandTree& program) {
  std::string commands;
  std::string cases;
  for (const auto& command : program.commands) {
    commands += fmt::format("        '{}:{}'\n", command.name, help_of(command.help));
    const bool is_program = command.options.size() <= 1;  // it has those of the program
    cases += fmt::format("      {})\n        _arguments -s{}\n        ;;\n", command.name,
                         specs_of(is_program ? program : command));
  }
  return fmt::format(R"(#compdef {0}
# zsh completion for {0}; made from what parses its arguments
_{0}() {{
  local context state state_descr line
  typeset -A opt_args
  _arguments -s -C{1} \
        '1: :->command' \
        '*:: :->argument'
  case $state in
    command)
      local -a commands
      commands=(
{2}      )
      _describe command commands
      ;;
    argument)
      case $words[1] in
{3}      esac
      ;;
  esac
}}
_{0} "$@"
)",
                     program.name, specs_of(program), commands, cases);
}

}  // namespace command_documents
