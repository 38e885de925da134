#include "expose/folded.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "expose/profile_words.h"

namespace expose {
namespace {

// What readers take for the end of a line beside the controls of ASCII: NEL, LS, PS.
constexpr std::array<std::string_view, 3> kLineEnds{"\u0085", "\u2028", "\u2029"};

// So that a line stays one line with as many frames as it has.
std::string folded_name(std::string name) {
  for (char& c : name) {
    if (c == ';') c = ':';
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  for (const std::string_view end : kLineEnds) {
    for (std::size_t at = 0; (at = name.find(end, at)) != std::string::npos;) {
      name.replace(at, end.size(), " ");
    }
  }
  return name;
}

// What each location adds to a stack: its frames, each with a ';' before it.
std::vector<std::string> pieces(const model::Profile& profile) {
  std::vector<std::string> texts;
  for (const std::vector<Frame>& frames : frames_of_locations(profile)) {
    std::string& text = texts.emplace_back();
    for (const Frame& frame : frames) text += ';' + folded_name(frame.name);
  }
  return texts;
}

}  // namespace

std::string write_folded(const model::Profile& profile, ThreadFrame threads) {
  const std::vector<std::string> of_location = pieces(profile);
  std::map<std::string, std::uint64_t> samples_of_stack;
  for (const model::ProfileStack& stack : profile.stacks) {
    std::string line;
    if (threads == ThreadFrame::kFirst) {
      line = ';' + folded_name(thread_name(profile.threads[stack.thread]));
    }
    for (auto at = stack.locations.rbegin(); at != stack.locations.rend(); ++at) {
      line += of_location[*at];
    }
    if (!line.empty()) samples_of_stack[line.substr(1)] += stack.samples;
  }
  std::string text;
  for (const auto& [stack, samples] : samples_of_stack) {
    text += stack + ' ' + std::to_string(samples) + '\n';
  }
  return text;
}

}  // namespace expose
