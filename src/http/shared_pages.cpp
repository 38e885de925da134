#include "http/shared_pages.h"

#include <algorithm>
#include <utility>

namespace http {
namespace {

// Well above what is waited for one target's memory (watch/collection.cpp).
constexpr std::chrono::milliseconds kUnhurried{400};

}  // namespace

base::Result<SharedPages::Text> SharedPages::get(const std::string& page, TimePoint arrived,
                                                 TimePoint until, const Make& make) {
  {
    const std::lock_guard lock(mutex_);
    const auto last = pages_.find(page);
    if (last != pages_.end() && last->second.begun > arrived) return last->second.text;
  }
  const auto begun = std::chrono::steady_clock::now();
  auto made = make();
  if (!made) return base::pass_on(made);
  auto text = std::make_shared<const std::string>(std::move(*made));
  if (until - begun >= kUnhurried) keep(page, {begun, text});
  return text;
}

void SharedPages::keep(const std::string& name, Page page) {
  const std::lock_guard lock(mutex_);
  const auto last = pages_.find(name);
  if (last != pages_.end()) {
    if (last->second.begun < page.begun) last->second = std::move(page);
    return;
  }
  if (pages_.size() >= kMaxPages) {
    pages_.erase(std::min_element(pages_.begin(), pages_.end(), [](const auto& a, const auto& b) {
      return a.second.begun < b.second.begun;
    }));
  }
  pages_.emplace(name, std::move(page));
}

}  // namespace http
