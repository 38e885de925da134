// Writes what is made of the commands and their options, to a file or to stdout:
//
//   command_documents --man|--bash|--zsh|--fish|--list [FILE]
#include <fstream>
#include <iostream>
#include <map>
#include <string>

#include "documents.h"

int main(int count, char** arguments) {
  using Write = std::string (*)(const command::CommandTree&);
  const std::map<std::string, Write> kinds{{"--man", command_documents::write_manual},
                                           {"--bash", command_documents::write_bash},
                                           {"--zsh", command_documents::write_zsh},
                                           {"--fish", command_documents::write_fish},
                                           {"--list", command_documents::write_list}};
  const auto kind = kinds.find(count > 1 ? arguments[1] : "");
  if (kind == kinds.end() || count > 3) {
    std::cerr << "usage: command_documents --man|--bash|--zsh|--fish|--list [FILE]\n";
    return 2;
  }
  const std::string text = kind->second(command::command_tree());
  if (count == 2) {
    std::cout << text << std::flush;
    return std::cout ? 0 : 1;
  }
  std::ofstream file(arguments[2], std::ios::binary);
  file << text << std::flush;
  if (file) return 0;
  std::cerr << "command_documents: can't write " << arguments[2] << "\n";
  return 1;
}
