// Messages between us and the confined process that unwinds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "confined/task.h"

namespace profile {

// Puts a message together. Both ends are this program on this machine, so numbers are written as
// they are.
class WireWriter {
 public:
  void put(std::uint64_t number) { append(&number, sizeof(number)); }
  void put_bytes(std::span<const std::byte> bytes) {
    put(bytes.size());
    append(bytes.data(), bytes.size());
  }
  void put_text(std::string_view text) { put_bytes(std::as_bytes(std::span(text))); }
  const std::vector<std::byte>& bytes() const { return bytes_; }

 private:
  void append(const void* data, std::size_t size) {
    const auto* const begin = static_cast<const std::byte*>(data);
    bytes_.insert(bytes_.end(), begin, begin + size);
  }

  std::vector<std::byte> bytes_;
};

// Takes one apart. The other end may have been made to write anything: what is not there is none,
// and from then on everything is.
class WireReader {
 public:
  explicit WireReader(std::span<const std::byte> bytes) : rest_(bytes) {}

  std::optional<std::uint64_t> take();
  std::optional<std::span<const std::byte>> take_bytes();
  std::optional<std::string> take_text(std::size_t max_bytes);
  // How many of something follow, each of at least `least_bytes`: no more than there can be.
  std::optional<std::size_t> take_count(std::size_t least_bytes);
  bool is_at_end() const { return rest_.empty(); }

 private:
  std::span<const std::byte> rest_;
};

inline constexpr std::size_t kMaxMessageBytes = 64 * 1024 * 1024;

// Writes a message with its length before it. Fails past the limit, and where nobody reads it in
// time.
base::Result<void> send_message(int fd, std::span<const std::byte> message,
                                const confined::Patience& patience);

// Reads a whole message. Fails at the end of the other side, past the limit, and where none comes
// in time.
base::Result<std::vector<std::byte>> receive_message(int fd, const confined::Patience& patience);

// The same for the confined process, which waits for as long as it takes. None: the other end has
// gone.
std::optional<std::vector<std::byte>> receive_message_blocking(int fd);
bool send_message_blocking(int fd, std::span<const std::byte> message);

}  // namespace profile
