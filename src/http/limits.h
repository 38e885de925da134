// What clients may take.
#pragma once

#include <chrono>
#include <cstddef>

namespace http {

struct Limits {
  std::size_t workers = 16;       // requests that are computed at the same time
  std::size_t connections = 256;  // open ones; past it one that waits for its client is closed
  // Silence between two requests: above the usual scrape intervals of 15 to 60 s, so that
  // Prometheus keeps its connection.
  std::chrono::milliseconds idle{75'000};
  // From the connect to the first byte, and from a request's first byte to the end of its head.
  std::chrono::milliseconds request{10'000};
  // How long a client may take nothing of its answer, or as long as its scrape may take if that is
  // more: an hour at most, and as long as there is memory.
  std::chrono::milliseconds unread{10'000};
  // Past that time an answer must have moved this fast on the whole: a byte now and then is not
  // reading.
  std::size_t min_bytes_per_s = 4 * 1024;
  // How long a client may go on to send after its last answer. Closing before it has ended would
  // reset the connection, and with it what is still on its way.
  std::chrono::milliseconds lingering{5'000};
  std::size_t lingering_bytes = 16 * 1024 * 1024;
  // Of answers and streams that clients have not taken yet, all together.
  std::size_t output_bytes = 32 * 1024 * 1024;
};

}  // namespace http
