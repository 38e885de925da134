#include "http/shared_scrapes.h"

#include <cstddef>
#include <utility>

namespace http {
namespace {

// Well above what is waited for one target's memory (watch/collection.cpp).
constexpr std::chrono::milliseconds kUnhurried{400};

}  // namespace

base::Result<SharedScrapes::Text> SharedScrapes::get(MetricsFormat format, TimePoint arrived,
                                                     TimePoint until, const Make& make) {
  Scrape& last = last_.at(static_cast<std::size_t>(format));
  {
    const std::lock_guard lock(mutex_);
    if (last.text && last.begun > arrived) return last.text;
  }
  const auto begun = std::chrono::steady_clock::now();
  auto made = make();
  if (!made) return base::pass_on(made);
  auto text = std::make_shared<const std::string>(std::move(*made));
  if (until - begun < kUnhurried) return text;
  const std::lock_guard lock(mutex_);
  if (!last.text || last.begun < begun) last = {begun, text};
  return text;
}

}  // namespace http
