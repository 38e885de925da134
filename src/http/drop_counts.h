// Connections that were closed on their clients.
#pragma once

#include <atomic>
#include <cstdint>

namespace http {

// By the limit that was reached. Any thread.
struct DropCounts {
  std::atomic<std::uint64_t> connections{0};  // too many were open
  std::atomic<std::uint64_t> descriptors{0};  // this process had none left
  std::atomic<std::uint64_t> memory{0};       // too much was waiting to be read
  std::atomic<std::uint64_t> slow_reads{0};   // the client took too long to read its answer
  std::atomic<std::uint64_t> slow_heads{0};   // the client took too long to send its request's head

  // TLS handshakes that came to nothing.
  std::atomic<std::uint64_t> slow_handshakes{0};       // the client took too long
  std::atomic<std::uint64_t> refused_certificates{0};  // its certificate is not let in
  std::atomic<std::uint64_t> failed_handshakes{0};     // nothing in common, or no TLS at all
};

}  // namespace http
