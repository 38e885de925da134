// Lines of the log of which strangers could make as many as they like.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

namespace watch {

// Lets the first lines of each minute through and counts the others. One thread.
class FewLines {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  static constexpr std::size_t kAMinute = 10;

  // Whether the line may be written; otherwise it is counted.
  bool may_tell(TimePoint now) {
    if (told_ == 0) since_ = now;
    if (told_ >= kAMinute) return ++left_out_, false;
    return ++told_, true;
  }

  // How many were left out, once their minute is over; none where it is not, or all were written.
  std::optional<std::size_t> take_left_out(TimePoint now) {
    if (told_ == 0 || now - since_ < std::chrono::minutes(1)) return std::nullopt;
    const std::size_t left_out = left_out_;
    told_ = left_out_ = 0;
    return left_out > 0 ? std::optional(left_out) : std::nullopt;
  }

 private:
  TimePoint since_{};
  std::size_t told_ = 0;
  std::size_t left_out_ = 0;
};

}  // namespace watch
