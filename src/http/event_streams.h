// Who follows the timeline live: answers that last for as long as their readers stay.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "http/exchange.h"
#include "http/sources.h"
#include "http/stream.h"
#include "model/snapshot.h"

namespace http {

// Sends each follower the events from where it stands, as fast as it reads them, and snapshots
// between them. A follower costs no thread: what it has not read yet waits in the window of the
// timeline, and a bounded rest in its stream. Any thread may call any function, and none waits for
// a reader.
class EventStreams {
 public:
  static constexpr std::size_t kMaxFollowers = 64;

  explicit EventStreams(EventsSource events) : events_(std::move(events)) {}
  EventStreams(const EventStreams&) = delete;
  EventStreams& operator=(const EventStreams&) = delete;

  // /debug/events?since=EPOCH-SEQ&process=NAME; a Last-Event-ID goes before `since`. Where all
  // places are taken, the answer says so as an event: a browser gives up for ever on a 503, which
  // only `?strict=1` gets.
  void answer(const Request& request, Response& response);

  // There are, or may be, new events.
  void tell_events();
  // A follower that lags behind goes without: the next one says it all again.
  void tell_snapshot(std::shared_ptr<const model::Snapshot> snapshot);
  // Says goodbye to all, for good.
  void end();

  std::size_t followers() const;

 private:
  struct Follower {
    std::shared_ptr<Stream> stream;
    std::uint64_t next = 0;  // the sequence that it has not been told
    std::optional<std::string> process;
  };
  // Events from a sequence on, as text.
  struct Batch {
    std::uint64_t from = 0;
    std::optional<std::string> process;
    std::string text;
    std::uint64_t next = 0;
    bool is_last = false;
  };

  void drop_gone();
  void tell(Follower& follower, std::vector<Batch>& batches) const;
  const Batch& batch_of(const Follower& follower, std::vector<Batch>& batches) const;

  const EventsSource events_;
  mutable std::mutex mutex_;  // over everything below; held while text is made, never for a reader
  std::vector<Follower> followers_;
  std::shared_ptr<const model::Snapshot> last_;
  bool is_ended_ = false;
};

}  // namespace http
