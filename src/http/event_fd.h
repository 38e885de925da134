// Wakes a thread that polls.
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"

namespace http {

// An eventfd: readable from signal() to clear(). Any thread may call either.
class EventFd {
 public:
  static base::Result<EventFd> create();

  void signal();
  void clear();
  int fd() const { return fd_.get(); }

 private:
  explicit EventFd(base::UniqueFd fd) : fd_(std::move(fd)) {}

  base::UniqueFd fd_;
};

}  // namespace http
