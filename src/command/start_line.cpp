#include "command/start_line.h"

#include <fmt/format.h>

#include "command/build_facts.h"

namespace command {
namespace {

std::string joined(const std::vector<std::string>& words, const char* between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

}  // namespace

std::string start_line(const target::Selection& selection, const std::vector<std::string>& urls) {
  return fmt::format("valkyria_exporter {} (revision {}) watches {}, serving on {}", version(),
                     revision(), target::words_of(selection), joined(urls, ", "));
}

}  // namespace command
