#include "command/top_feed.h"

#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <utility>

#include "base/result.h"

namespace command {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kInterval{1};
constexpr std::size_t kMaxEventBytes = std::size_t{8} << 20;
// Of the events, at one asking; what is more comes with the next.
constexpr int kMaxPages = 20;

std::string events_path(const std::string& metrics_path) {
  return metrics_path.substr(0, metrics_path.rfind('/')) + "/debug/gc-events";
}

}  // namespace

TopSource::TopSource(const http::Url& metrics)
    : metrics_path_(metrics.path),
      events_path_(events_path(metrics.path)),
      metrics_(metrics),
      events_(metrics, {.body_bytes = kMaxEventBytes}) {}

void TopSource::ask() {
  take_sample();
  if (fed_.trouble.empty()) take_pauses();
}

void TopSource::stop() {
  metrics_.stop();
  events_.stop();
}

void TopSource::take_sample() {
  const auto begun = Clock::now();
  const auto text = metrics_.get(metrics_path_);
  const auto taken = begun + (Clock::now() - begun) / 2;
  auto sample = text ? terminal::read_sample(*text, taken) : base::pass_on(text);
  if (!sample) {
    fed_.trouble =
        text ? "read " + metrics_path_ + ": " + sample.error().message : sample.error().message;
    fed_.before.reset();
    return;
  }
  const bool goes_on =
      fed_.trouble.empty() && fed_.now && fed_.now->exporter_start == sample->exporter_start;
  fed_.before = goes_on ? std::move(fed_.now) : std::nullopt;
  fed_.now = std::move(*sample);
  fed_.trouble.clear();
}

void TopSource::take_pauses() {
  fed_.no_pauses.clear();
  for (int page = 0; page < kMaxPages; ++page) {
    const auto text = events_.get(events_path_ + log_.query());
    const auto has_more = text ? log_.take(*text) : base::pass_on(text);
    if (!has_more) {
      fed_.no_pauses = has_more.error().cause == base::Cause::kGone
                           ? "this exporter tells of no single pauses"
                           : has_more.error().message;
      return;
    }
    if (!*has_more) break;
  }
  fed_.pauses = log_.pauses();
}

TopFeed::TopFeed(const http::Url& metrics)
    : source_(metrics),
      news_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this] { run(); }) {}

TopFeed::~TopFeed() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  source_.stop();
  thread_.join();
}

Fed TopFeed::take() {
  std::uint64_t news = 0;
  (void)!::read(news_.get(), &news, sizeof(news));
  const std::lock_guard lock(mutex_);
  return fed_;
}

void TopFeed::run() {
  auto next = Clock::now();
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    source_.ask();
    lock.lock();
    fed_ = source_.fed();
    const std::uint64_t news = 1;
    (void)!::write(news_.get(), &news, sizeof(news));
    // Who took longer than the interval is not asked twice at once.
    next = std::max(next + kInterval, Clock::now());
    wake_.wait_until(lock, next, [this] { return stopping_; });
  }
}

}  // namespace command
