#include "watch/repeats.h"

#include <iterator>
#include <utility>

namespace watch {
namespace {

constexpr const char* kFurtherKinds = "";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

bool Repeats::admit(const std::string& kind, const Line& line, Time now, std::uint64_t a_minute) {
  auto found = kinds_.find(kind);
  if (found == kinds_.end()) {
    const std::string& key = kinds_.size() < kMaxKinds ? kind : kFurtherKinds;
    found = kinds_.try_emplace(key, Kind{now, 0, 0, {}}).first;
  }
  Kind& known = found->second;
  // What it held back is told by take_due(), which may come a little late.
  if (known.held_back == 0 && now - known.begun >= kMinute) known = {now, 0, 0, {}};
  if (known.written < a_minute) {
    ++known.written;
    return true;
  }
  ++known.held_back;
  known.last = line;
  return false;
}

std::vector<Repeats::HeldBack> Repeats::take_due(Time now) {
  std::vector<HeldBack> due;
  for (auto entry = kinds_.begin(); entry != kinds_.end();) {
    Kind& kind = entry->second;
    const bool is_over = now == Time::max() || now - kind.begun >= kMinute;
    if (is_over && kind.held_back > 0) due.push_back({std::move(kind.last), kind.held_back});
    entry = is_over ? kinds_.erase(entry) : std::next(entry);
  }
  return due;
}

std::string kind_of(const std::string& who, const std::string& text) {
  std::string kind = who + '\0';
  for (const char c : text) {
    if (!is_digit(c)) {
      kind += c;
    } else if (kind.back() != '#') {
      kind += '#';
    }
  }
  return kind;
}

}  // namespace watch
