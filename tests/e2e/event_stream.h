// Reads server-sent events as a browser does.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "raw_client.h"
#include "support/deadline.h"

namespace e2e {

struct SentEvent {
  std::string name;
  std::string id;
  nlohmann::json data;
};

// An open /debug/events. It asks in HTTP/1.0, so that the stream comes without chunks.
class EventStream {
 public:
  explicit EventStream(std::uint16_t port, const std::string& query = "",
                       const std::string& fields = "")
      : client_(port) {
    client_.send("GET /debug/events" + query + " HTTP/1.0\r\nHost: localhost\r\n" + fields +
                 "\r\n");
  }

  // The next event; none: the stream has ended, or the deadline is over.
  std::optional<SentEvent> next(test::Deadline deadline = test::soon()) {
    while (true) {
      if (const std::size_t end = text_.find("\n\n"); is_begun_ && end != std::string::npos) {
        const std::string block = text_.substr(0, end + 1);
        text_.erase(0, end + 2);
        if (auto event = parse(block)) return event;
        continue;
      }
      if (std::chrono::steady_clock::now() > deadline) return std::nullopt;
      const std::string some = client_.receive_some();
      if (some.empty()) return std::nullopt;
      text_ += some;
      if (const std::size_t head = text_.find("\r\n\r\n");
          !is_begun_ && head != std::string::npos) {
        head_ = text_.substr(0, head + 2);
        text_.erase(0, head + 4);
        is_begun_ = true;
      }
    }
  }
  // The next one of that name.
  std::optional<SentEvent> next_of(const std::string& name,
                                   test::Deadline deadline = test::soon()) {
    while (auto event = next(deadline)) {
      if (event->name == name) return event;
    }
    ADD_FAILURE() << "no event \"" << name << "\" came";
    return std::nullopt;
  }

  const std::string& head() const { return head_; }
  void reset() { client_.reset(); }

 private:
  // None: a comment, or a time to come again.
  static std::optional<SentEvent> parse(const std::string& block) {
    SentEvent event;
    std::string data;
    for (std::size_t at = 0; at < block.size();) {
      const std::size_t end = block.find('\n', at);
      const std::string line = block.substr(at, end - at);
      at = end + 1;
      if (line.starts_with("event: ")) event.name = line.substr(7);
      if (line.starts_with("id: ")) event.id = line.substr(4);
      if (line.starts_with("data: ")) data = line.substr(6);
    }
    if (event.name.empty()) return std::nullopt;
    event.data = nlohmann::json::parse(data);
    return event;
  }

  RawClient client_;
  std::string head_;
  std::string text_;
  bool is_begun_ = false;
};

}  // namespace e2e
