#include "layout/vain_looks.h"

namespace layout {
namespace {

constexpr std::size_t kMaxLooks = 1'000;
constexpr std::chrono::minutes kForget{10};

}  // namespace

std::optional<std::string> VainLooks::find(const std::string& content_hash) const {
  const std::lock_guard lock(mutex_);
  const auto known = looks_.find(content_hash);
  if (known == looks_.end()) return std::nullopt;
  if (std::chrono::steady_clock::now() >= known->second.until) return std::nullopt;
  return known->second.message;
}

void VainLooks::remember(const std::string& content_hash, const std::string& message) {
  const std::lock_guard lock(mutex_);
  if (looks_.size() >= kMaxLooks) looks_.clear();
  looks_[content_hash] = {message, std::chrono::steady_clock::now() + kForget};
}

}  // namespace layout
