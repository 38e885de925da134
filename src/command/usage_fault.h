// What is wrong with a command line, in words that help.
#pragma once

#include <string>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace command {

// The command that is meant where none is named; its options stand at the program itself.
inline constexpr const char* kServe = "serve";

// What `app` met in the command line that it has just parsed and refused: of a word that it does
// not know, the option or command that is meant by it. One line, not escaped.
std::string fault_of(const CLI::App& app, const CLI::ParseError& error);

}  // namespace command
