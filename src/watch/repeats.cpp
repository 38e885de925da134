#include "watch/repeats.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace watch {
namespace {

// No line is of a kind that begins so.
constexpr const char* kFurtherKinds = "\n";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

std::string Repeats::key_of(const std::string& kind, std::uint32_t uid) const {
  const auto of_user = std::count_if(kinds_.begin(), kinds_.end(),
                                     [&](const auto& entry) { return entry.second.uid == uid; });
  if (uid != 0 && static_cast<std::size_t>(of_user) >= kMaxKindsOfUser) {
    return kFurtherKinds + std::to_string(uid);
  }
  return kinds_.size() < kMaxKinds ? kind : kFurtherKinds;
}

bool Repeats::admit(const std::string& kind, const Line& line, Time now, std::uint64_t a_minute,
                    std::uint32_t uid) {
  auto found = kinds_.find(kind);
  if (found == kinds_.end()) {
    found = kinds_.try_emplace(key_of(kind, uid), Kind{now, 0, 0, {}, uid}).first;
  }
  Kind& known = found->second;
  // What it held back is told by take_due(), which may come a little late.
  if (known.held_back == 0 && now - known.begun >= kMinute) known = {now, 0, 0, {}, known.uid};
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
