// Which process the page is about, and the keys that choose.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "terminal/sample.h"

namespace terminal {

enum class Key { kQuit, kSuspend, kUp, kDown, kOpen, kBack, kOther };

// What a terminal in raw mode sent at once.
std::vector<Key> read_keys(std::string_view bytes);

// Of several processes there is a list first, with one of them marked.
struct Choice {
  std::optional<std::string> opened;  // the process of the page
  std::string marked;                 // in the list
  bool is_fixed = false;              // the command line said which

  // The process that the page shows: the opened one, or the only one.
  const Target* shown(const Sample& sample) const;
  // The marked place in the list.
  std::size_t place(const Sample& sample) const;
  void press(Key key, const Sample& sample);
};

}  // namespace terminal
