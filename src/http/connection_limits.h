// What clients may take.
#pragma once

#include <chrono>
#include <cstddef>

namespace http {

struct ConnectionLimits {
  std::size_t workers = 16;       // requests that are answered at the same time
  std::size_t connections = 256;  // open ones; past it the one that waited longest is closed
  // Silence between two requests: above the usual scrape intervals of 15 to 60 s, so that
  // Prometheus keeps its connection.
  std::chrono::milliseconds idle{75'000};
  // From the connect to the first byte, and from a request's first byte to the end of its head.
  std::chrono::milliseconds request{10'000};
  // For writing the whole answer, not for each write: a client that reads a byte now and then must
  // not hold a worker.
  std::chrono::milliseconds answer{5'000};
};

}  // namespace http
