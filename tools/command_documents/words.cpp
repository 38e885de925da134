#include <algorithm>

#include "documents.h"

namespace command_documents {

bool wants_value(const command::CommandOption& option) {
  return !option.is_positional && !option.value.empty();
}

bool wants_file(const command::CommandOption& option) {
  return option.value == "FILE";
}

bool wants_directory(const command::CommandOption& option) {
  return option.value == "DIR";
}

std::string join(const std::vector<std::string>& words, const std::string& separator) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : separator) + word;
  return all;
}

std::string all_words(const command::CommandTree& command) {
  std::vector<std::string> words;
  for (const auto& option : command.options) {
    if (!option.is_positional) words.insert(words.end(), option.names.begin(), option.names.end());
  }
  for (const auto& subcommand : command.commands) words.push_back(subcommand.name);
  return join(words, " ");
}

std::string replace_all(std::string text, const std::string& what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

std::string first_sentence(const std::string& help) {
  std::string text = help.substr(0, help.find('\n'));
  const auto end = std::min({text.find(". "), text.find(": "), text.find("; ")});
  text = text.substr(0, end);
  while (!text.empty() && (text.back() == ':' || text.back() == '.')) text.pop_back();
  return text;
}

std::string write_list(const command::CommandTree& program) {
  std::string list;
  const auto add = [&list](const command::CommandTree& command) {
    for (const auto& option : command.options) {
      if (option.is_positional) continue;
      for (const auto& name : option.names) list += command.name + "\t" + name + "\n";
    }
  };
  add(program);
  for (const auto& command : program.commands) {
    list += program.name + "\t" + command.name + "\n";
    add(command);
  }
  return list;
}

}  // namespace command_documents
