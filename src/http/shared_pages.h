// One page for all who asked before it was begun.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"

namespace http {

// Keeps the last text of each page. To a request that arrived before that was begun it is as fresh
// as one of its own, so a crowd that asks at once costs a few looks at the targets, and whoever
// scrapes beside it does not wait for all of them. Any thread.
class SharedPages {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Text = std::shared_ptr<const std::string>;
  using Make = std::function<base::Result<std::string>()>;

  // Past it the page that was begun first is forgotten.
  static constexpr std::size_t kMaxPages = 16;

  // What of `page` was begun after `arrived`, or what `make` gives, which is called outside any
  // lock and has time until `until`. A failure is told to this caller alone, and so is what was
  // made in a hurry: it may lack what others have time to wait for.
  base::Result<Text> get(const std::string& page, TimePoint arrived, TimePoint until,
                         const Make& make);

 private:
  struct Page {
    TimePoint begun;
    Text text;
  };

  void keep(const std::string& name, Page page);

  std::mutex mutex_;
  std::map<std::string, Page> pages_;
};

}  // namespace http
