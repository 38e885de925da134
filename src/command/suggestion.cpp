#include "command/suggestion.h"

#include <algorithm>
#include <cstddef>

namespace command {
namespace {

constexpr std::size_t kMaxWord = 64;  // of what is typed; no option of ours is longer
constexpr std::size_t kShortestBeginning = 4;

using Row = std::vector<std::size_t>;

// With swaps of neighbours as one fault each.
std::size_t distance_between(std::string_view a, std::string_view b) {
  Row before_last;
  Row last(b.size() + 1);
  for (std::size_t j = 0; j < last.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    Row row(b.size() + 1, i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, changed});
      const bool is_swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (is_swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last = std::move(last);
    last = std::move(row);
  }
  return last.back();
}

}  // namespace

std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& known) {
  word = word.substr(0, kMaxWord);
  std::vector<std::string> continued;
  for (const std::string& one : known) {
    if (word.size() >= kShortestBeginning && one.starts_with(word)) continued.push_back(one);
  }
  if (continued.size() == 1) return continued.front();
  // Every third letter may be wrong.
  std::size_t best = std::max<std::size_t>(word.size() / 3, 1) + 1;
  std::optional<std::string> found;
  for (const std::string& one : known) {
    const std::size_t distance = distance_between(word, one);
    if (distance >= best) continue;
    best = distance;
    found = one;
  }
  return found;
}

}  // namespace command
