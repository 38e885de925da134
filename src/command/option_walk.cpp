#include "command/option_walk.h"

#include <array>
#include <string_view>
#include <utility>

namespace command {
namespace {

// CLI11 tells choices as a part of the type: TEXT:{text,json}
std::vector<std::string> choices_in(std::string_view type) {
  const auto begin = type.find('{');
  const auto end = type.find('}', begin);
  if (begin == std::string_view::npos || end == std::string_view::npos) return {};
  std::vector<std::string> choices;
  std::string_view rest = type.substr(begin + 1, end - begin - 1);
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    choices.emplace_back(rest.substr(0, comma));
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  }
  return choices;
}

// What the value is, as far as its option's name says so.
std::string value_of(std::string_view type, std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kByEnding{
      {{"-dir", "DIR"},
       {".dir", "DIR"},
       {".procfs", "DIR"},
       {".file", "FILE"},
       {"--layout", "FILE"},
       {"--output", "FILE"},
       {"--exe", "FILE"},
       {"-address", "HOST:PORT"},
       {"-path", "PATH"},
       {".when", "RULE"},
       {"--probes", "GROUP,..."},
       {".max", "SHARE|off"}}};
  if (type.starts_with("INT") || type.starts_with("UINT")) return "N";
  for (const auto& [ending, value] : kByEnding) {
    if (name.ends_with(ending)) return std::string(value);
  }
  return type.starts_with("FLOAT") ? "NUMBER" : "TEXT";
}

CommandOption describe(const CLI::Option& option) {
  CommandOption described;
  described.help = option.get_description();
  described.is_required = option.get_required();
  if (option.get_positional()) {
    described.names = {option.get_name()};
    described.value = option.get_name();
    described.is_positional = true;
    return described;
  }
  for (const std::string& name : option.get_lnames()) described.names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) described.names.push_back("-" + name);
  if (option.get_items_expected_max() == 0) return described;
  described.choices = choices_in(option.get_type_name());
  described.value = value_of(option.get_type_name(), described.names.front());
  described.default_value = option.get_default_str();
  if (described.default_value.starts_with('[')) {  // of what may be repeated
    described.default_value.erase(0, 1);
    described.default_value.pop_back();
  }
  described.is_repeatable = option.get_expected_max() > 1;
  return described;
}

}  // namespace

CommandTree describe(const CLI::App& app) {
  CommandTree tree{app.get_name(), app.get_description(), {}, {}};
  for (const CLI::Option* const option : app.get_options()) {
    if (!option->get_group().empty()) tree.options.push_back(describe(*option));
  }
  for (const CLI::App* const command : app.get_subcommands({})) {
    if (!command->get_group().empty()) tree.commands.push_back(describe(*command));
  }
  return tree;
}

}  // namespace command
