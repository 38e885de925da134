// Asks an exporter for what `top` shows.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/unique_fd.h"
#include "http/client.h"
#include "terminal/pauses.h"
#include "terminal/sample.h"

namespace command {

// What is known; copied from one thread to the other.
struct Fed {
  std::optional<terminal::Sample> before;  // of the same exporter, and nothing was missed between
  std::optional<terminal::Sample> now;
  std::deque<terminal::Pause> pauses;
  std::string no_pauses;  // as in terminal::PageInput
  std::string trouble;    // why the last asking failed
};

// For one thread, except stop().
class TopSource {
 public:
  // Where the metrics are; the events are looked for beside them.
  explicit TopSource(const http::Url& metrics);

  // Asks once. What was known stays where nobody answers.
  void ask();
  const Fed& fed() const { return fed_; }

  // Ends what ask() waits for; any thread.
  void stop();

 private:
  void take_sample();
  void take_pauses();

  const std::string metrics_path_;
  const std::string events_path_;
  http::Client metrics_;
  http::Client events_;
  terminal::PauseLog log_;
  Fed fed_;
};

// A thread that asks each second, so that keys are never waited for.
class TopFeed {
 public:
  explicit TopFeed(const http::Url& metrics);
  ~TopFeed();
  TopFeed(const TopFeed&) = delete;
  TopFeed& operator=(const TopFeed&) = delete;

  // Readable when there is something new.
  int fd() const { return news_.get(); }
  // What is known now; fd() is quiet after that.
  Fed take();

 private:
  void run();

  TopSource source_;
  base::UniqueFd news_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // with the mutex
  Fed fed_;                // with the mutex
  std::thread thread_;     // last: it uses the rest
};

}  // namespace command
