#include "target/listening_port.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <sstream>
#include <system_error>

#include "target/proc_text.h"

namespace target {
namespace {

// Some 7,000 sockets. Those that listen come first.
constexpr std::size_t kMaxTableBytes = 1024 * 1024;
constexpr std::size_t kMaxDescriptors = 100'000;  // to look through
constexpr std::string_view kListens = "0A";       // TCP_LISTEN

// The next word of a line; empty at its end.
std::string_view take_word(std::string_view& line) {
  const std::size_t begin = std::min(line.find_first_not_of(' '), line.size());
  line.remove_prefix(begin);
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(word.size());
  return word;
}

template <typename Number>
std::optional<Number> parse_digits(std::string_view text, int base) {
  Number number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number, base);
  if (error != std::errc{} || rest != end) return std::nullopt;
  return number;
}

struct Socket {
  std::uint64_t inode = 0;
  std::uint16_t port = 0;
};

// "sl local_address rem_address st tx:rx tr:tm retrnsmt uid timeout inode ...".
std::optional<Socket> parse_listening(std::string_view line) {
  constexpr std::size_t kInode = 9;
  std::array<std::string_view, kInode + 1> words;
  for (std::string_view& word : words) word = take_word(line);
  if (words[3] != kListens) return std::nullopt;
  const std::size_t colon = words[1].find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = parse_digits<std::uint16_t>(words[1].substr(colon + 1), 16);
  const auto inode = parse_digits<std::uint64_t>(words[kInode], 10);
  if (!port || !inode || *port == 0 || *inode == 0) return std::nullopt;
  return Socket{*inode, *port};
}

// "socket:[4711]".
std::optional<std::uint64_t> parse_socket_link(std::string_view link) {
  constexpr std::string_view kBegin = "socket:[";
  if (!link.starts_with(kBegin) || !link.ends_with(']')) return std::nullopt;
  return parse_digits<std::uint64_t>(link.substr(kBegin.size(), link.size() - kBegin.size() - 1),
                                     10);
}

}  // namespace

std::unordered_map<std::uint64_t, std::uint16_t> parse_listening_sockets(std::string_view text) {
  std::unordered_map<std::uint64_t, std::uint16_t> sockets;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    if (const auto socket = parse_listening(text.substr(0, end))) {
      sockets.emplace(socket->inode, socket->port);
    }
    text.remove_prefix(end + 1);
  }
  return sockets;
}

std::optional<std::uint16_t> read_listening_port(const std::string& proc_root, int pid) {
  const std::string directory = fmt::format("{}/{}", proc_root, pid);
  std::unordered_map<std::uint64_t, std::uint16_t> sockets;
  for (const char* table : {"/net/tcp", "/net/tcp6"}) {
    const auto text = read_beginning(directory + table, kMaxTableBytes);
    if (text) sockets.merge(parse_listening_sockets(*text));
  }
  if (sockets.empty()) return std::nullopt;
  std::optional<std::uint16_t> lowest;
  std::size_t looked_at = 0;
  std::error_code error;
  namespace fs = std::filesystem;
  for (fs::directory_iterator entry(directory + "/fd", error);
       !error && entry != fs::directory_iterator() && ++looked_at <= kMaxDescriptors;
       entry.increment(error)) {
    std::array<char, 64> link;
    const ssize_t size = ::readlink(entry->path().c_str(), link.data(), link.size());
    if (size <= 0) continue;
    const auto inode = parse_socket_link({link.data(), static_cast<std::size_t>(size)});
    if (!inode) continue;
    const auto socket = sockets.find(*inode);
    if (socket != sockets.end()) lowest = std::min(lowest.value_or(0xFFFF), socket->second);
  }
  return lowest;
}

bool is_given_out_by_the_kernel(const std::string& proc_root, std::uint16_t port) {
  unsigned first = 32'768;
  unsigned last = 60'999;
  const auto text = read_proc_text(proc_root + "/sys/net/ipv4/ip_local_port_range", 4096);
  if (text) {
    std::istringstream words(*text);
    unsigned told_first = 0;
    unsigned told_last = 0;
    if (words >> told_first >> told_last) {
      first = told_first;
      last = told_last;
    }
  }
  return port >= first && port <= last;
}

}  // namespace target
