// What somebody meant who mistyped.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace command {

// Of `known`, the word that `word` was most likely meant to be: which it is the beginning of, if it
// is of only one, else the one that is nearest by letters left out, put in, changed or swapped.
// None: nothing is near.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace command
