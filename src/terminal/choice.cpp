#include "terminal/choice.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace terminal {
namespace {

constexpr std::pair<std::string_view, Key> kSequences[] = {
    {"\x1b[A", Key::kUp}, {"\x1b[B", Key::kDown}, {"\x1b[C", Key::kOpen}, {"\x1b[D", Key::kBack},
    {"\x1bOA", Key::kUp}, {"\x1bOB", Key::kDown}, {"\x1bOC", Key::kOpen}, {"\x1bOD", Key::kBack},
    {"q", Key::kQuit},    {"Q", Key::kQuit},      {"\x03", Key::kQuit},   {"\x1a", Key::kSuspend},
    {"k", Key::kUp},      {"j", Key::kDown},      {"\r", Key::kOpen},     {"\n", Key::kOpen},
    {"h", Key::kBack},    {"l", Key::kOpen},      {"\x7f", Key::kBack},   {"\x08", Key::kBack},
};

// Of a sequence that means nothing to us: with everything up to its last letter.
std::size_t length_of_unknown(std::string_view bytes) {
  if (!bytes.starts_with("\x1b[")) return 1;
  const auto* const end =
      std::find_if(bytes.begin() + 2, bytes.end(), [](char c) { return c >= '@' && c <= '~'; });
  return std::min<std::size_t>(static_cast<std::size_t>(end - bytes.begin()) + 1, bytes.size());
}

}  // namespace

std::vector<Key> read_keys(std::string_view bytes) {
  std::vector<Key> keys;
  while (!bytes.empty()) {
    const auto* const known =
        std::find_if(std::begin(kSequences), std::end(kSequences),
                     [&](const auto& entry) { return bytes.starts_with(entry.first); });
    if (known != std::end(kSequences)) {
      keys.push_back(known->second);
      bytes.remove_prefix(known->first.size());
      continue;
    }
    keys.push_back(bytes == "\x1b" ? Key::kBack : Key::kOther);
    bytes.remove_prefix(length_of_unknown(bytes));
  }
  return keys;
}

const Target* Choice::shown(const Sample& sample) const {
  if (!opened && sample.targets.size() == 1) return &sample.targets.front();
  for (const Target& target : sample.targets) {
    if (opened == target.process) return &target;
  }
  return nullptr;
}

std::size_t Choice::place(const Sample& sample) const {
  for (std::size_t i = 0; i < sample.targets.size(); ++i) {
    if (sample.targets[i].process == marked) return i;
  }
  return 0;
}

void Choice::press(Key key, const Sample& sample) {
  if (is_fixed || sample.targets.empty()) return;
  const std::size_t at = place(sample);
  switch (key) {
    case Key::kUp:
      marked = sample.targets[at == 0 ? 0 : at - 1].process;
      break;
    case Key::kDown:
      marked = sample.targets[std::min(at + 1, sample.targets.size() - 1)].process;
      break;
    case Key::kOpen:
      marked = sample.targets[at].process;
      break;
    case Key::kBack:
      opened.reset();
      return;
    case Key::kQuit:
    case Key::kSuspend:
    case Key::kOther:
      return;
  }
  // On a page the arrows turn to the next one.
  if (key == Key::kOpen || opened) opened = marked;
}

}  // namespace terminal
