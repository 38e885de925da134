// Native frames, Lisp functions and marks in one stack.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace profile {

// Puts a stack together from its outermost frame inwards, since what is left out is known by what
// lies within it: what stands between two Lisp functions. Numbers are of locations.
class OutermostFirst {
 public:
  void add_native(std::size_t location) { locations_.push_back(location); }
  // In the place of what the runtime's own code does since the last one.
  void add_lisp(std::size_t location) {
    if (is_in_lisp_) locations_.resize(kept_);
    is_in_lisp_ = true;
    add_for_good(location);
  }
  void add_mark(std::size_t location) {
    add_for_good(location);
    has_mark_ = true;
  }
  // Where Lisp functions are missing. What lies outside of all that is known is marked already.
  void add_lisp_mark(std::size_t location) {
    const bool is_marked = has_mark_ && locations_.size() == 1;
    is_in_lisp_ = true;
    kept_ = locations_.size();
    if (!is_marked) add_mark(location);
  }
  // The same where nobody knows where they would be.
  void add_outermost_mark(std::size_t location) {
    if (!has_mark_) locations_.insert(locations_.begin(), location);
  }
  std::vector<std::size_t> innermost_first() && {
    std::reverse(locations_.begin(), locations_.end());
    return std::move(locations_);
  }

 private:
  void add_for_good(std::size_t location) {
    locations_.push_back(location);
    kept_ = locations_.size();
  }

  std::vector<std::size_t> locations_;
  std::size_t kept_ = 0;  // up to here nothing is left out any more
  bool is_in_lisp_ = false;
  bool has_mark_ = false;
};

}  // namespace profile
