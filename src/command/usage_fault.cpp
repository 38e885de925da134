#include "command/usage_fault.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <string_view>
#include <vector>

#include "command/suggestion.h"

namespace command {
namespace {

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
  }
  return names;
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  const auto is_shown = [](const CLI::App* command) { return !command->get_group().empty(); };
  for (const CLI::App* command : app.get_subcommands(is_shown))
    names.push_back(command->get_name());
  return names;
}

// What stands on the command line and is no option of this command.
std::string fault_of_option(const CLI::App& command, std::string_view word) {
  const std::string name(word.substr(0, word.find('=')));
  if (const auto meant = nearest(name, option_names(command))) {
    return fmt::format("{}: no such option; did you mean {}?", name, *meant);
  }
  return fmt::format("{}: no such option (see {} --help)", name,
                     command.get_parent() == nullptr
                         ? command.get_name()
                         : command.get_parent()->get_name() + " " + command.get_name());
}

std::string fault_of_word(const CLI::App& app, const CLI::App& command, const std::string& word) {
  const bool is_number = !word.empty() && word.find_first_not_of("0123456789") == std::string::npos;
  if (is_number) return fmt::format("{}: not expected here; did you mean --pid {}?", word, word);
  if (&command != &app) return fmt::format("{}: {} takes no such word", word, command.get_name());
  if (const auto meant = nearest(word, command_names(app))) {
    return fmt::format("{}: no such command; did you mean {}?", word, *meant);
  }
  return fmt::format("{}: no such command (see valkyria_exporter --help)", word);
}

// CLI11's "--cache-dir: At Most 1 required but received 2", of an option that stands there twice.
std::string plain(const std::string& text) {
  const std::size_t rest = text.find(": At Most 1 required but received ");
  return rest == std::string::npos ? text : text.substr(0, rest) + ": given more than once";
}

}  // namespace

// An unknown option first: what follows it is a word nobody expects.
std::string fault_of(const CLI::App& app, const CLI::ParseError& error) {
  const auto parsed = app.get_subcommands();
  const CLI::App& command =
      parsed.empty() || parsed.front()->get_name() == kServe ? app : *parsed.front();
  const std::vector<std::string> unknown = app.remaining(true);
  for (const std::string& word : unknown) {
    if (word.size() > 1 && word.front() == '-') return fault_of_option(command, word);
  }
  if (!unknown.empty()) return fault_of_word(app, command, unknown.front());
  return plain(error.what());
}

}  // namespace command
