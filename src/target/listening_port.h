// The port that a server is known by.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace target {

// Ports by the inode of the socket that listens on them, by the text of /proc/PID/net/tcp or tcp6.
// Of a text that is cut, the whole lines: the kernel tells the sockets that listen first.
std::unordered_map<std::uint64_t, std::uint16_t> parse_listening_sockets(std::string_view text);

// The lowest TCP port that the process listens on, of both kinds of addresses. None where it
// listens on none, or its descriptors can't be seen.
std::optional<std::uint16_t> read_listening_port(const std::string& proc_root, int pid);

// Whether the kernel gives this port to who asks for any (ip_local_port_range): such a one says
// nothing about who has it.
bool is_given_out_by_the_kernel(const std::string& proc_root, std::uint16_t port);

}  // namespace target
