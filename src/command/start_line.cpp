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

struct InWords {
  std::string operator()(const target::OneProcess& one) const {
    return fmt::format("pid {}", one.pid);
  }
  std::string operator()(const target::ByExecutable& by) const {
    return fmt::format("every process that runs {}", by.path);
  }
  std::string operator()(const target::ByName& by) const {
    return fmt::format("every process named {} that it knows", joined(by.comms, " or "));
  }
  std::string operator()(const target::Everything&) const { return "every process that it knows"; }
};

}  // namespace

std::string words_of(const target::Selection& selection) {
  return std::visit(InWords(), selection);
}

std::string start_line(const target::Selection& selection, const std::vector<std::string>& urls) {
  return fmt::format("valkyria_exporter {} (revision {}) watches {}, serving on {}", version(),
                     revision(), words_of(selection), joined(urls, ", "));
}

}  // namespace command
